// Which lines are shown: by level, by part, by a text or a /pattern/.
import { computed, signal } from '@preact/signals';
import { LOG_LEVELS, type LogLevel, type LogLine } from '../../api-logs.ts';
import { lines } from './reading.ts';

export const hidden = signal<ReadonlySet<LogLevel>>(new Set());
export const part = signal('');
export const find = signal('');

/** What `find` asks for; `bad` when it is no pattern. */
export const wanted = computed<RegExp | undefined | 'bad'>(() => {
  const text = find.value.trim();
  if (text === '') return undefined;
  const pattern = /^\/(.+)\/$/.exec(text)?.[1] ?? text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  try {
    return new RegExp(pattern, 'i');
  } catch {
    return 'bad';
  }
});

const holds = ({ message, detail }: LogLine, pattern: RegExp): boolean =>
  [message, ...detail].some((text) => pattern.test(text));

export const shown = computed(() => {
  const pattern = wanted.value;
  return (lines.value ?? []).filter(
    (line) =>
      !hidden.value.has(line.level) &&
      (part.value === '' || line.part === part.value) &&
      (!(pattern instanceof RegExp) || holds(line, pattern)),
  );
});

export const perLevel = computed(() =>
  LOG_LEVELS.toReversed().map((level) => ({
    level,
    count: (lines.value ?? []).filter((line) => line.level === level).length,
  })),
);

export const parts = computed(() =>
  [...new Set((lines.value ?? []).map((line) => line.part))].sort((a, b) => (a < b ? -1 : 1)),
);

export function toggleLevel(level: LogLevel): void {
  const next = new Set(hidden.value);
  if (!next.delete(level)) next.add(level);
  hidden.value = next;
}

export const textOf = ({ at, level, part: where, message, detail }: LogLine): string =>
  `${at} ${level.toUpperCase()} ${where} ${[message, ...detail].join(' ')}`;
