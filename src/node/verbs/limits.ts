// Verbs about what this machine may do: pause, resume, finish, limits.
import type { NodeStatus } from '../../ui/api.ts';
import type { Limits, LimitsChange, LimitsView } from '../../ui/api-limits.ts';
import { connectClient } from '../cli/client.ts';
import { duration, orUnknown, table } from '../cli/text.ts';
import { UsageError, type Verb, type VerbContext } from '../cli/verb.ts';
import { findNumber, findText } from './flags.ts';
import { parseUntil } from './until.ts';

export const pauseVerb: Verb = {
  name: 'pause',
  summary: 'stop mining on this node until resumed, or for a while',
  options: {
    until: {
      type: 'string',
      value: 'WHEN',
      help: 'goes on by itself then: 8:00, "tomorrow 8:00", "mon 8:00", 2026-11-23T08:00',
    },
    for: { type: 'string', value: 'SPAN', help: 'goes on by itself after that: 90m, 2h, 3d' },
  },
  async run(context) {
    const { until: when, for: span } = { until: findText(context, 'until'), for: findText(context, 'for') };
    const until = parseUntil({ when, span }, new Date());
    const body = until === undefined ? {} : { until: until.toISOString() };
    const status = await connectClient(context.dataDir).post<NodeStatus>('node/pause', body);
    return say(context, status, `${status.reason ?? 'Paused.'} The last finished generation is saved.`);
  },
};

export const resumeVerb: Verb = {
  name: 'resume',
  summary: 'go on mining on this node',
  options: {},
  async run(context) {
    const status = await connectClient(context.dataDir).post<NodeStatus>('node/resume', {});
    return say(
      context,
      status,
      status.mode === 'paused' ? `Not paused by you any more. ${status.reason}` : 'Going on.',
    );
  },
};

export const finishVerb: Verb = {
  name: 'finish',
  summary: 'end the unit under way, then pause',
  options: {},
  async run(context) {
    const status = await connectClient(context.dataDir).post<NodeStatus>('node/finish', {});
    return say(context, status, status.reason ?? 'It finishes its unit and stops.');
  },
};

function say(context: VerbContext, status: NodeStatus, line: string): number {
  if (context.json) context.document(status);
  else context.print(line);
  return 0;
}

export const limitsVerb: Verb = {
  name: 'limits',
  summary: 'what this machine may do and when: shows it, or changes what is named',
  options: {
    threads: { type: 'string', value: 'N|all', help: 'worker threads' },
    share: { type: 'string', value: 'PERCENT', help: 'of the time that a thread computes, 5 to 100' },
    battery: { type: 'string', value: 'WHEN', help: 'on battery: never, always, or above a charge in percent' },
    'in-use': {
      type: 'string',
      value: 'HOW',
      help: 'while somebody uses the machine: same, pause, or a share in percent',
    },
    'in-use-threads': { type: 'string', value: 'N|all', help: 'and so many threads' },
    'in-use-minutes': {
      type: 'string',
      value: 'N',
      help: 'untouched for so long, it is not in use any more (default: 5)',
    },
    schedule: { type: 'string', value: 'HOURS', help: 'such as "mon-fri 22:00-07:00, sat-sun 00:00-24:00", or always' },
    'max-temperature': { type: 'string', value: 'DEGREES', help: '°C above which it pauses, or none' },
    programs: {
      type: 'string',
      value: 'NAMES',
      help: 'pause while one of these runs: names with commas between, or none',
    },
    hook: {
      type: 'string',
      value: 'URL',
      help: 'address on this machine that answers {"run": true or false}, or none',
    },
  },
  async run(context) {
    const client = connectClient(context.dataDir);
    const before = await client.get<LimitsView>('limits');
    const changes = changesOf(context, before.rules);
    const view = Object.keys(changes).length === 0 ? before : await client.patch<LimitsView>('limits', changes);
    if (context.json) context.document(view);
    else for (const line of limitsLines(view)) context.print(line);
    return 0;
  },
};

function changesOf(context: VerbContext, before: Limits): LimitsChange {
  const text = (flag: string): string | undefined => findText(context, flag);
  const changes: LimitsChange = {
    threads: wordOr(context, 'threads', { all: null }),
    share: findNumber(context, 'share'),
    batteryAbove: wordOr(context, 'battery', { never: 100, always: 0 }) ?? undefined,
    inUse: inUseOf(context, before.inUse),
    schedule: text('schedule') === 'always' ? '' : text('schedule'),
    temperatureMax: wordOr(context, 'max-temperature', { none: null }),
    programs: namesOf(text('programs')),
    hook: text('hook') === 'none' ? null : text('hook'),
  };
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}

/** A number, or one of a few words that stand for a value. */
function wordOr(context: VerbContext, flag: string, words: Record<string, number | null>): number | null | undefined {
  const word = findText(context, flag);
  return word !== undefined && Object.hasOwn(words, word) ? words[word]! : findNumber(context, flag);
}

function inUseOf(context: VerbContext, before: Limits['inUse']): Limits['inUse'] | undefined {
  const how = findText(context, 'in-use');
  if (how === 'same') return null;
  const share = wordOr(context, 'in-use', { pause: 0 }) ?? before?.share;
  const threads = wordOr(context, 'in-use-threads', { all: null });
  const minutes = findNumber(context, 'in-use-minutes');
  if (how === undefined && threads === undefined && minutes === undefined) return undefined;
  if (share === undefined)
    throw new UsageError('missing_flag', 'Say --in-use pause or --in-use PERCENT as well.', 'in-use');
  return {
    share,
    threads: threads === undefined ? (before?.threads ?? null) : threads,
    minutes: minutes ?? before?.minutes ?? 5,
  };
}

function namesOf(text: string | undefined): string[] | undefined {
  if (text === undefined || text === 'none') return text === undefined ? undefined : [];
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function limitsLines({ rules, now, machine, timeline }: LimitsView): string[] {
  const may = { run: 'may work', finish: 'finishes its unit', pause: 'is paused' }[now.run];
  return [
    `now          ${may}, ${now.threads} threads at ${now.share} %${now.reason === null ? '' : `: ${now.reason}`}`,
    `threads      ${rules.threads ?? 'all that the settings give'}, ${rules.share} % of the time`,
    `battery      ${batteryWords(rules.batteryAbove)}   (${powerWords(machine)})`,
    `in use       ${inUseWords(rules.inUse)}   (untouched for ${machine.untouchedMs === null ? '—' : duration(machine.untouchedMs)})`,
    `hours        ${rules.schedule || 'always'}`,
    `temperature  ${rules.temperatureMax === null ? 'no limit' : `up to ${rules.temperatureMax} °C`}   (${orUnknown(machine.temperature)} °C)`,
    `programs     ${programWords(rules.programs, machine.programs)}`,
    `hook         ${rules.hook ?? 'none'}${rules.hook !== null && machine.hook === null ? '   (no answer: it does not apply)' : ''}`,
    '',
    ...table(
      ['SINCE', 'MODE', 'WHY'],
      timeline.slice(0, 10).map(({ at, mode, reason }) => [at, mode, reason ?? '']),
    ),
  ];
}

function batteryWords(above: number): string {
  if (above === 100) return 'never on battery';
  return above === 0 ? 'works on battery too' : `on battery above ${above} % only`;
}

function powerWords({ onBattery, charge }: LimitsView['machine']): string {
  if (onBattery === null) return '—';
  return `${onBattery ? 'on battery' : 'on mains'}${charge === null ? '' : `, ${charge} %`}`;
}

function programWords(named: readonly string[], running: LimitsView['machine']['programs']): string {
  if (named.length === 0) return 'none';
  return `pauses while one of these runs: ${named.join(', ')}   (${running?.join(', ') || (running === null ? '—' : 'none runs')})`;
}

function inUseWords(inUse: Limits['inUse']): string {
  if (inUse === null) return 'the same as otherwise';
  const much = inUse.share === 0 ? 'pauses' : `${inUse.threads ?? 'all'} threads at ${inUse.share} %`;
  return `${much}, until untouched for ${inUse.minutes} min`;
}
