// The latest lines of the log, for page and API. What is secret is cut out when a line is read: tickets, tokens, and the
// home directory, which names its owner.
import { homedir } from 'node:os';
import type { LogLevel, LogLine, LogPort, LogView } from '../ui/api-logs.ts';

const LINES_MAX = 5_000;
const NUMBERS: readonly [number, LogLevel][] = [
  [50, 'error'],
  [40, 'warn'],
  [30, 'info'],
];
/** Tickets (`smesh1…`), and 256 bits in base64url as tokens and codes have them. */
const SECRETS: readonly [RegExp, string][] = [
  [/smesh1[1-9A-HJ-NP-Za-km-z]+/g, 'smesh1…'],
  [/(?<![\w-])[\w-]{43}(?![\w-])/g, '…'],
];
/** Fields that every line has, or that stand elsewhere in it. */
const KNOWN = new Set(['level', 'time', 'node', 'msg', 'type', 'err']);

export interface LogRing extends LogPort {
  /** One line as pino writes it. */
  write(line: string): void;
}

/** Without tickets, tokens and the name of the home directory. */
export function redact(text: string, home = homedir()): string {
  const known = SECRETS.reduce((rest, [pattern, instead]) => rest.replace(pattern, instead), text);
  return home.length > 1 ? known.replaceAll(home, '~') : known;
}

function detailOf(fields: Record<string, unknown>): string[] {
  const err = fields.err as { stack?: unknown } | undefined;
  const rest = Object.entries(fields)
    .filter(([name, value]) => !KNOWN.has(name) && value !== undefined)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
  const stack = typeof err?.stack === 'string' ? err.stack.split('\n') : [];
  return [rest, ...stack].filter((part) => part !== '').map((part) => redact(part));
}

/** Of an event the word before its dot; what the page's server says is about a request. */
function partOf({ type, remoteAddress }: Record<string, unknown>): string {
  if (typeof type === 'string') return type.split('.')[0]!;
  return remoteAddress === undefined ? 'node' : 'page';
}

function lineOf(seq: number, text: string): LogLine {
  const fields = JSON.parse(text) as Record<string, unknown>;
  return {
    seq,
    at: String(fields.time),
    level: NUMBERS.find(([number]) => Number(fields.level) >= number)?.[1] ?? 'debug',
    part: partOf(fields),
    message: redact(String(fields.msg ?? '')),
    detail: detailOf(fields),
  };
}

export function createLogRing(linesMax = LINES_MAX): LogRing {
  const kept: string[] = [];
  let last = 0;
  return {
    write(line) {
      last += 1;
      kept.push(line);
      if (kept.length > linesMax) kept.shift();
    },
    logs({ after, limit }): LogView {
      const first = last - kept.length + 1;
      const from = after === undefined ? Math.max(first, last - limit + 1) : Math.max(first, after + 1);
      const texts = kept.slice(from - first, from - first + limit);
      const lines = texts.map((text, i) => lineOf(from + i, text));
      return {
        lines,
        last: lines.at(-1)?.seq ?? last,
        missed: after === undefined ? 0 : Math.max(0, first - after - 1),
      };
    },
  };
}
