// One thread of the pool: fills and runs what the pool planned, on candles and results in shared memory.
import { constants, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { Runner } from '../engine/fast/runner.ts';
import { PlainEvaluator } from '../engine/fitness.ts';
import type { Strategy } from '../engine/strategy.ts';
import {
  NUMBERS_PER_EVALUATION,
  type PlainScores,
  type ThreadContext,
  type ThreadReply,
  type ThreadRequest,
  type ThreadTask,
} from './pool-protocol.ts';

/** The engines of one context. */
class Bench {
  readonly #context: ThreadContext;
  readonly #runner: Runner;
  #plain: PlainEvaluator | undefined;

  constructor(context: ThreadContext) {
    this.#context = context;
    this.#runner = new Runner(context.market, context.columns, context.spec.costs);
  }

  do(task: ThreadTask): PlainScores | undefined {
    const runner = this.#runner;
    if (task.kind === 'plain') return this.#scorePlainly(task.strategies);
    if (task.kind === 'run') runner.run(task.from, task.count, this.#context.spec.equity);
    else if (task.kind === 'pyramid') runner.buildPyramid(task.index);
    else if (task.kind === 'columns') for (const column of task.tasks) runner.fillColumn(column);
    else for (const rule of task.tasks) runner.fillRule(rule);
    return undefined;
  }

  #scorePlainly(strategies: readonly string[]): PlainScores {
    this.#plain ??= new PlainEvaluator(this.#context.columns, this.#context.spec);
    const numbers = new Float64Array(strategies.length * NUMBERS_PER_EVALUATION);
    const behaviours: string[] = [];
    for (const text of strategies) {
      const evaluation = this.#plain.evaluate(JSON.parse(text) as Strategy);
      const { fitness, sharpe, return: netReturn, trades, behaviour } = evaluation;
      numbers.set([fitness, sharpe, netReturn, trades], behaviours.length * NUMBERS_PER_EVALUATION);
      behaviours.push(behaviour);
    }
    return { numbers, behaviours };
  }
}

let bench: Bench | undefined;

function serve({ id, context, task }: ThreadRequest): ThreadReply {
  try {
    if (context !== undefined) bench = new Bench(context);
    if (bench === undefined) throw new Error('a request came before its candles');
    const scores = bench.do(task);
    return scores === undefined ? { id } : { id, scores };
  } catch (error) {
    // A half-built context must not serve the next request.
    bench = undefined;
    return { id, error: error instanceof Error ? error.message : String(error) };
  }
}

// On Linux a priority is a thread's; elsewhere the process has it, and has set it.
if (process.platform === 'linux' && (workerData as { lowestPriority?: boolean } | null)?.lowestPriority === true) {
  setPriority(constants.priority.PRIORITY_LOW);
}

if (parentPort === null) throw new Error('pool-worker runs as a worker thread only');
const port = parentPort;
port.on('message', (request: ThreadRequest) => port.postMessage(serve(request)));
