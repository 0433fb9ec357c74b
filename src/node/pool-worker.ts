// One thread of the pool: scores strategies on candles in shared memory.
import { parentPort } from 'node:worker_threads';
import { PlainEvaluator } from '../engine/fitness.ts';
import type { Strategy } from '../engine/strategy.ts';
import { NUMBERS_PER_EVALUATION, type ScoreReply, type ScoreRequest } from './pool-protocol.ts';

let evaluator: PlainEvaluator | undefined;

function score(request: ScoreRequest): ScoreReply {
  const { id, context, strategies } = request;
  const numbers = new Float64Array(strategies.length * NUMBERS_PER_EVALUATION);
  const behaviours: string[] = [];
  try {
    if (context !== undefined) evaluator = new PlainEvaluator(context.columns, context.spec);
    if (evaluator === undefined) throw new Error('a request came before its candles');
    for (const text of strategies) {
      const {
        fitness,
        sharpe,
        return: netReturn,
        trades,
        behaviour,
      } = evaluator.evaluate(JSON.parse(text) as Strategy);
      numbers.set([fitness, sharpe, netReturn, trades], behaviours.length * NUMBERS_PER_EVALUATION);
      behaviours.push(behaviour);
    }
    return { id, numbers, behaviours };
  } catch (error) {
    // A half-built context must not serve the next request.
    evaluator = undefined;
    return { id, numbers, behaviours, error: error instanceof Error ? error.message : String(error) };
  }
}

if (parentPort === null) throw new Error('pool-worker runs as a worker thread only');
const port = parentPort;
port.on('message', (request: ScoreRequest) => port.postMessage(score(request)));
