// A lock on the folder of saved state, or of recordings: two gateways in one would spoil each other's files. SQLite, which Node brings,
// holds a lock of the file system on a file that stays empty; the system lets go of it when the process ends, however
// it ends, so nothing stale is left to be cleared away. Imports core.
import { join } from "node:path";
import { MillraceError } from "../core/errors.ts";

const NAME = "gateway.lock";
/** SQLite's result code for a file that somebody else has locked. */
const SQLITE_BUSY = 5;

export interface FolderLock {
  release(): void;
}

/**
 * Takes the lock of a folder that can be written to. Throws MR505 when a running gateway has it; where the file system
 * knows no locks, `log` is told and there is none.
 */
export async function lockFolder(folder: string, log: (text: string) => void): Promise<FolderLock> {
  try {
    const { DatabaseSync } = await import("node:sqlite");
    const file = new DatabaseSync(join(folder, NAME), { timeout: 0 });
    try {
      file.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    } catch (error) {
      file.close();
      throw error;
    }
    return { release: () => file.close() };
  } catch (cause) {
    if ((cause as { errcode?: number }).errcode === SQLITE_BUSY)
      throw new MillraceError(
        "MR505",
        `another gateway is at work in ${folder}: stop that one, or give this one a folder of its own`,
        { cause },
      );
    log(`${folder} cannot be locked against a second gateway: ${(cause as Error).message}`);
    return { release: () => {} };
  }
}
