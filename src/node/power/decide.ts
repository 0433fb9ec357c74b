// Whether a machine may work now, how much of it, and why not: a pure function of what is known of the machine, what its
// owner wishes, and the time. What is not known applies to no rule.
import type { Rules } from './rules.ts';
import { closedUntil, parseSchedule } from './schedule-text.ts';

/** What is known of the machine; undefined: this platform does not tell, or no rule asks for it. */
export interface Facts {
  onBattery: boolean | undefined;
  /** Percent. */
  charge: number | undefined;
  /** Since somebody last touched keyboard or mouse, ms. */
  untouchedMs: number | undefined;
  /** Of the hottest part that is measured, °C. */
  temperature: number | undefined;
  /** Those of the named programs that run. */
  programs: readonly string[] | undefined;
  /** What the owner's own rule answered. */
  hook: { run: boolean; reason: string } | undefined;
}

export const NOTHING_KNOWN: Facts = {
  onBattery: undefined,
  charge: undefined,
  untouchedMs: undefined,
  temperature: undefined,
  programs: undefined,
  hook: undefined,
};

/** The owner's own word, which stands above the rules. */
export interface Hold {
  kind: 'pause' | 'finish';
  /** ms since 1970; undefined: until told otherwise. */
  until: number | undefined;
  /** It was to finish its unit first, and has. */
  finished: boolean;
}

export interface Wishes {
  rules: Rules;
  hold: Hold | undefined;
  /** Threads that the settings give; no rule makes them more. */
  threads: number;
}

export interface Decision {
  /** `finish`: the unit under way may be ended, and no other begun. */
  run: 'run' | 'finish' | 'pause';
  threads: number;
  /** Percent of the time that a thread computes. */
  share: number;
  /** One sentence; empty when nothing restricts it. */
  reason: string;
  /** It pauses for the heat, and goes on some degrees below the limit. */
  hot: boolean;
}

/** A machine that paused for the heat goes on so many °C below the limit: otherwise it would start and stop all the time. */
const COOL_BY = 5;
const MINUTE_MS = 60_000;

export function decide(facts: Facts, wishes: Wishes, now: Date, before?: Decision): Decision {
  const { rules, hold } = wishes;
  const threads = Math.min(rules.threads ?? wishes.threads, wishes.threads);
  const full = { threads, share: rules.share, hot: isHot(facts, rules, before?.hot === true) };
  if (hold !== undefined && (hold.until === undefined || hold.until > now.getTime())) {
    return { ...full, run: hold.kind === 'finish' && !hold.finished ? 'finish' : 'pause', reason: holdReason(hold) };
  }
  const obstacle = obstacleOf(facts, rules, now, full.hot);
  if (obstacle !== undefined) return { ...full, run: 'pause', reason: obstacle };
  return { ...full, run: 'run', ...profileOf(facts, rules, threads) };
}

function holdReason({ kind, until, finished }: Hold): string {
  if (kind === 'finish') {
    return finished
      ? 'It finished its unit and stopped, as you asked.'
      : 'It finishes its unit and stops, as you asked.';
  }
  return until === undefined ? 'Paused by you.' : `Paused by you until ${localTime(until)}.`;
}

/** Year, month, day, hour and minute, by the machine's own clock. */
function localTime(ms: number): string {
  const at = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

function obstacleOf(facts: Facts, rules: Rules, now: Date, hot: boolean): string | undefined {
  const closed = closedUntil(parseSchedule(rules.schedule) ?? [], now);
  if (closed !== undefined) return `Outside its hours; it goes on ${closed}.`;
  const battery = batteryObstacle(facts, rules.batteryAbove);
  if (battery !== undefined) return battery;
  if (hot) {
    const limit = rules.temperatureMax ?? 0;
    return `The machine is ${facts.temperature} °C hot, its limit is ${limit} °C; it goes on below ${limit - COOL_BY} °C.`;
  }
  const [program] = facts.programs ?? [];
  if (program !== undefined) return `“${program}” is running.`;
  if (rules.inUse?.share === 0 && isInUse(facts, rules)) return 'Somebody is using this machine.';
  if (facts.hook?.run === false) return facts.hook.reason || 'The rule that you wrote says no.';
  return undefined;
}

function batteryObstacle({ onBattery, charge }: Facts, above: number): string | undefined {
  if (onBattery !== true || above === 0) return undefined;
  if (above === 100) return 'The machine runs on battery.';
  if (charge === undefined) return 'The machine runs on battery, and how full it is is not known.';
  return charge > above ? undefined : `The battery is at ${charge} %, and it works above ${above} % only.`;
}

function isHot({ temperature }: Facts, { temperatureMax }: Rules, wasHot: boolean): boolean {
  if (temperature === undefined || temperatureMax === null) return false;
  return temperature > (wasHot ? temperatureMax - COOL_BY : temperatureMax);
}

function isInUse({ untouchedMs }: Facts, { inUse }: Rules): boolean {
  return inUse !== null && untouchedMs !== undefined && untouchedMs < inUse.minutes * MINUTE_MS;
}

function profileOf(facts: Facts, rules: Rules, threads: number): Pick<Decision, 'threads' | 'share' | 'reason'> {
  if (rules.inUse === null || !isInUse(facts, rules)) return { threads, share: rules.share, reason: '' };
  const fewer = Math.min(threads, rules.inUse.threads ?? threads);
  const share = Math.min(rules.share, rules.inUse.share);
  const much = `${fewer} ${fewer === 1 ? 'thread' : 'threads'} at ${share} %`;
  return { threads: fewer, share, reason: `Somebody is using this machine: ${much}.` };
}
