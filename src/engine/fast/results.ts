// From the kernel's results to evaluations.
import { nameBehaviour } from '../behaviour.ts';
import type { Evaluation, FoldRun, Judge } from '../fitness.ts';
import { RESULT_HEAD_BYTES, RESULT_SPAN_BYTES } from './layout.ts';
import type { Market } from './market.ts';

/** Reads results of the batch that ran last. */
export class ResultReader {
  readonly #numbers: Float64Array;
  readonly #words: Uint32Array;
  readonly #rowNumbers: number;
  readonly #folds: FoldRun[];

  constructor({ memory, layout }: Market) {
    this.#numbers = new Float64Array(memory.buffer, layout.results);
    this.#words = new Uint32Array(memory.buffer, layout.results);
    this.#rowNumbers = layout.resultBytes / 8;
    // A span's returns: one less than its bars from the first signal on.
    this.#folds = layout.spans.map(({ first, to }) => ({ count: to - first - 1, sum: 0, squares: 0, trades: 0 }));
  }

  evaluation(index: number, judge: Judge): Evaluation {
    const row = index * this.#rowNumbers;
    const numbers = this.#numbers;
    this.#folds.forEach((fold, f) => {
      const at = row + (RESULT_HEAD_BYTES + RESULT_SPAN_BYTES * f) / 8;
      fold.sum = numbers[at]!;
      fold.squares = numbers[at + 1]!;
      fold.trades = numbers[at + 2]!;
    });
    const behaviour = nameBehaviour(this.#words[row * 2 + 2]!, this.#words[row * 2 + 3]!);
    return judge.evaluate(this.#folds, numbers[row]!, behaviour);
  }
}
