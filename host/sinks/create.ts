// A sink from its definition. To add one: its file, one case here, its section in docs/running.md.
import type { Plan } from "../core/plan.ts";
import { ReplayLines } from "../encoders/replay-line.ts";
import type { SinkDefinition } from "../language/index.ts";
import { StreamSink } from "./file.ts";
import { KafkaSink } from "./kafka.ts";
import { MqttSink } from "./mqtt.ts";
import type { Sink } from "./sink.ts";

/** `clientId` names the gateway to brokers; `stdout` is where the stdout sink writes. */
export function createSink(plan: Plan, definition: SinkDefinition, clientId: string, stdout: NodeJS.WritableStream): Sink {
  const lines = new ReplayLines(plan);
  switch (definition.kind) {
    case "stdout":
      return StreamSink.stdout(stdout, lines);
    case "file":
      return StreamSink.file(definition.path, lines);
    case "mqtt":
      return new MqttSink(lines, definition, clientId);
    case "kafka":
      return new KafkaSink(plan, definition, clientId);
  }
}
