// Loads the kernel that this machine can run: SIMD first, plain where the engine knows no SIMD.
import { readFile } from "node:fs/promises";
import { MillraceError } from "../core/errors.ts";

/** The checkout, or the root of the installed package; and its build products. */
export const packageRoot = new URL(import.meta.url.endsWith(".ts") ? "../../" : "../../../", import.meta.url);
export const buildFolder = new URL("build/", packageRoot);

/** The compiled kernel, and its bytes (the live page gets the same ones). Throws MR904 when it is not built. */
export async function loadKernel(): Promise<{ module: WebAssembly.Module; bytes: Uint8Array<ArrayBuffer> }> {
  for (const name of ["kernel-simd.wasm", "kernel.wasm"]) {
    const bytes = await readFile(new URL(name, buildFolder)).catch((cause: unknown) => {
      throw new MillraceError("MR904", `the kernel ${name} is not built: run \`npm run build\``, { cause });
    });
    const plain = new Uint8Array(bytes);
    if (WebAssembly.validate(plain)) return { module: await WebAssembly.compile(plain), bytes: plain };
  }
  throw new MillraceError(
    "MR904",
    "this Node runs neither build of the kernel: millrace needs Node 22.18 or newer",
  );
}
