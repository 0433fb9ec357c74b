// Wilder's directional movement.
import type { CandleColumns } from '../candles.ts';
import { undefinedColumn, wilder } from './averages.ts';
import { trueRanges } from './formulas.ts';

/**
 * ADX, +DI, −DI (Wilder, New Concepts in Technical Trading Systems, 1978). From bar 1 on: +DM is the rise of the high
 * where it exceeds the fall of the low, else 0; −DM its mirror image. ±DI = 100 × Wilder average of ±DM / Wilder average
 * of the true range, both seeded with the mean of the first `period` values (bars 1 to `period`): defined from bar
 * `period` on. DX = 100 × |+DI − −DI| / (+DI + −DI). ADX: its Wilder average, seeded with the mean of the first `period`
 * ones: from bar 2 × period − 1 on. 0 where nothing moved. (TA-Lib seeds DM and range with one value less.)
 */
export function adx(candles: CandleColumns, period: number): Float64Array[] {
  const { high, low, length } = candles;
  const rises = new Float64Array(length);
  const falls = new Float64Array(length);
  for (let i = 1; i < length; i++) {
    const up = high[i]! - high[i - 1]!;
    const down = low[i - 1]! - low[i]!;
    if (up > down && up > 0) rises[i] = up;
    else if (down > up && down > 0) falls[i] = down;
  }
  const plus = wilder(rises, 1, period);
  const minus = wilder(falls, 1, period);
  const ranges = wilder(trueRanges(candles), 1, period);
  const directions = undefinedColumn(length);
  for (let i = period; i < length; i++) {
    const [rise, fall, range] = [plus[i]!, minus[i]!, ranges[i]!];
    directions[i] = rise + fall === 0 ? 0 : (100 * Math.abs(rise - fall)) / (rise + fall);
    plus[i] = range === 0 ? 0 : (100 * rise) / range;
    minus[i] = range === 0 ? 0 : (100 * fall) / range;
  }
  return [wilder(directions, period, period), plus, minus];
}
