// mqtt.js alone: takes messages and does nothing with them. Argument: broker's URL.
import mqtt from "mqtt";

let bytes = 0;
const client = mqtt.connect(process.argv[2]!, { protocolVersion: 5 });
client.on("message", (_, payload) => (bytes += payload.length));
client.on("connect", () =>
  client.subscribe("plant/+/reading", { qos: 0 }, () => process.stdout.write("ready\n")),
);
process.on("SIGTERM", () => process.exit(bytes > 0 ? 0 : 1));
