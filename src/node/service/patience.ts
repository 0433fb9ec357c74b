// Growing pauses between starts that fail, the same on each system: of the service managers one knows growing pauses, and
// that only in later versions. A start counts as failed until the node has run for a while or was stopped as it should be.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { utf8 } from '../../protocol/bytes.ts';
import { replaceFile } from '../atomic-file.ts';

const FIRST_PAUSE_MS = 5000;
const PAUSE_MS_MAX = 300_000;
/** A node that has run for so long had no trouble starting. */
const STEADY_MS = 600_000;
const COUNT_MAX = 1000;

export interface Patience {
  /** The pause before this start, in words; undefined after a start that went well. */
  readonly said: string | undefined;
  /** Resolves when the pause is over, also when `signal` aborts. */
  wait(signal: AbortSignal): Promise<void>;
  /** The node was stopped as it should be: its next start does not wait. */
  stopped(): void;
}

/** ms to wait after so many failures in a row. */
export function pauseAfter(failures: number): number {
  return failures === 0 ? 0 : Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), PAUSE_MS_MAX);
}

/** Counts this start as failed until it is known to be none. Rejects when the data directory cannot be written. */
export async function openPatience(dataDir: string): Promise<Patience> {
  const file = join(dataDir, 'failures');
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const failures = readCount(file);
  await replaceFile(file, utf8(`${Math.min(failures + 1, COUNT_MAX)}\n`));
  const forget = (): void => rmSync(file, { force: true });
  const steady = setTimeout(forget, STEADY_MS + pauseAfter(failures)).unref();
  const before = failures === 1 ? 'The last start' : `Each of the last ${failures} starts`;
  const seconds = pauseAfter(failures) / 1000;
  return {
    said:
      failures === 0
        ? undefined
        : `${before} ended before ten minutes were over, without having been asked to: this one begins in ${seconds} s.`,
    wait: (signal) => delay(pauseAfter(failures), undefined, { signal }).catch(() => undefined),
    stopped() {
      clearTimeout(steady);
      forget();
    },
  };
}

/** 0 where nothing is counted, or what stands there is no count. */
function readCount(file: string): number {
  try {
    const text = readFileSync(file, 'utf8').trim();
    return /^\d{1,4}$/.test(text) ? Number(text) : 0;
  } catch {
    return 0;
  }
}
