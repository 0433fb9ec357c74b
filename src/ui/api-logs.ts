// What this node said lately, as page, API and command line read it. Secrets are cut out before a line leaves the node.

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LogLine {
  /** Grows by one with each line of this run of the node. */
  seq: number;
  at: string;
  level: LogLevel;
  /** Of the program: `unit`, `member`, `page`, `node` … */
  part: string;
  message: string;
  /** Everything else that the line holds, as `name=value`, and of an error where it happened, line by line. */
  detail: string[];
}

export interface LogView {
  /** Oldest first. */
  lines: LogLine[];
  /** Pass it back as `after` for what comes next. */
  last: number;
  /** Lines between `after` and the first one here that were not kept. */
  missed: number;
}

export interface LogPort {
  /** `after`: only later lines. Without it the latest ones. */
  logs(query: { after?: number | undefined; limit: number }): LogView;
}
