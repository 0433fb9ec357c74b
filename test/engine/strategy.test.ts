// The strategy file: what is accepted, what is refused and where, names and sentences.
import t from 'tap';
import { describeStrategy } from '../../src/engine/describe-strategy.ts';
import { parseStrategy } from '../../src/engine/parse-strategy.ts';
import { canonicalStrategy, strategyHash } from '../../src/engine/strategy-hash.ts';

const FULL = {
  v: 1,
  side: 'long',
  entry: [[{ left: { indicator: 'sma', period: 20 }, op: 'crosses_above', right: { indicator: 'sma', period: 50 } }]],
  exit: [{ left: { indicator: 'rsi', period: 14 }, op: '>', right: { value: 55 } }],
  stopLoss: { percent: 2, of: 'fill' },
  takeProfit: { atr: 6, period: 14 },
  trailing: { percent: 1.5 },
  breakEven: { percent: 1 },
  maxBars: 48,
  size: { percentOfEquity: 20 },
  maxPositions: 1,
};

/** A copy of FULL with one value replaced; `undefined` removes the key. */
function changed(path: (string | number)[], value: unknown): unknown {
  const copy = structuredClone(FULL) as unknown;
  let at = copy as Record<string | number, unknown>;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string | number, unknown>;
  if (value === undefined) delete at[path.at(-1)!];
  else at[path.at(-1)!] = value;
  return copy;
}

t.test('the example of the contract is accepted', async (t) => {
  const strategy = parseStrategy(FULL);
  t.same(strategy.maxBars, 48);
  t.equal(
    describeStrategy(strategy),
    'Buy when SMA(20) crosses above SMA(50); exit when RSI(14) is above 55, stop 2 %, target 6 × ATR(14), ' +
      'trailing stop 1.5 %, break-even after 1 %, at most 48 bars; size 20 % of equity.',
  );
});

t.test('every fault is refused with its code and path', async (t) => {
  const left = ['entry', 0, 0, 'left'];
  const cases: [(string | number)[], unknown, string, string][] = [
    [['v'], 2, 'out_of_range', 'v'],
    [['v'], '1', 'bad_value', 'v'],
    [['side'], undefined, 'missing_key', 'side'],
    [['side'], 'both', 'bad_value', 'side'],
    [['name'], '', 'bad_value', 'name'],
    [['leverage'], 3, 'unknown_key', 'leverage'],
    [['entry'], [], 'out_of_range', 'entry'],
    [['entry'], [[]], 'out_of_range', 'entry[0]'],
    [['entry', 0], Array(5).fill(FULL.entry[0]![0]), 'out_of_range', 'entry[0]'],
    [['entry', 0, 0, 'op'], '>=', 'unknown_operator', 'entry[0][0].op'],
    [['entry', 0, 0, 'why'], 1, 'unknown_key', 'entry[0][0].why'],
    [[...left, 'indicator'], 'kst', 'unknown_indicator', 'entry[0][0].left.indicator'],
    [[...left, 'indicator'], 'toString', 'unknown_indicator', 'entry[0][0].left.indicator'],
    [[...left, 'period'], undefined, 'missing_key', 'entry[0][0].left.period'],
    [[...left, 'period'], 0, 'out_of_range', 'entry[0][0].left.period'],
    [[...left, 'period'], 1001, 'out_of_range', 'entry[0][0].left.period'],
    [[...left, 'period'], 20.5, 'bad_value', 'entry[0][0].left.period'],
    [[...left, 'fast'], 3, 'unknown_key', 'entry[0][0].left.fast'],
    [[...left, 'timeframe'], '7m', 'bad_timeframe', 'entry[0][0].left.timeframe'],
    [[...left, 'times'], 0, 'out_of_range', 'entry[0][0].left.times'],
    [[...left, 'barsAgo'], -1, 'out_of_range', 'entry[0][0].left.barsAgo'],
    [[...left, 'barsAgo'], 1.5, 'bad_value', 'entry[0][0].left.barsAgo'],
    [left, { field: 'typical' }, 'bad_value', 'entry[0][0].left.field'],
    [left, { indicator: 'macd' }, 'missing_key', 'entry[0][0].left.output'],
    [left, { indicator: 'macd', output: 'upper' }, 'unknown_output', 'entry[0][0].left.output'],
    [left, { indicator: 'macd', output: 'macd', fast: 26 }, 'out_of_range', 'entry[0][0].left.fast'],
    [left, {}, 'missing_key', 'entry[0][0].left'],
    [left, null, 'bad_value', 'entry[0][0].left'],
    [['exit', 0, 'right', 'value'], Number.NaN, 'bad_value', 'exit[0].right.value'],
    [['exit', 0, 'left'], { value: 3 }, 'bad_value', 'exit[0]'],
    [['exit'], Array(4).fill(FULL.exit[0]), 'out_of_range', 'exit'],
    [['stopLoss', 'percent'], 100, 'out_of_range', 'stopLoss.percent'],
    [['stopLoss', 'percent'], 0, 'out_of_range', 'stopLoss.percent'],
    [['stopLoss', 'of'], 'open', 'bad_value', 'stopLoss.of'],
    [['stopLoss'], {}, 'missing_key', 'stopLoss.percent'],
    [['takeProfit', 'percent'], 3, 'unknown_key', 'takeProfit.percent'],
    [['trailing', 'of'], 'fill', 'unknown_key', 'trailing.of'],
    [['maxBars'], 0, 'out_of_range', 'maxBars'],
    [['size'], { percentOfEquity: 101 }, 'out_of_range', 'size.percentOfEquity'],
    [['size'], { units: 1, quote: 3 }, 'unknown_key', 'size.units'],
    [['size'], undefined, 'missing_key', 'size'],
    [['maxPositions'], 4, 'out_of_range', 'maxPositions'],
  ];
  for (const [path, value, code, field] of cases) {
    t.throws(
      () => parseStrategy(changed(path, value)),
      { name: 'InvalidInput', code, field },
      `${path.join('.')} = ${JSON.stringify(value)}`,
    );
  }
  for (const input of [null, 3, 'x', [], undefined]) t.throws(() => parseStrategy(input), { code: 'bad_value' });
});

t.test('equal strategies have equal names, whatever they are called and however they are written', async (t) => {
  const bare = {
    maxPositions: 1,
    size: { percentOfEquity: 10 },
    side: 'long',
    v: 1,
    entry: [[{ right: { value: 0 }, op: '<', left: { output: 'percent_b', indicator: 'bollinger' } }]],
    stopLoss: { atr: 2 },
  };
  const spelled = {
    v: 1,
    name: 'Lower band',
    side: 'long',
    entry: [
      [
        {
          left: { indicator: 'bollinger', output: 'percent_b', period: 20, deviations: 2, barsAgo: 0, times: 1 },
          op: '<',
          right: { value: -0 },
        },
      ],
    ],
    exit: [],
    stopLoss: { atr: 2, period: 14, of: 'fill' },
    size: { percentOfEquity: 10 },
  };
  t.equal(strategyHash(parseStrategy(bare)), strategyHash(parseStrategy(spelled)));
  t.equal(
    canonicalStrategy(parseStrategy(bare)),
    '{"entry":[[{"left":{"deviations":2,"indicator":"bollinger","output":"percent_b","period":20},"op":"<",' +
      '"right":{"value":0}}]],"exit":[],"maxPositions":1,"side":"long","size":{"percentOfEquity":10},' +
      '"stopLoss":{"atr":2,"period":14},"v":1}',
  );
  t.not(strategyHash(parseStrategy({ ...bare, side: 'short' })), strategyHash(parseStrategy(bare)));
  t.equal(parseStrategy(spelled).name, 'Lower band');
});

t.test('sentences', async (t) => {
  const sentence = (changes: object) => describeStrategy(parseStrategy({ ...FULL, exit: [], ...changes }));
  const two = sentence({
    side: 'short',
    entry: [
      [
        { left: { indicator: 'rsi', period: 14 }, op: 'crosses_below', right: { value: 70 } },
        {
          left: { field: 'close', times: 1.02 },
          op: '<',
          right: { indicator: 'donchian', output: 'upper', period: 48, barsAgo: 1 },
        },
      ],
      [{ left: { field: 'volume' }, op: '>', right: { field: 'volume', barsAgo: 2 } }],
    ],
    stopLoss: { percent: 2, of: 'signal' },
    takeProfit: undefined,
    trailing: undefined,
    breakEven: undefined,
    maxBars: 1,
    size: { quote: 500 },
    maxPositions: 2,
  });
  t.equal(
    two,
    'Sell short when RSI(14) crosses below 70 and 1.02 × close is below Donchian(48) upper 1 bar ago, or when volume ' +
      'is above volume 2 bars ago; stop 2 % from the signal close, at most 1 bar; size 500 in quote currency, up to 2 positions.',
  );
});
