// Wilder's directional movement.
import type { CandleColumns } from '../candles.ts';
import { wilder } from './averages.ts';
import { movesOf } from './moves.ts';

/**
 * ADX, +DI, −DI (Wilder, New Concepts in Technical Trading Systems, 1978). From bar 1 on: +DM is the rise of the high
 * where it exceeds the fall of the low, else 0; −DM its mirror image. ±DI = 100 × Wilder average of ±DM / Wilder average
 * of the true range, both seeded with the mean of the first `period` values (bars 1 to `period`): defined from bar
 * `period` on. DX = 100 × |+DI − −DI| / (+DI + −DI). ADX: its Wilder average, seeded with the mean of the first `period`
 * ones: from bar 2 × period − 1 on. 0 where nothing moved. (TA-Lib seeds DM and range with one value less.)
 */
export function adx(candles: CandleColumns, period: number, out: readonly Float64Array[]): void {
  const [average, plus, minus] = out as [Float64Array, Float64Array, Float64Array];
  wilder(movesOf(candles, 'rises'), 1, period, plus);
  wilder(movesOf(candles, 'falls'), 1, period, minus);
  wilder(movesOf(candles, 'ranges'), 1, period, average);
  for (let i = period; i < candles.length; i++) {
    const rise = plus[i]!;
    const fall = minus[i]!;
    const share = average[i] === 0 ? 0 : 100 / average[i]!;
    // Until the last line `average` holds ranges, then directions.
    average[i] = rise + fall === 0 ? 0 : (100 * Math.abs(rise - fall)) / (rise + fall);
    plus[i] = share * rise;
    minus[i] = share * fall;
  }
  wilder(average, period, period, average);
}
