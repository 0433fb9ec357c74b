// `logs`: what the running node said lately, without tickets and tokens.
import { setTimeout as delay } from 'node:timers/promises';
import { LOG_LEVELS, type LogLevel, type LogLine, type LogView } from '../../ui/api-logs.ts';
import { connectClient } from '../cli/client.ts';
import { UsageError, type Verb, type VerbContext } from '../cli/verb.ts';
import { findNumber, findText } from './flags.ts';

const LINES_DEFAULT = 50;
const LINES_MAX = 500;
const LOOK_MS = 1_000;

export const logsVerb: Verb = {
  name: 'logs',
  summary: 'what the running node said lately',
  options: {
    lines: { type: 'string', value: 'N', help: `how many, ${LINES_MAX} at most (default: ${LINES_DEFAULT})` },
    level: { type: 'string', value: 'LEVEL', help: `${LOG_LEVELS.join(' ')}: only those and graver ones` },
    follow: { type: 'boolean', help: 'go on until Ctrl-C' },
  },
  async run(context) {
    const client = connectClient(context.dataDir);
    const least = levelOf(context);
    let view = await client.get<LogView>(`logs?limit=${linesOf(context)}`);
    for (;;) {
      for (const line of view.lines.filter(({ level }) => LOG_LEVELS.indexOf(level) >= least)) show(context, line);
      if (context.values.follow !== true || context.signal.aborted) return 0;
      if (view.lines.length < LINES_MAX)
        await delay(LOOK_MS, undefined, { signal: context.signal }).catch(() => undefined);
      view = await client.get<LogView>(`logs?limit=${LINES_MAX}&after=${view.last}`);
    }
  },
};

function linesOf(context: VerbContext): number {
  const lines = findNumber(context, 'lines') ?? LINES_DEFAULT;
  if (Number.isInteger(lines) && lines >= 1 && lines <= LINES_MAX) return lines;
  throw new UsageError('out_of_range', `--lines is a whole number from 1 to ${LINES_MAX}, not ${lines}`, 'lines');
}

function levelOf(context: VerbContext): number {
  const level = findText(context, 'level') ?? 'debug';
  const place = LOG_LEVELS.indexOf(level as LogLevel);
  if (place >= 0) return place;
  throw new UsageError('out_of_range', `--level is one of ${LOG_LEVELS.join(', ')}, not ${level}`, 'level');
}

function show(context: VerbContext, line: LogLine): void {
  if (context.json) context.document(line);
  else {
    context.print(
      `${line.at} ${line.level.toUpperCase().padEnd(5)} ${line.part.padEnd(8)} ${[line.message, ...line.detail].join('   ')}`,
    );
  }
}
