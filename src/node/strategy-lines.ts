// What the rules of a strategy look at, over a window of candles: the engine's own columns, for a chart.
import type { Candles } from '../engine/candles.ts';
import { canonicalJson } from '../engine/canonical-json.ts';
import { ColumnStore } from '../engine/column-store.ts';
import { describeOperand } from '../engine/describe-strategy.ts';
import { getIndicator } from '../engine/indicators/table.ts';
import { parseStrategy } from '../engine/parse-strategy.ts';
import type { IndicatorOperand, Operand, Strategy } from '../engine/strategy.ts';
import { fitStrategy } from '../engine/timeframes.ts';
import type { IndicatorsView, WindowQuery } from '../ui/api-strategy.ts';
import { windowOf } from './strategy-run.ts';

interface Seen {
  operand: IndicatorOperand;
  levels: Set<number>;
}

/** Each indicator of the rules once, in their order, with the constants that it is compared with. */
function indicatorsOf({ entry, exit }: Strategy): Seen[] {
  const seen = new Map<string, Seen>();
  const note = (operand: Operand, other: Operand): void => {
    if (!('indicator' in operand)) return;
    const key = canonicalJson(operand);
    const known = seen.get(key) ?? { operand, levels: new Set() };
    if ('value' in other) known.levels.add(other.value);
    seen.set(key, known);
  };
  for (const { left, right } of [...entry.flat(), ...exit]) {
    note(left, right);
    note(right, left);
  }
  return [...seen.values()];
}

function scaleOf({ indicator, output = 'value' }: IndicatorOperand): string {
  return getIndicator(indicator, 'indicator').outputs.find(({ name }) => name === output)!.scale;
}

/** Throws InvalidInput for a strategy that is none. */
export function strategyLines(candles: Candles, strategy: unknown, query: WindowQuery): IndicatorsView {
  const { from, to } = windowOf(candles, query);
  const store = new ColumnStore(candles);
  const scratch = new Float64Array(candles.length);
  const lines = indicatorsOf(fitStrategy(parseStrategy(strategy), candles.barMs)).map(({ operand, levels }) => ({
    name: describeOperand(operand, 'en'),
    nameEs: describeOperand(operand, 'es'),
    scale: scaleOf(operand),
    levels: [...levels],
    values: Array.from(store.values(operand, scratch).subarray(from, to), (value) =>
      Number.isFinite(value) ? value : null,
    ),
  }));
  return { barMs: candles.barMs, time: Array.from(candles.time.subarray(from, to)), lines };
}
