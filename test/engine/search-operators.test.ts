// What the search draws and how it varies it: always valid, never idle, and every operator at work.
import fc from 'fast-check';
import t from 'tap';
import { canonicalJson } from '../../src/engine/canonical-json.ts';
import { ColumnStore } from '../../src/engine/column-store.ts';
import { parseStrategy } from '../../src/engine/parse-strategy.ts';
import { openStream, openStreams } from '../../src/engine/random.ts';
import { sampleCandles } from '../../src/engine/sample.ts';
import { clashes, drawGene, type Gene, geneOf } from '../../src/engine/search/conditions.ts';
import { genomeOf, strategyOf } from '../../src/engine/search/genome.ts';
import { canMeet } from '../../src/engine/search/terms.ts';
import { type Child, cross, drawGenome, mutate, type Rules } from '../../src/engine/search/vary.ts';
import type { RiskName } from '../../src/engine/search-spec.ts';
import type { Condition, Operand, Strategy } from '../../src/engine/strategy.ts';
import { canonicalStrategy } from '../../src/engine/strategy-hash.ts';
import { rulesOf } from './search-rules.ts';

/** What is wrong with a strategy of the search, or undefined. */
function findFault(strategy: Strategy, { profile, allowShort }: Rules): string | undefined {
  const text = canonicalStrategy(strategy);
  const { side, size, stopLoss, exit, takeProfit, trailing, maxBars } = strategy;
  const endings = [takeProfit, trailing, maxBars].filter((order) => order !== undefined);
  if (text !== canonicalJson({ ...strategy, name: undefined })) return 'its text is not the canonical one';
  if (canonicalStrategy(parseStrategy(JSON.parse(text))) !== text) return 'not in canonical form';
  if (side === 'short' && !(allowShort && profile.shorts)) return 'a short that is not allowed';
  if (profile.stopRequired && stopLoss === undefined) return 'no stop';
  if (!('percentOfEquity' in size && profile.sizes.includes(size.percentOfEquity))) return 'a size out of the profile';
  return exit.length + endings.length === 0 ? 'no end' : undefined;
}

/** Whether two conditions of one list stand in each other's way, or one cannot say anything. */
function hasIdleCondition({ pool, groups, exits }: Child['genome']): boolean {
  const isIdle = (genes: readonly Gene[], any: boolean) =>
    genes.some(
      (gene, g) =>
        !canMeet(pool, gene.left, gene.right) || genes.slice(0, g).some((other) => clashes(gene, other, any)),
    );
  return groups.some((group) => isIdle(group, false)) || isIdle(exits, true);
}

t.test('whatever the search draws, crosses and mutates is a valid file without idle conditions (seed 99)', async () => {
  const risks = fc.constantFrom<RiskName>('low', 'medium', 'high');
  fc.assert(
    fc.property(fc.nat(100_000), risks, fc.boolean(), (key, risk, allowShort) => {
      const random = openStream(new Uint8Array([99]), key);
      const rules = rulesOf(risk, allowShort, 900_000);
      const family = [cross(drawGenome(rules, random), drawGenome(rules, random), rules, random).genome];
      for (let step = 0; step < 12; step++) family.push(mutate(family.at(-1)!, rules, random).genome);
      return family.every((genome) => {
        // A strategy that was read again, as from a checkpoint, is the same to the operators.
        const strategy = strategyOf(genome);
        const again = strategyOf(genomeOf(rules.pool, parseStrategy(JSON.parse(canonicalStrategy(strategy)))));
        const same = canonicalStrategy(again) === canonicalStrategy(strategy);
        return same && !hasIdleCondition(genome) && findFault(strategy, rules) === undefined;
      });
    }),
    { seed: 99, numRuns: 400 },
  );
});

t.test('a strategy read from a checkpoint mutates as the one that was written (seed 5)', async () => {
  const rules = rulesOf('high', true);
  fc.assert(
    fc.property(fc.nat(100_000), (key) => {
      const random = openStream(new Uint8Array([5]), key);
      const parent = strategyOf(drawGenome(rules, random));
      const read = parseStrategy(JSON.parse(canonicalStrategy(parent)));
      const childOf = (strategy: Strategy) => {
        const { genome } = mutate(genomeOf(rules.pool, strategy), rules, openStream(new Uint8Array([6]), key));
        return canonicalStrategy(strategyOf(genome));
      };
      return childOf(parent) === childOf(read);
    }),
    { seed: 5, numRuns: 500 },
  );
});

const close: Operand = { field: 'close' };
const volume: Operand = { field: 'volume' };
const sma = (period: number, more = {}): Operand => ({ indicator: 'sma', period, ...more });
const band = (output: string, more = {}): Operand => ({
  ...{ indicator: 'bollinger', output, period: 20, deviations: 2 },
  ...more,
});
const channel = (output: string, more = {}): Operand => ({ indicator: 'donchian', output, period: 20, ...more });

t.test('what cannot change places is not compared', async (t) => {
  const fixed: [Operand, Operand][] = [
    [close, { field: 'close', times: 0.98 }],
    [volume, { field: 'volume', times: 1.5 }],
    [band('upper'), band('lower')],
    [band('upper'), band('middle', { times: 0.99 })],
    [band('upper', { deviations: 3 }), band('upper')],
    [band('middle'), sma(20)],
    [band('middle', { deviations: 3 }), band('middle')],
    [channel('upper'), channel('lower', { barsAgo: 5 })],
    [channel('upper'), channel('middle')],
    [channel('upper'), close],
    [channel('lower', { barsAgo: 1 }), { field: 'low', barsAgo: 7 }],
    [channel('upper', { period: 50 }), channel('upper', { barsAgo: 1 })],
    [channel('upper', { timeframe: '4h' }), { field: 'high', timeframe: '4h' }],
    [channel('lower'), sma(20)],
    [channel('lower'), { indicator: 'vwap', period: 10 }],
    [{ field: 'high' }, close],
    [close, { field: 'low', times: 0.99 }],
    [close, band('upper', { period: 10, deviations: 3 })],
    [band('percent_b', { period: 10, deviations: 3 }), { value: 1 }],
  ];
  const free: [Operand, Operand][] = [
    [close, { field: 'close', barsAgo: 1 }],
    [close, { field: 'high', times: 0.99 }],
    [close, { field: 'high', barsAgo: 1 }],
    [close, channel('upper', { barsAgo: 1 })],
    [close, channel('upper', { times: 0.99 })],
    [close, channel('upper', { timeframe: '4h' })],
    [close, band('upper')],
    [band('upper'), band('lower', { period: 50 })],
    [band('upper'), band('upper', { barsAgo: 3 })],
    [{ field: 'high' }, band('upper', { period: 10, deviations: 3 })],
    [channel('upper'), channel('upper', { barsAgo: 5 })],
    [channel('upper'), sma(50)],
    [sma(20), sma(50)],
    [band('percent_b', { period: 10, deviations: 3 }), { value: 0.9 }],
    [band('percent_b'), { value: 1.25 }],
  ];
  const { pool } = rulesOf('high', true);
  for (const pairs of [fixed, free]) {
    for (const [a, b] of pairs) {
      const [left, right] = [pool.term(a), pool.term(b)];
      t.equal(canMeet(pool, left, right), pairs === free, canonicalJson([a, b]));
      t.equal(canMeet(pool, right, left), pairs === free, `and the other way round`);
    }
  }
  t.notOk(canMeet(pool, pool.term(sma(200, { timeframe: '1d' })), pool.term(close)), 'more bars than a fold can give');
  const range = (timeframe?: string) => pool.term({ indicator: 'atr', period: 14, ...(timeframe && { timeframe }) });
  t.notOk(canMeet(pool, range(), range('4h')), 'an ATR of hours and one of four hours are of different sizes');
});

t.test('what is refused as fixed never changes places on any candles (seed fixed)', async (t) => {
  const { pool } = rulesOf('high', true);
  const random = openStream(new TextEncoder().encode('fixed'));
  const store = new ColumnStore(sampleCandles('fixed', 1500));
  const sources = pool.families.flat().filter(({ scale }) => scale === 'price');
  let refused = 0;
  for (let n = 0; n < 4000; n++) {
    const draw = () => {
      const barsAgo = random.chance(0.5) ? 1 + random.below(3) : undefined;
      return pool.series(random.pick(random.pick(sources).bases), { barsAgo, timeframe: undefined, times: undefined });
    };
    const [left, right] = [draw(), draw()];
    if (left.reach > pool.reachMax || right.reach > pool.reachMax || canMeet(pool, left, right)) continue;
    refused++;
    const holds = (op: '>' | '<') =>
      store.condition({ left: left.operand, op, right: right.operand }).some((bit) => bit === 1);
    // Equal series differ by rounding: a mean and the middle of a band are summed in different orders.
    const equal = left.text.includes('middle') || right.text.includes('middle') || left.text.includes('vwap');
    if (holds('>') && holds('<') && !equal) t.fail(`${left.text} ${right.text}`);
  }
  t.ok(refused > 100, `${refused} of 4000 pairs refused`);
});

t.test('conditions that add nothing to a list are not put into it', async (t) => {
  const { pool } = rulesOf('high', true);
  const rsi: Operand = { indicator: 'rsi', period: 14 };
  const at = (op: Condition['op'], value: number): Condition => ({ left: rsi, op, right: { value } });
  const above: Condition = { left: close, op: '>', right: sma(50) };
  const cases: [Condition, Condition, boolean, boolean, string][] = [
    [at('<', 30), at('<', 40), true, true, 'one threshold is enough'],
    [at('<', 30), at('>', 70), true, false, 'never both; either may end a trade'],
    [at('>', 30), at('<', 70), false, true, 'a band; either is always true'],
    [at('<', 30), at('crosses_above', 20), false, false, 'a cross within a zone'],
    [above, above, true, true, 'the same twice'],
    [above, { ...above, op: '<' }, true, true, 'never both, always one'],
    [above, { left: sma(50), op: '<', right: close }, true, true, 'the same with its sides exchanged'],
    [above, { left: close, op: '>', right: sma(20) }, false, false, 'two averages'],
  ];
  for (const [a, b, all, any, why] of cases) {
    const [x, y] = [geneOf(pool, a), geneOf(pool, b)];
    t.same([clashes(x, y, false), clashes(y, x, false)], [all, all], `all: ${why}`);
    t.same([clashes(x, y, true), clashes(y, x, true)], [any, any], `any: ${why}`);
  }
});

t.test('a group that another one makes idle is dropped; order does not matter', async (t) => {
  const { pool } = rulesOf('high', true);
  const dip: Condition = { left: close, op: '<', right: sma(50) };
  const calm: Condition = { left: volume, op: '<', right: { indicator: 'volume_sma', period: 20 } };
  const formOf = (entry: Condition[][]) => {
    const strategy = parseStrategy({ v: 1, side: 'long', entry, maxBars: 3, size: { percentOfEquity: 10 } });
    return strategyOf(genomeOf(pool, strategy)).entry;
  };
  t.same(formOf([[dip, calm]]), formOf([[calm, dip]]));
  t.same(formOf([[dip], [calm]]), formOf([[calm], [dip]]));
  t.same(formOf([[dip], [dip, calm]]), [[dip]]);
  t.same(formOf([[calm, dip], [dip]]), [[dip]]);
  t.same(
    formOf([
      [calm, dip],
      [dip, calm],
    ]).length,
    1,
  );
  t.same(formOf([[dip], [calm]]).length, 2);
});

t.test('every operator is used, and hardly any child is its parent again (seed operators)', async (t) => {
  const random = openStream(new TextEncoder().encode('operators'));
  const used = new Map<string, number>();
  let identical = 0;
  const count = 20_000;
  const rules = rulesOf('high', true, 900_000);
  for (let n = 0; n < count; n++) {
    const parent = drawGenome(rules, random);
    const { genome, operator } = mutate(parent, rules, random);
    used.set(operator, (used.get(operator) ?? 0) + 1);
    if (canonicalStrategy(strategyOf(genome)) === canonicalStrategy(strategyOf(parent))) identical++;
  }
  const orders = ['stopLoss', 'takeProfit', 'trailing', 'breakEven', 'maxBars'];
  const distances = orders.slice(0, 4);
  const wanted = [
    ...['comparison', 'constant', 'parameters', 'series', 'kind', 'lag', 'factor', 'timeframe'],
    ...['add condition', 'remove condition', 'replace condition', 'add exit', 'remove exit', 'replace exit'],
    ...['add group', 'remove group', 'size', 'positions', 'side'],
    ...orders.flatMap((key) => [`add ${key}`, `step ${key}`, `remove ${key}`]),
    ...distances.map((key) => `unit of ${key}`),
    ...distances.filter((key) => key !== 'trailing').map((key) => `base of ${key}`),
  ];
  t.same(new Set([...used.keys(), 'fresh']), new Set([...wanted, 'fresh']));
  for (const name of wanted) t.ok((used.get(name) ?? 0) >= 20, `${name}: ${used.get(name)}`);
  t.ok((used.get('fresh') ?? 0) / count < 0.001, 'some change is found nearly always');
  t.ok(identical / count <= 0.02, `${identical} of ${count} children are their parent`);
});

t.test('hardly any child of two relatives is one of them again (seed relatives)', async (t) => {
  const random = openStream(new TextEncoder().encode('relatives'));
  const rules = rulesOf('high', true);
  let identical = 0;
  const count = 4000;
  for (let n = 0; n < count; n++) {
    const a = drawGenome(rules, random);
    let b = a;
    for (let step = random.below(4); step > 0; step--) b = mutate(b, rules, random).genome;
    const child = canonicalStrategy(strategyOf(cross(a, b, rules, random).genome));
    if ([a, b].some((parent) => canonicalStrategy(strategyOf(parent)) === child)) identical++;
  }
  t.ok(identical / count <= 0.02, `${identical} of ${count} children are a parent`);
});

t.test('random conditions look at every indicator, on every time frame that fits (seed table)', async (t) => {
  const { pool } = rulesOf('high', true, 900_000);
  const random = openStream(new TextEncoder().encode('table'));
  const seen = new Set<string>();
  for (let n = 0; n < 20_000; n++) {
    const { left, right } = drawGene(pool, random);
    for (const { source, timeframe } of [left, right]) {
      if (source !== undefined) seen.add(source.family).add(String(timeframe));
    }
  }
  for (const [source] of pool.families) t.ok(seen.has(source!.family), source!.family);
  t.ok(pool.larger.length >= 5);
  for (const { timeframe } of pool.larger) t.ok(seen.has(timeframe), timeframe);
});

t.test('streams of one family differ, and each is uniform', async (t) => {
  const streams = openStreams(new Uint8Array([1]), 'a');
  const firsts = Array.from({ length: 20_000 }, (_, index) => streams(index).next());
  t.ok(new Set(firsts).size > 19_900, 'about n² / 2³³ of the first words coincide');
  t.equal(streams(7).next(), openStreams(new Uint8Array([1]), 'a')(7).next());
  t.not(streams(7).next(), openStreams(new Uint8Array([1]), 'b')(7).next());
  for (const bit of [0, 7, 16, 31]) {
    const ones = firsts.filter((word) => (word >>> bit) & 1).length;
    t.ok(Math.abs(ones - 10_000) < 400, `bit ${bit}: ${ones} of 20,000`);
  }
});
