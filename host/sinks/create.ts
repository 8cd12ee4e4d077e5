// A sink from its definition. To add one: its file, one case here, its section in docs/running.md.
import type { Plan } from "../core/plan.ts";
import { ReplayLines } from "../encoders/replay-line.ts";
import type { SinkDefinition } from "../language/index.ts";
import { LineSink } from "./file.ts";
import { KafkaSink } from "./kafka.ts";
import { MqttSink } from "./mqtt.ts";
import type { Sink } from "./sink.ts";

/** `clientId` names the gateway to brokers; `stdout` is where the stdout sink writes. */
export function createSink(plan: Plan, definition: SinkDefinition, clientId: string, stdout: NodeJS.WritableStream): Sink {
  switch (definition.kind) {
    case "stdout":
      return LineSink.stdout(stdout, new ReplayLines(plan));
    case "file":
      return LineSink.file(definition, new ReplayLines(plan));
    case "mqtt":
      return new MqttSink(plan, definition, clientId);
    case "kafka":
      return new KafkaSink(plan, definition, clientId);
  }
}
