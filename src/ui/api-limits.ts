// The part of the API about what this machine may do, in the same terms as api.ts.
import type { Mode } from './api.ts';

/** What the owner allows this machine. Limits that are null do not apply. */
export interface Limits {
  /** Worker threads, at most as many as the settings say; null: just as many. */
  threads: number | null;
  /** Percent of the time that a thread computes, 5 to 100. */
  share: number;
  /** On battery it works above this charge only, percent: 100 is never, 0 is always. */
  batteryAbove: number;
  /** While somebody uses the machine, until it has not been touched for some minutes. `share` 0: it pauses. */
  inUse: { share: number; threads: number | null; minutes: number } | null;
  /** Hours of the week, local time, such as "mon-fri 22:00-07:00, sat-sun 00:00-24:00"; empty: always. */
  schedule: string;
  /** °C above which it pauses. */
  temperatureMax: number | null;
  /** Names of programs; while one of them runs, it pauses. */
  programs: string[];
  /** Address on this machine that answers `{"run": false, "reason": "…"}` when it may not work. */
  hook: string | null;
}

export type LimitsChange = { [K in keyof Limits]?: Limits[K] | undefined };

export interface LimitsView {
  rules: Limits;
  /** What follows from them now. */
  now: { run: 'run' | 'finish' | 'pause'; threads: number; share: number; reason: string | null };
  pausedUntil: string | null;
  /** What is known of the machine; null: not told by this system, or asked for by no rule. */
  machine: {
    onBattery: boolean | null;
    charge: number | null;
    untouchedMs: number | null;
    temperature: number | null;
    /** Those of the named programs that run. */
    programs: string[] | null;
    hook: { run: boolean; reason: string } | null;
  };
  /** What the node did lately and why, newest first. */
  timeline: { at: string; mode: Mode; reason: string | null }[];
}
