// Worker threads that do tasks. Replies come back in the places of their tasks, whichever thread did them and whenever.
// A thread that dies is replaced and its task done again.
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { ThreadContext, ThreadReply, ThreadRequest, ThreadTask } from './pool-protocol.ts';

export interface PoolOptions {
  /** Worker threads; default: one per core. */
  threads?: number;
  /** Compiled worker; default: `pool-worker.js` beside this file. */
  workerUrl?: URL;
  /** Threads give way to every other program, where the system knows priorities of threads. */
  lowestPriority?: boolean;
}

class PoolError extends Error {
  override readonly name = 'PoolError';
  readonly code: 'worker_failed' | 'evaluation_failed' | 'pool_stopped' | 'bad_threads';
  constructor(code: PoolError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The error of an aborted batch or search: named `AbortError`, code `aborted`. */
export function abortError(): Error {
  return Object.assign(new Error('mining was interrupted'), { name: 'AbortError', code: 'aborted' });
}

const THREADS_MAX = 256;
/** Times that a task is tried before its step fails. */
const ATTEMPTS_MAX = 3;
const LOAD_WINDOW_MS = 5_000;

/** Tasks that are waited for together. */
interface Step {
  context: ThreadContext;
  replies: ThreadReply[];
  missing: number;
  settled: boolean;
  onDone: ((task: ThreadTask) => void) | undefined;
  resolve(replies: ThreadReply[]): void;
  reject(error: Error): void;
}

interface Chunk {
  step: Step;
  /** Place of the task in its step. */
  place: number;
  task: ThreadTask;
  attempts: number;
}

interface Slot {
  worker: Worker;
  chunk: Chunk | undefined;
  /** Set when the thread no longer counts: it is ending or has ended. */
  gone: boolean;
  requestId: number;
  context: ThreadContext | undefined;
  busySince: number;
  /** It rests until then, ms. */
  restsUntil: number;
  /** Ended busy spans within the load window: [from, to] in ms. */
  spans: [number, number][];
}

export class ThreadPool {
  readonly #workerUrl: URL;
  readonly #lowestPriority: boolean;
  #threads = 1;
  /** Threads that are at work elsewhere. */
  #lent = 0;
  #share = 1;
  #restTimer: NodeJS.Timeout | undefined;
  #paused = false;
  #stopped = false;
  #slots: Slot[] = [];
  #queue: Chunk[] = [];
  readonly #steps = new Set<Step>();
  #idleWaiters: (() => void)[] = [];

  constructor(options: PoolOptions) {
    this.#workerUrl = options.workerUrl ?? new URL('./pool-worker.js', import.meta.url);
    this.#lowestPriority = options.lowestPriority === true;
    this.setThreads(options.threads ?? availableParallelism());
  }

  get threads(): number {
    return this.#threads;
  }

  get paused(): boolean {
    return this.#paused;
  }

  setThreads(count: number): void {
    if (!Number.isInteger(count) || count < 1 || count > THREADS_MAX) {
      throw new PoolError('bad_threads', `threads must be a whole number from 1 to ${THREADS_MAX}, not ${count}`);
    }
    this.#threads = count;
    this.#trim();
    this.#dispatch();
  }

  /** One thread less until what this returns is called, which may be more than once; a task under way is done first. */
  lend(): () => void {
    this.#lent += 1;
    this.#trim();
    let isLent = true;
    return () => {
      if (isLent) this.#lent -= 1;
      isLent = false;
      this.#dispatch();
    };
  }

  get #most(): number {
    return Math.max(0, this.#threads - this.#lent);
  }

  /** Part of the time that a thread works, 0 < share ≤ 1: after each task it rests as long as that asks for. */
  setShare(share: number): void {
    this.#share = share;
    for (const slot of this.#slots) slot.restsUntil = 0;
    this.#dispatch();
  }

  async pause(): Promise<void> {
    this.#paused = true;
    if (this.#slots.every((slot) => slot.chunk === undefined)) return;
    await new Promise<void>((resolve) => {
      this.#idleWaiters.push(resolve);
    });
  }

  resume(): void {
    this.#paused = false;
    this.#dispatch();
  }

  loads(): number[] {
    const now = performance.now();
    const from = now - LOAD_WINDOW_MS;
    return this.#slots.map((slot) => {
      let busy = slot.chunk === undefined ? 0 : now - Math.max(from, slot.busySince);
      for (const [start, end] of slot.spans) busy += Math.max(0, end - Math.max(from, start));
      return Math.min(1, busy / LOAD_WINDOW_MS);
    });
  }

  /**
   * Does tasks that may run at the same time; resolves with their replies in the same order. `onDone` hears of each.
   * Rejects with PoolError (`worker_failed`, `evaluation_failed`, `pool_stopped`) or with an AbortError; what is under way
   * then is still finished and comes to nothing.
   */
  run(
    context: ThreadContext,
    tasks: readonly ThreadTask[],
    signal?: AbortSignal,
    onDone?: (task: ThreadTask) => void,
  ): Promise<ThreadReply[]> {
    if (this.#stopped) return Promise.reject(new PoolError('pool_stopped', 'the pool has stopped'));
    if (signal?.aborted === true) return Promise.reject(abortError());
    if (tasks.length === 0) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      const onAbort = () => this.#settle(step, () => step.reject(abortError()));
      const step: Step = {
        context,
        replies: [],
        missing: tasks.length,
        settled: false,
        onDone,
        resolve: (replies) => {
          signal?.removeEventListener('abort', onAbort);
          resolve(replies);
        },
        reject: (error) => {
          signal?.removeEventListener('abort', onAbort);
          reject(error);
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#steps.add(step);
      tasks.forEach((task, place) => {
        this.#queue.push({ step, place, task, attempts: 0 });
      });
      this.#dispatch();
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#restTimer);
    const error = new PoolError('pool_stopped', 'the pool has stopped');
    for (const step of [...this.#steps]) this.#settle(step, () => step.reject(error));
    const slots = this.#slots.splice(0);
    for (const slot of slots) slot.gone = true;
    await Promise.all(slots.map((slot) => slot.worker.terminate()));
    this.#wakeIdleWaiters();
  }

  /** Ends a step once; whatever its tasks still bring is ignored. */
  #settle(step: Step, finish: () => void): void {
    if (step.settled) return;
    step.settled = true;
    this.#steps.delete(step);
    this.#queue = this.#queue.filter((chunk) => chunk.step !== step);
    finish();
  }

  #dispatch(): void {
    while (!this.#paused && !this.#stopped && this.#queue.length > 0) {
      const slot = this.#freeSlot() ?? this.#startSlot();
      if (slot === undefined) return;
      this.#assign(slot, this.#queue.shift()!);
    }
  }

  /** Looks again when the first one has rested, where all that are free rest. */
  #freeSlot(): Slot | undefined {
    const free = this.#slots.filter(({ chunk }) => chunk === undefined);
    const now = performance.now();
    const rested = free.find(({ restsUntil }) => restsUntil <= now);
    clearTimeout(this.#restTimer);
    if (rested === undefined && free.length > 0) {
      const first = Math.min(...free.map(({ restsUntil }) => restsUntil));
      this.#restTimer = setTimeout(() => this.#dispatch(), Math.ceil(first - now));
    }
    return rested;
  }

  #assign(slot: Slot, chunk: Chunk): void {
    slot.chunk = chunk;
    slot.requestId++;
    slot.busySince = performance.now();
    const request: ThreadRequest = { id: slot.requestId, task: chunk.task };
    if (slot.context !== chunk.step.context) {
      request.context = chunk.step.context;
      slot.context = chunk.step.context;
    }
    slot.worker.postMessage(request);
  }

  /** A new thread, or undefined when there are as many as wanted. */
  #startSlot(): Slot | undefined {
    if (this.#slots.length >= this.#most) return undefined;
    // None of the parent's flags: a thread needs neither its debugger nor its loaders.
    const worker = new Worker(this.#workerUrl, {
      execArgv: [],
      workerData: { lowestPriority: this.#lowestPriority },
    });
    const slot: Slot = {
      worker,
      chunk: undefined,
      gone: false,
      requestId: 0,
      context: undefined,
      busySince: 0,
      restsUntil: 0,
      spans: [],
    };
    worker.on('message', (reply: ThreadReply) => this.#receive(slot, reply));
    worker.on('error', (error) => this.#lose(slot, error));
    worker.on('exit', () => this.#lose(slot, undefined));
    this.#slots.push(slot);
    return slot;
  }

  #release(slot: Slot): Chunk | undefined {
    const { chunk } = slot;
    const now = performance.now();
    slot.chunk = undefined;
    while (slot.spans.length > 0 && slot.spans[0]![1] <= now - LOAD_WINDOW_MS) slot.spans.shift();
    const last = slot.spans.at(-1);
    if (chunk === undefined) return undefined;
    slot.restsUntil = now + (now - slot.busySince) * (1 / this.#share - 1);
    // Tasks that follow one another at once are one busy span.
    if (last !== undefined && slot.busySince - last[1] < 1) last[1] = now;
    else slot.spans.push([slot.busySince, now]);
    return chunk;
  }

  #receive(slot: Slot, reply: ThreadReply): void {
    if (slot.gone || reply.id !== slot.requestId) return;
    const chunk = this.#release(slot);
    if (chunk !== undefined) this.#finish(slot, chunk, reply);
    this.#trim();
    this.#dispatch();
    this.#wakeIdleWaiters();
  }

  #finish(slot: Slot, { step, place, task }: Chunk, reply: ThreadReply): void {
    if (reply.error !== undefined) {
      slot.context = undefined;
      const error = new PoolError('evaluation_failed', `a strategy could not be evaluated: ${reply.error}`);
      this.#settle(step, () => step.reject(error));
      return;
    }
    if (step.settled) return;
    step.replies[place] = reply;
    step.onDone?.(task);
    step.missing--;
    if (step.missing === 0) this.#settle(step, () => step.resolve(step.replies));
  }

  /** A thread died: its task is tried again on another one. */
  #lose(slot: Slot, cause: unknown): void {
    if (slot.gone) return;
    slot.gone = true;
    this.#slots = this.#slots.filter((other) => other !== slot);
    const chunk = this.#release(slot);
    if (chunk !== undefined && !chunk.step.settled) {
      chunk.attempts++;
      if (chunk.attempts < ATTEMPTS_MAX) this.#queue.unshift(chunk);
      else {
        const error = new PoolError('worker_failed', `a worker thread died ${ATTEMPTS_MAX} times on the same task`, {
          cause,
        });
        this.#settle(chunk.step, () => chunk.step.reject(error));
      }
    }
    this.#dispatch();
    this.#wakeIdleWaiters();
  }

  /** Ends idle threads beyond the wanted number. */
  #trim(): void {
    for (let i = this.#slots.length - 1; i >= 0 && this.#slots.length > this.#most; i--) {
      const slot = this.#slots[i]!;
      if (slot.chunk !== undefined) continue;
      slot.gone = true;
      this.#slots.splice(i, 1);
      void slot.worker.terminate();
    }
  }

  #wakeIdleWaiters(): void {
    if (this.#slots.some((slot) => slot.chunk !== undefined)) return;
    for (const wake of this.#idleWaiters.splice(0)) wake();
  }
}
