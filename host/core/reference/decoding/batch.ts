// A message of columns, obviously: finds each column's array, checks that they are of one length, and makes a record
// of each place in them. Imports record, instant.
import type { Plan } from "../../plan/plan.ts";
import type { Decoded } from "./decode.ts";
import type { Time } from "./instant.ts";
import { timeOfInteger } from "./instant.ts";
import type { Found } from "./record.ts";
import { toRecord, toTime } from "./record.ts";

/** A member of the message: one value a record, or one for every record. */
export type Member = { items: Found[] } | { every: Found };

/** The records of one message; `find` gives what is at a path, undefined when nothing is. */
export function batchRecords(
  plan: Plan,
  topicValues: Map<number, string>,
  find: (path: string[]) => Member | undefined,
): Decoded[] {
  const { source } = plan;
  const members = new Map<string, Member>();
  for (const { name, path, otherPaths, from } of source.columns) {
    if (from === "topic" || from === "context") continue;
    const member = [path, ...(otherPaths ?? [])].map(find).find((found) => found !== undefined);
    if (member !== undefined) members.set(name, member);
  }
  const times = members.get(source.columns[source.time.column]!.name);
  if (times === undefined || ("every" in times && times.every.kind === "null"))
    return [{ refused: "no_time" }];
  const count = "every" in times ? 1 : times.items.length;
  const lengths = [...members.values()].flatMap((member) => ("items" in member ? [member.items.length] : []));
  if (count === 0 || lengths.some((length) => length !== count)) return [{ refused: "decode" }];
  const epoch = epochOf(plan, find);
  if (epoch.kind === "unreadable") return [{ refused: "time_format" }];
  if (epoch.kind === "range") return [{ refused: "time_range" }];
  return Array.from({ length: count }, (_, index) => {
    const record = toRecord(plan, topicValues, ({ name }) => {
      const member = members.get(name);
      return member === undefined ? undefined : "every" in member ? member.every : member.items[index];
    });
    return epoch.kind === "good" ? { ...record, time: later(record.time, epoch.ns) } : record;
  });
}

function epochOf({ source }: Plan, find: (path: string[]) => Member | undefined): Time {
  const path = source.batch?.epoch ?? null;
  const member = path === null ? undefined : find(path);
  if (member === undefined) return { kind: "absent" };
  return "every" in member ? toTime(source, member.every) : { kind: "unreadable" };
}

function later(time: Time, ns: bigint): Time {
  return time.kind === "good" ? timeOfInteger(time.ns + ns, "ns") : time;
}
