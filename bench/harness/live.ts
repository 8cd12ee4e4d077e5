// A live run around a program under test: the simulator as a process of its own, and a witness that reads the same
// messages from the broker and computes what has to come out.
import type { Output } from "../../host/core/engine.ts";
import { createKernelEngine } from "../../host/core/kernel/kernel-engine.ts";
import { MqttSource } from "../../host/sources/mqtt.ts";
import { Child } from "../../host/test/services/child.ts";
import { until } from "../../host/test/services/ports.ts";
import type { SimReport } from "../../sensors-sim/report.ts";
import { readDefinition } from "../../host/language/index.ts";
import { rowsOfOutputs, type WindowRow } from "../workload/rows.ts";
import { KERNELS } from "./kernels.ts";
import { millraceInstalled, runNode } from "./process.ts";

/** Subscribes to a definition's source and keeps every result. */
export class Witness {
  private readonly source: MqttSource;
  private readonly engine;
  private readonly outputs: Output[] = [];
  private connected = false;

  constructor(definition: string, clientId: string) {
    const read = readDefinition(definition, {
      fileName: "/bench.yaml",
      env: {},
      requireEnv: false,
    }).definition!;
    const connection = read.sources[0]!.connection;
    if (connection.kind !== "mqtt") throw new Error("the witness reads from a broker");
    const engine = createKernelEngine(read.plans[0]!, KERNELS[0]!.module);
    this.engine = engine;
    this.source = new MqttSource(connection, clientId, {
      onChunk: (chunk) => {
        for (const output of engine.push(chunk)) this.outputs.push(output);
      },
      onConnection: (version) => engine.setMqttVersion(version),
      onHeader: () => {},
      onStatus: ({ state }) => (this.connected = state === "connected"),
      onEnd: () => {},
    });
    this.source.start();
  }

  async ready(): Promise<void> {
    await until("the witness to be subscribed", () => this.connected);
  }

  get received(): number {
    return this.engine.counters().received;
  }

  get keys(): number {
    return this.engine.counters().keys;
  }

  get results(): number {
    return this.outputs.length;
  }

  rows(): WindowRow[] {
    return rowsOfOutputs(this.outputs);
  }

  async stop(): Promise<void> {
    await this.source.stop();
  }
}

/** Starts a program that runs until it is stopped, and resolves once it says that it is ready. */
export async function startGateway(args: string[]): Promise<Child> {
  const child = new Child(process.execPath, args);
  await until(
    `${args[0]} to be ready`,
    async () => {
      if (child.over) return true;
      const address = /http:\/\/[\d.:]+/.exec(child.output);
      return address ? (await fetch(`${address[0]}/ready`)).status === 200 : child.output.includes("ready");
    },
    60_000,
  );
  if (child.over) throw new Error(`${args[0]} ended: ${child.output}`);
  return child;
}

export interface SimOptions {
  url: string;
  devices: number;
  rateHz: number;
  seconds: number;
}

/** Runs the simulator over its whole time. */
export async function simulate({ url, devices, rateHz, seconds }: SimOptions): Promise<SimReport> {
  const options = {
    url,
    topic: "plant/{device}/reading",
    sites: "1",
    devices: `${devices}`,
    rate: `${rateHz}`,
    seconds: `${seconds}`,
  };
  const signals = ["v=sine:mean=25,amplitude=5,period=60,noise=0.5", "w=walk:start=50,step=0.1"];
  const args = [
    ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]),
    ...signals.flatMap((signal) => ["--signal", signal]),
  ];
  const { stdout } = await runNode([millraceInstalled, "sim", "--json", ...args]);
  return JSON.parse(stdout) as SimReport;
}
