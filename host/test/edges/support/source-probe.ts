// A source in the test's own process, with an engine behind it that keeps every record: what arrives, in which order.
import { ReferenceEngine } from "../../../core/reference/engine.ts";
import { type MqttConnection, readDefinition } from "../../../language/index.ts";
import { MqttSource } from "../../../sources/mqtt.ts";
import type { SourceStatus } from "../../../sources/source.ts";
import { until } from "../../services/ports.ts";

/** The connection of a source whose records are `{"n": …}` on `test/{device}`, with more keys as YAML lines. */
export function connectionOf(
  url: string,
  keys: string[] = [],
): { connection: MqttConnection; engine: ReferenceEngine } {
  const text = `
version: 1
sources:
  s:
    mqtt: ${url}
    topic: test/{device}
    format: json
    time: arrival
${keys.map((key) => `    ${key}\n`).join("")}pipelines:
  p:
    sql: SELECT device, n FROM s WHERE n >= 0
`;
  const { definition, problems } = readDefinition(text, {
    fileName: "/test.yaml",
    env: {},
    requireEnv: false,
  });
  if (definition === null) throw new Error(problems.map((problem) => problem.message).join("\n"));
  return {
    connection: definition.sources[0]!.connection as MqttConnection,
    engine: new ReferenceEngine(definition.plans[0]!),
  };
}

export class SourceProbe {
  readonly source: MqttSource;
  readonly statuses: SourceStatus[] = [];
  readonly versions: number[] = [];
  /** `device:n` of each record, in order. */
  readonly records: string[] = [];
  error: Error | null = null;
  private readonly engine: ReferenceEngine;

  constructor(url: string, clientId: string, keys: string[] = []) {
    const { connection, engine } = connectionOf(url, keys);
    this.engine = engine;
    this.engine.tick(1n);
    this.source = new MqttSource(connection, clientId, {
      onChunk: (chunk) => {
        for (const output of engine.push(chunk)) this.records.push(output.values.join(":"));
      },
      onConnection: (version) => {
        this.versions.push(version);
        engine.endOfFile();
        engine.setMqttVersion(version);
      },
      onHeader: () => {},
      onStatus: (status) => this.statuses.push(status),
      onEnd: (error) => {
        this.error = error;
      },
    });
    this.source.start();
  }

  get status(): SourceStatus | undefined {
    return this.statuses.at(-1);
  }

  async connected(times = 1): Promise<void> {
    await until(`connection ${times}: ${JSON.stringify(this.statuses)}`, () => {
      if (this.error) throw this.error;
      return this.statuses.filter((status) => status.state === "connected").length >= times;
    });
  }

  /** Resolves with the detail of a status `away` that matches. */
  away(pattern: RegExp): Promise<string> {
    return until(
      `away ${pattern}`,
      () => this.statuses.find(({ state, detail }) => state === "away" && pattern.test(detail))?.detail,
    );
  }

  async received(count: number): Promise<void> {
    await until(`${count} records, there are ${this.records.length}`, () => this.records.length >= count);
  }

  refused(): number {
    return Object.values(this.engine.counters().refused).reduce((sum, count) => sum + count, 0);
  }
}

/** `[from, to)` as the records `d0:from` … of one device. */
export function numbered(from: number, to: number, device = "d0"): string[] {
  return Array.from({ length: to - from }, (_, index) => `${device}:${from + index}`);
}
