// Sinks from their definitions. To add one: its file, one case here, its section in docs/running.md.
import type { Plan } from "../core/plan/plan.ts";
import { ReplayLines } from "../encoders/replay-line.ts";
import type { SinkDefinition } from "../language/index.ts";
import { LineSink } from "./file.ts";
import { KafkaSink } from "./kafka.ts";
import type { LineChannels } from "./line-channel.ts";
import { MqttSink } from "./mqtt.ts";
import type { Sink } from "./sink.ts";

/**
 * The sinks of a pipeline. `clientId` names the pipeline to brokers; `channels` are those of the gateway. Two
 * sinks of one kind and place are told apart by a number: in logs, metrics, saved state, and as clients, since two
 * clients of one name would throw each other out.
 */
export function createSinks(
  plan: Plan,
  definitions: SinkDefinition[],
  clientId: string,
  channels: LineChannels,
): Sink[] {
  const names = new Map<string, number>();
  return definitions.map((definition, index) => {
    const sink = createSink(plan, definition, index === 0 ? clientId : `${clientId}-${index}`, channels);
    const count = (names.get(sink.name) ?? 0) + 1;
    names.set(sink.name, count);
    if (count > 1) sink.name += ` (${count})`;
    return sink;
  });
}

function createSink(plan: Plan, definition: SinkDefinition, clientId: string, channels: LineChannels): Sink {
  switch (definition.kind) {
    case "stdout":
      return LineSink.stdout(new ReplayLines(plan), channels);
    case "file":
      return LineSink.file(definition, new ReplayLines(plan), channels);
    case "mqtt":
      return new MqttSink(plan, definition, clientId);
    case "kafka":
      return new KafkaSink(plan, definition, clientId);
  }
}
