// The order of test files: the long ones first, so that no worker is left alone with one of them at the end. vitest goes
// by how long they took the last time; this is for the first time, when it knows nothing. Imports vitest.
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** About 30 s and more of one core, or of waiting for services. */
const LONG = [
  "ship/image.test",
  "properties.test",
  "page/demo.test",
  "edges/recording.test",
  "golden.test",
  "edges/kafka-away.test",
  "edges/kafka-sink.test",
  "edges/run.test",
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const known = files.some((file) => this.ctx.cache.getTestSpecificationResult(file) !== undefined);
    const sorted = await super.sort(files);
    if (known) return sorted;
    const rank = ({ moduleId }: TestSpecification): number => {
      const place = LONG.findIndex((name) => moduleId.includes(`/${name}`));
      return place < 0 ? LONG.length : place;
    };
    return sorted.toSorted((a, b) => rank(a) - rank(b));
  }
}
