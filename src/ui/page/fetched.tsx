// What a panel fetches for itself, beside the picture that the stream keeps current: with every state that has to be shown.
import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Page } from '../api.ts';
import type { Problem } from '../problem.ts';
import { Icon } from './icons.tsx';
import { Button } from './parts.tsx';
import { line } from './store.ts';
import { words } from './words/words.ts';

export interface Fetched<T> {
  /** The last answer; stays while another is fetched, and when that fails. */
  value: T | undefined;
  problem: Pick<Problem, 'code' | 'detail'> | undefined;
  again: () => void;
}

/** Not more often than this, however much happens. */
const PAUSE_MS = 1_000;
const PAGE_LENGTH = 500;

class Refused extends Error {
  readonly problem: Pick<Problem, 'code' | 'detail'>;
  constructor(problem: Pick<Problem, 'code' | 'detail'>) {
    super(problem.detail);
    this.problem = problem;
  }
}

/** Throws Refused with what the node says, or `unreachable`. */
export const read = <T,>(path: string, signal?: AbortSignal): Promise<T> => readUrl<T>(`/api/v1/${path}`, signal);

/** The same for what lies elsewhere on the node. */
export async function readUrl<T>(url: string, signal?: AbortSignal): Promise<T> {
  let response: Response;
  try {
    response = await fetch(url, signal === undefined ? {} : { signal });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Refused({ code: 'unreachable', detail: words.value.unreachable });
  }
  const value: unknown = await response.json();
  if (!response.ok) throw new Refused(value as Problem);
  return value as T;
}

/** Every page of a list. */
export async function readAll<T>(path: string, signal?: AbortSignal): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const more: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page: Page<T> = await read(`${path}${path.includes('?') ? '&' : '?'}limit=${PAGE_LENGTH}${more}`, signal);
    items.push(...page.items);
    cursor = page.next;
  } while (cursor !== null);
  return items;
}

type Read<T> = (path: string, signal: AbortSignal) => Promise<T>;

/**
 * Fetches `path` and again whenever `mark` is another, at most once a second, and when the node is back. Undefined: nothing.
 */
export function useFetched<T>(path: string | undefined, mark: unknown, reader: Read<T> = read<T>): Fetched<T> {
  const [answer, setAnswer] = useState<{ path: string; value?: T; problem?: Fetched<T>['problem'] } | undefined>();
  const [turn, setTurn] = useState(0);
  const lastAt = useRef(0);
  const live = line.value.state === 'live';
  useEffect(() => {
    if (path === undefined || !live) return;
    const abort = new AbortController();
    const run = async (): Promise<void> => {
      lastAt.current = Date.now();
      try {
        const value = await reader(path, abort.signal);
        if (!abort.signal.aborted) setAnswer({ path, value });
      } catch (error) {
        if (abort.signal.aborted) return;
        const problem = error instanceof Refused ? error.problem : { code: 'unreachable', detail: String(error) };
        setAnswer((before) => ({ ...(before?.path === path ? before : {}), path, problem }));
      }
    };
    const fresh = answer?.path !== path;
    const wait = fresh ? 0 : Math.max(0, lastAt.current + PAUSE_MS - Date.now());
    const timer = setTimeout(() => void run(), wait);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [path, mark, turn, live]);
  const current = answer?.path === path ? answer : undefined;
  return { value: current?.value, problem: current?.problem, again: () => setTurn(turn + 1) };
}

/** The last value that there was: a list stays while a changed question is on its way. */
export function useKept<T>(value: T | undefined): T | undefined {
  const kept = useRef<T | undefined>(undefined);
  if (value !== undefined) kept.current = value;
  return kept.current;
}

export function Skeleton({ lines = 4 }: { lines?: number }): VNode {
  return (
    <div class="skeleton" role="status" aria-busy="true">
      <span class="visually-hidden">{words.value.loading}</span>
      {Array.from({ length: lines }, (_, i) => (
        <i key={i} class={`skeleton-${i % 4}`} />
      ))}
    </div>
  );
}

/** What went wrong, what is safe, and what to do. */
export function Failed({ problem, again, kept = false }: Omit<Fetched<unknown>, 'value'> & { kept?: boolean }): VNode {
  const w = words.value;
  return (
    <div class="notice error panel-failed">
      <Icon name="warning" />
      <div class="notice-text">
        <strong>{w.panelFailed}</strong> <span lang="en">{problem?.detail}</span> {kept ? w.panelKept : w.panelOthers}
        <span class="panel-failed-actions">
          <Button onClick={again}>{w.tryAgain}</Button>
        </span>
      </div>
    </div>
  );
}

/** The states before and around an answer; `children` draws it once it is there. */
export function Await<T>({
  of,
  lines,
  children,
}: {
  of: Fetched<T>;
  lines?: number;
  children: (value: T) => ComponentChildren;
}): VNode {
  const { value, problem, again } = of;
  return (
    <>
      {problem === undefined ? null : <Failed problem={problem} again={again} kept={value !== undefined} />}
      {value !== undefined ? children(value) : problem === undefined ? <Skeleton lines={lines ?? 4} /> : null}
    </>
  );
}
