// What a verb of the command line is. A verb writes to the streams it is given, ends when the signal says so, and
// returns its exit status: 0 fine, 1 the user's file or arguments, 2 cannot connect, 3 a check failed, 4 our bug.
// Imports nothing.

export interface VerbIo {
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
  stdin: NodeJS.ReadStream;
  /** Aborted by SIGINT or SIGTERM. */
  signal: AbortSignal;
  env: Record<string, string | undefined>;
}

export interface Verb {
  name: string;
  /** One line for the list of verbs. */
  summary: string;
  /** Usage, options, one example. */
  help: string;
  run(args: string[], io: VerbIo): Promise<number>;
}
