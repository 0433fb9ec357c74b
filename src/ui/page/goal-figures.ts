// A goal as it is typed, and what a return is a day.
const GOAL_MAX = 100;

/** Percent a day that somebody may hope for; undefined for anything else. */
export function readGoal(text: string): number | undefined {
  const value = Number(text.trim().replace(',', '.'));
  return text.trim() !== '' && value > 0 && value <= GOAL_MAX ? value : undefined;
}

/** Compound growth a day that makes `gained` in `days`; null where nothing is left, or the time is not known. */
export function perDay(gained: number, days: number | null): number | null {
  return days === null || days <= 0 || gained <= -1 ? null : (1 + gained) ** (1 / days) - 1;
}
