// What figures are made of.
import { readFileSync } from 'node:fs';

/** The smallest value that at least `share` of the values do not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
}

/** Memory of a process in use now, and most so far, in MB (Linux). */
export function memoryOf(pid: number): { nowMb: number; mostMb: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kilobytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]);
  return { nowMb: kilobytes('VmRSS') / 1024, mostMb: kilobytes('VmHWM') / 1024 };
}

const TICKS_PER_SECOND = 100;

/** Processor time that a process has taken so far, all threads, in seconds (Linux). */
export function processorSecondsOf(pid: number): number {
  const afterName = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  // utime and stime, proc(5).
  return (Number(afterName[11]) + Number(afterName[12])) / TICKS_PER_SECOND;
}
