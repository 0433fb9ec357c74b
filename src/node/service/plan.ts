// What it takes that a machine's own service manager starts the node at boot and again after a failure: which files to
// write and which commands to run. `platforms.ts` has one for each system, `manage.ts` carries it out.

export interface ServiceInput {
  /** Absolute paths: of node, of the program, of the data directory, and of the folder that holds bootstrap.json. */
  node: string;
  program: string;
  dataDir: string;
  folder: string;
  home: string;
  /** Account that it runs as. */
  user: string;
  /** Of that account, on a Mac. */
  uid: number;
  /** For the whole machine, from its start on, instead of for one person's sessions. Needs the rights of an administrator. */
  system: boolean;
}

export interface CommandLine {
  command: string;
  args: string[];
  /** It fails where there is nothing to stop, or where a system does not know it; that is well. */
  mayFail?: boolean;
}

export interface ServicePlan {
  file: string;
  content: Uint8Array;
  /** After the file was written. */
  install: CommandLine[];
  /** Before the file is removed, and after. */
  uninstall: CommandLine[];
  removed: CommandLine[];
  /** Ends with 0 while it is known to the service manager; what it says is shown. */
  status: CommandLine;
}

/** What the service runs: it waits by itself after failures (patience.ts), its log lies in the data directory and rotates there. */
export function startArguments({ program, dataDir }: ServiceInput, separator: '/' | '\\'): string[] {
  const logFile = [dataDir, 'logs', 'node.log'].join(separator);
  return [program, 'start', '--service', '--data-dir', dataDir, '--log-file', logFile];
}
