// Sentences: readable in both languages, and complete, so that no two strategies share one.
import fc from 'fast-check';
import t from 'tap';
import { describeStrategy } from '../../src/engine/describe-strategy.ts';
import { getIndicator } from '../../src/engine/indicators/table.ts';
import { parseStrategy } from '../../src/engine/parse-strategy.ts';
import type { Strategy } from '../../src/engine/strategy.ts';
import { canonicalStrategy } from '../../src/engine/strategy-hash.ts';
import { strategyArbitrary } from './random-strategies.ts';

const FULL = {
  v: 1,
  side: 'long',
  entry: [
    [
      { left: { indicator: 'rsi', period: 14 }, op: 'crosses_above', right: { value: 30 } },
      { left: { field: 'close', times: 1.02 }, op: '>', right: { indicator: 'ema', period: 200, timeframe: '1h' } },
    ],
    [
      {
        left: { indicator: 'adx', output: 'plus_di' },
        op: '<',
        right: { indicator: 'bollinger', output: 'percent_b', deviations: 2.5, barsAgo: 2, timeframe: '4h' },
      },
    ],
  ],
  exit: [
    { left: { indicator: 'obv' }, op: 'crosses_below', right: { indicator: 'obv', barsAgo: 1 } },
    { left: { field: 'low' }, op: '<', right: { indicator: 'vwap_day' } },
  ],
  stopLoss: { percent: 1.5 },
  takeProfit: { atr: 6, of: 'signal' },
  trailing: { percent: 3 },
  breakEven: { percent: 1 },
  maxBars: 48,
  size: { percentOfEquity: 20 },
  maxPositions: 2,
};

t.test('in English', async (t) => {
  t.equal(
    describeStrategy(parseStrategy(FULL)),
    'Buy when RSI(14) crosses above 30 and 1.02 × close is above EMA(200) on 1h, or when ADX(14) +DI is below ' +
      'Bollinger(20, 2.5) %B 2 bars ago on 4h; exit when OBV crosses below OBV 1 bar ago or low is below day VWAP, ' +
      'stop 1.5 %, target 6 × ATR(14) from the signal close, trailing stop 3 %, break-even after 1 %, at most 48 bars; ' +
      'size 20 % of equity, up to 2 positions.',
  );
});

t.test('in Spanish', async (t) => {
  t.equal(
    describeStrategy(parseStrategy(FULL), 'es'),
    'Comprar cuando RSI(14) cruza al alza 30 y 1,02 × el cierre es mayor que EMA(200) en 1h, o bien cuando ADX(14) +DI ' +
      'es menor que Bollinger(20; 2,5) %B de hace 2 velas en 4h; salir cuando OBV cruza a la baja OBV de hace 1 vela o ' +
      'cuando el mínimo es menor que VWAP del día, stop 1,5 %, objetivo 6 × ATR(14) desde el cierre de la señal, stop ' +
      'dinámico 3 %, stop en la entrada tras 1 %, como máximo 48 velas; tamaño 20 % del capital, hasta 2 posiciones.',
  );
  const short = { ...FULL, side: 'short', exit: [], entry: [FULL.entry[0]], maxBars: 1, size: { units: 1 } };
  t.match(
    describeStrategy(parseStrategy(short), 'es'),
    /^Vender en corto cuando .*como máximo 1 vela; tamaño 1 unidad,/,
  );
});

/** Every copy of a strategy in which one leaf is another value, or one optional key is gone. */
function neighbours(value: unknown, put: (changed: unknown) => unknown): unknown[] {
  if (typeof value === 'number') return [put(value + 1), put(value / 2)];
  if (value === null || typeof value !== 'object') {
    const words = [
      ['long', 'short'],
      ['>', '<', 'crosses_above', 'crosses_below'],
      ['1h', '30m'],
      ['close', 'open'],
    ];
    return (words.find((list) => list.includes(value as string)) ?? []).map((word) => put(word));
  }
  if (Array.isArray(value)) {
    return value.flatMap((item, i) => [
      put(value.filter((_, j) => j !== i)),
      ...neighbours(item, (changed) => put(value.map((other, j) => (j === i ? changed : other)))),
    ]);
  }
  return Object.entries(value).flatMap(([key, item]) => {
    const { [key]: _, ...rest } = value as Record<string, unknown>;
    return [put(rest), ...neighbours(item, (changed) => put({ ...rest, [key]: changed }))];
  });
}

function parsed(input: unknown): Strategy | undefined {
  try {
    return parseStrategy(input);
  } catch {
    return undefined;
  }
}

for (const language of ['en', 'es'] as const) {
  t.test(
    `${language}: every gene can be read, since a change of any of them changes the sentence (seed 12)`,
    async (t) => {
      let compared = 0;
      fc.assert(
        fc.property(strategyArbitrary, (input) => {
          const strategy = parseStrategy(input);
          const sentence = describeStrategy(strategy, language);
          const name = canonicalStrategy(strategy);
          return neighbours(input, (changed) => changed).every((changed) => {
            const other = parsed(changed);
            if (other === undefined || canonicalStrategy(other) === name) return true;
            compared++;
            return describeStrategy(other, language) !== sentence;
          });
        }),
        { seed: 12, numRuns: 60 },
      );
      t.ok(compared > 3000, `${compared} pairs`);
    },
  );

  t.test(`${language}: every number and every indicator stands in it, and nothing undefined (seed 13)`, async () => {
    const comma = (text: string) => (language === 'es' ? text.replace('.', ',') : text);
    fc.assert(
      fc.property(strategyArbitrary, (input) => {
        const strategy = parseStrategy(input);
        const sentence = describeStrategy(strategy, language);
        const { v: _, maxPositions, ...genes } = strategy;
        const text = JSON.stringify({ ...genes, maxPositions: maxPositions === 1 ? undefined : maxPositions });
        const numbers = [...text.matchAll(/:(-?\d[\d.]*)/g)].map(([, number]) => comma(number!));
        const labels = [...text.matchAll(/"indicator":"(\w+)"/g)].map(([, name]) => {
          const { label, labelEs } = getIndicator(name!, 'indicator');
          return language === 'es' ? (labelEs ?? label) : label;
        });
        const frames = [...text.matchAll(/"timeframe":"(\w+)"/g)].map(([, name]) => name!);
        return (
          [...numbers, ...labels, ...frames].every((part) => sentence.includes(part)) &&
          !/undefined|NaN|\[object/.test(sentence)
        );
      }),
      { seed: 13, numRuns: 300 },
    );
  });
}
