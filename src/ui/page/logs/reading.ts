// The lines that this page holds: fetched once a second while it is open, five thousand at most.
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { LogLine, LogView } from '../../api-logs.ts';
import { read } from '../fetched.tsx';
import { line } from '../store.ts';

const LINES_MAX = 5_000;
const PER_FETCH = 500;
const LOOK_MS = 1_000;

export const lines = signal<LogLine[] | undefined>(undefined);
/** Lines that the node no longer had when they were asked for. */
export const missed = signal(0);
export const failure = signal<string | undefined>(undefined);

let last: number | undefined;

function take(view: LogView): void {
  // A node that was started anew counts from the beginning.
  const anew = last !== undefined && view.last < last;
  if (!anew && view.lines.length > 0) lines.value = [...(lines.value ?? []), ...view.lines].slice(-LINES_MAX);
  else lines.value ??= [];
  if (anew) lines.value = [];
  missed.value += anew ? 0 : view.missed;
  last = anew ? undefined : view.last;
}

/** True when there is more to fetch at once. */
async function look(abort: AbortSignal): Promise<boolean> {
  try {
    const view = await read<LogView>(`logs?limit=${PER_FETCH}${last === undefined ? '' : `&after=${last}`}`, abort);
    if (abort.aborted) return false;
    take(view);
    failure.value = undefined;
    return view.lines.length === PER_FETCH || last === undefined;
  } catch (error) {
    if (!abort.aborted) failure.value = (error as Error).message;
    return false;
  }
}

/** Reads while the page is open and the node is there. */
export function useLog(): void {
  const live = line.value.state === 'live';
  useEffect(() => {
    if (!live) return;
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const round = async (): Promise<void> => {
      const more = await look(abort.signal);
      if (!abort.signal.aborted) timer = setTimeout(() => void round(), more ? 0 : LOOK_MS);
    };
    void round();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [live]);
}
