// What an owner allows a machine, as it is kept in limits.json of the data directory.
import { z } from 'zod';
import { parseSchedule } from './schedule-text.ts';

const THREADS_MAX = 256;
const SHARE_MIN = 5;
const PROGRAMS_MAX = 32;

const zThreads = z.int().min(1).max(THREADS_MAX).nullable();

const zRules = z.strictObject({
  /** Worker threads, at most as many as the settings say; null: just as many. */
  threads: zThreads.default(null),
  /** Percent of the time that a thread computes. */
  share: z.int().min(SHARE_MIN).max(100).default(100),
  /** On battery it works above this charge only, percent: 100 is never, 0 is always. */
  batteryAbove: z.int().min(0).max(100).default(100),
  /** While somebody uses the machine; null: the same as otherwise. `share` 0: it pauses. */
  inUse: z
    .strictObject({
      share: z.union([z.literal(0), z.int().min(SHARE_MIN).max(100)]),
      threads: zThreads.default(null),
      /** Nobody has touched it for so long: it is not in use any more. */
      minutes: z.int().min(1).max(240).default(5),
    })
    .nullable()
    .default(null),
  /** Hours of the week, local time, such as "mon-fri 22:00-07:00, sat-sun 00:00-24:00"; empty: always. */
  schedule: z.string().max(500).refine(isSchedule, 'not hours like mon-fri 22:00-07:00').default(''),
  /** Above this many °C it pauses; null: whatever the heat. */
  temperatureMax: z.int().min(40).max(110).nullable().default(null),
  /** Names of programs; while one of them runs, it pauses. */
  programs: z.array(z.string().trim().min(1).max(100)).max(PROGRAMS_MAX).default([]),
  /** Address on this machine that is asked whether it may work. */
  hook: z.string().max(300).refine(isLocal, 'not an http:// address on this machine').nullable().default(null),
});

export type Rules = z.infer<typeof zRules>;

/** The rules, or what is wrong with them. */
export function checkRules(value: unknown): { rules: Rules } | { field: string; message: string } {
  const parsed = zRules.safeParse(value);
  if (parsed.success) return { rules: parsed.data };
  const issue = parsed.error.issues[0];
  return { field: issue?.path.map(String).join('.') ?? '', message: issue?.message ?? 'not valid' };
}

function isSchedule(text: string): boolean {
  return parseSchedule(text) !== undefined;
}

function isLocal(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url?.protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
}
