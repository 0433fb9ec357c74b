// One stream of what happens on this node: page, log, command line and tests read the same events.
import type { NodeEvent } from '../ui/api.ts';

const KEPT_MAX = 200;
const PROBLEMS_MAX = 20;

export interface EventLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  debug(fields: object, message: string): void;
}

export interface Events {
  emit(type: NodeEvent['type'], message: string, data?: NodeEvent['data']): void;
  /** What is wrong until it is solved: one per code, told once until it changes. */
  problem(code: string, message: string): void;
  solved(code: string): void;
  problems(): { code: string; message: string }[];
  /** Newest first, without the ticking of progress. */
  recent(count: number): NodeEvent[];
  subscribe(listener: (event: NodeEvent) => void): () => void;
}

export function createEvents(log: EventLog, now: () => number): Events {
  const kept: NodeEvent[] = [];
  const listeners = new Set<(event: NodeEvent) => void>();
  const problems = new Map<string, string>();
  let id = 0;

  function emit(type: NodeEvent['type'], message: string, data: NodeEvent['data'] = {}): void {
    id += 1;
    const event = { id, at: new Date(now()).toISOString(), type, message, data };
    const ticking = type === 'unit.progress' || type === 'ledger.changed';
    if (!ticking) kept.push(event);
    if (kept.length > KEPT_MAX) kept.shift();
    if (ticking) log.debug({ type, ...data }, message);
    else if (type === 'problem') log.warn({ type, ...data }, message);
    else log.info({ type, ...data }, message);
    for (const listener of listeners) listener(event);
  }

  return {
    emit,
    problem(code, message) {
      if (problems.get(code) === message) return;
      if (problems.size >= PROBLEMS_MAX && !problems.has(code)) return;
      problems.set(code, message);
      emit('problem', message, { code });
    },
    solved: (code) => void problems.delete(code),
    problems: () => [...problems].map(([code, message]) => ({ code, message })),
    recent: (count) => kept.slice(-count).reverse(),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
