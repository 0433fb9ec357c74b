/** One verb of the command line. */
export interface Verb {
  /** Words after the program's name: 'mine' or 'data import'. */
  name: string;
  summary: string;
  /** Positional arguments as shown in --help: '<FILE>' … */
  positionals?: string[];
  options: Record<string, VerbOption>;
  /** Resolves to the exit code. Throws errors with `code` (and `field`) for wrong input: usage and invalid input exit 2, failures 1. */
  run(context: VerbContext): Promise<number>;
}

export interface VerbOption {
  type: 'string' | 'boolean';
  short?: string;
  value?: string;
  help: string;
  multiple?: boolean;
}

export interface VerbContext {
  positionals: string[];
  /** Parsed options; a flag that was not given is absent. Every verb also gets json and data-dir. */
  values: Record<string, string | boolean | (string | boolean)[] | undefined>;
  json: boolean;
  dataDir: string;
  /** Variables; those of the process by default. */
  environment?: Readonly<Record<string, string | undefined>>;
  /** stdout: one line (text) or, with --json, what `document` prints. */
  print(line: string): void;
  document(value: unknown): void;
  /** stderr: progress and notes. `transient` lines overwrite each other on a terminal. */
  note(line: string, options?: { transient?: boolean }): void;
  /** Aborts on Ctrl-C. */
  signal: AbortSignal;
}

/** Wrong usage or invalid input: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code: string;
  readonly field: string | undefined;
  constructor(code: string, message: string, field?: string) {
    super(message);
    this.code = code;
    this.field = field;
  }
}
