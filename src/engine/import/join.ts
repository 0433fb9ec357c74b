// Candles of one market from several files as one data set: an archive's months, or what two programs have stored.
import { makeCandles } from '../candle-codec.ts';
import { allocateColumns, BARS_MAX, type CandleColumns, type Candles } from '../candles.ts';
import { InvalidInput } from '../errors.ts';
import { type Found, noneFound, note } from './report.ts';

export interface Part {
  /** For messages. */
  name: string;
  candles: Candles;
}

/** A bar that two files tell differently. */
export interface JoinConflict {
  /** ms UTC. */
  time: number;
  /** Names of the file whose bar was kept, and of the other. */
  kept: string;
  dropped: string;
}

export interface Joined {
  candles: Candles;
  /** Bars that a later file repeats exactly. */
  duplicates: number;
  /** The bar with the greater volume is kept, of equal ones that of the file that was named first. */
  conflicts: Found<JoinConflict>;
}

const VALUES = ['open', 'high', 'low', 'close', 'volume'] as const;

const isSameBar = (a: CandleColumns, i: number, b: CandleColumns, j: number): boolean =>
  VALUES.every((name) => a[name][i] === b[name][j]);

function checkFit([first, ...others]: readonly Part[]): void {
  const { meta, time, barMs } = first!.candles;
  for (const { name, candles } of others) {
    const differ = (['symbol', 'quote', 'source', 'barMs'] as const).find((key) => candles.meta[key] !== meta[key]);
    if (differ !== undefined) {
      const said = (value: string | number): string =>
        differ === 'barMs' ? `bars of ${value} ms` : `${differ} ${value}`;
      const message = `${name} has ${said(candles.meta[differ])}, ${first!.name} has ${said(meta[differ])}: files of one market are joined`;
      throw new InvalidInput('bad_value', message, differ === 'barMs' ? 'data' : differ);
    }
    if ((candles.time[0]! - time[0]!) % barMs !== 0) {
      throw new InvalidInput('bad_time', `the bars of ${name} do not lie on the grid of ${first!.name}`, 'data');
    }
  }
}

/** Of each time the part and the bar in it that count. */
class Choice {
  readonly chosen = new Map<number, { part: Part; bar: number }>();
  readonly conflicts: Found<JoinConflict> = noneFound();
  duplicates = 0;

  add(part: Part, bar: number): void {
    const { candles } = part;
    const time = candles.time[bar]!;
    const known = this.chosen.get(time);
    if (known === undefined) this.chosen.set(time, { part, bar });
    else if (isSameBar(known.part.candles, known.bar, candles, bar)) this.duplicates++;
    else if (candles.volume[bar]! > known.part.candles.volume[known.bar]!) {
      note(this.conflicts, { time, kept: part.name, dropped: known.part.name });
      this.chosen.set(time, { part, bar });
    } else note(this.conflicts, { time, kept: known.part.name, dropped: part.name });
  }
}

/**
 * All bars of the parts, each time once, in the order of time; what is missing between them is a gap. Throws InvalidInput:
 * `bad_value` for files of different markets or bars, `bad_time` for different grids, `too_many_rows`.
 */
export function joinCandles(parts: readonly Part[]): Joined {
  checkFit(parts);
  const { meta, barMs } = parts[0]!.candles;
  const choice = new Choice();
  for (const part of parts) for (let bar = 0; bar < part.candles.length; bar++) choice.add(part, bar);
  const { chosen, duplicates, conflicts } = choice;
  if (chosen.size > BARS_MAX) throw new InvalidInput('too_many_rows', `the files have more than ${BARS_MAX} bars`);
  const columns = allocateColumns(chosen.size, barMs);
  const times = Float64Array.from(chosen.keys()).sort((a, b) => a - b);
  times.forEach((time, i) => {
    const { part, bar } = chosen.get(time)!;
    columns.time[i] = time;
    for (const name of VALUES) columns[name][i] = part.candles[name][bar]!;
  });
  return { candles: makeCandles(columns, { ...meta, barMs }), duplicates, conflicts };
}
