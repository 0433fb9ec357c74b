// How good the search is: against random search with equally many evaluations, in sample (what both optimise) and on data
// that neither saw; how often its operators repeat a parent; and what it costs beside the backtests. The numbers in
// docs/engine.md come from here. Options: --data FILE|sample, --population N, --generations N, --runs N, --cost (only the
// last part).
import { parseArgs } from 'node:util';

const load = (path) => import(new URL(`../dist/${path}`, import.meta.url).href);
const { Evaluator } = await load('engine/fast/evaluator.js');
const { openStream } = await load('engine/random.js');
const { sampleCandles } = await load('engine/sample.js');
const { concludeUnit } = await load('engine/search/conclude.js');
const { advance, proposeGeneration, startState } = await load('engine/search/evolve.js');
const { genomeOf, strategyOf } = await load('engine/search/genome.js');
const { poolFor } = await load('engine/search/pool.js');
const { RISK_PROFILES } = await load('engine/search/risk.js');
const { embargoFor } = await load('engine/search/embargo.js');
const { cross, mutate } = await load('engine/search/vary.js');
const { presetSpec } = await load('engine/search-spec.js');
const { canonicalStrategy } = await load('engine/strategy-hash.js');
const { readCandleFile } = await load('node/candle-file.js');

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: 'sample' },
    population: { type: 'string', default: '100' },
    generations: { type: 'string', default: '40' },
    runs: { type: 'string', default: '12' },
    cost: { type: 'boolean', default: false },
  },
});
const candles = values.data === 'sample' ? sampleCandles() : (await readCandleFile(values.data)).candles;
const overrides = { population: Number(values.population), generations: Number(values.generations), allowShort: true };
const preset = presetSpec({ preset: 'quick', risk: 'medium', overrides });
const spec = { ...preset, embargo: embargoFor(candles, preset) };
const evaluator = new Evaluator(candles, spec);
const taskOf = (seed, population = spec.population) => ({
  ...{ dataset: candles.hash, seed, unit: 0 },
  spec: { ...spec, population },
});

function step(task, state) {
  const proposed = proposeGeneration(task, state, candles);
  return advance(task, state, proposed, evaluator.evaluate(proposed));
}

function search(task) {
  let state = startState();
  while (state.generation < spec.generations) state = step(task, state);
  return state;
}

/** Of the best strategy of a search; zeros where none traded enough. */
function figuresOf(task, state) {
  const { score, champions } = concludeUnit(candles, task, state);
  const [best] = champions;
  const sharpe = (segment) => segment?.sharpe ?? 0;
  return {
    fitness: score ?? Number.NaN,
    outOfSample: sharpe(best?.outOfSample),
    holdout: sharpe(best?.holdout),
  };
}

const mean = (numbers) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;

/** One-sided p of the Wilcoxon signed-rank test (exact, by counting all signs; equal differences share a rank). */
function wilcoxon(differences) {
  const nonzero = differences.filter((d) => d !== 0).sort((a, b) => Math.abs(a) - Math.abs(b));
  const ranks = nonzero.map((d) => {
    const same = nonzero.flatMap((other, i) => (Math.abs(other) === Math.abs(d) ? [i + 1] : []));
    return mean(same);
  });
  const observed = ranks.reduce((sum, rank, i) => sum + (nonzero[i] > 0 ? rank : 0), 0);
  let atLeast = 0;
  for (let signs = 0; signs < 2 ** ranks.length; signs++) {
    const sum = ranks.reduce((total, rank, i) => total + ((signs >> i) & 1 ? rank : 0), 0);
    if (sum >= observed) atLeast++;
  }
  return atLeast / 2 ** ranks.length;
}

function compare() {
  const rows = [];
  for (let run = 0; run < Number(values.runs); run++) {
    const task = taskOf(`quality ${run}`);
    const state = search(task);
    // Random search: one first generation as large as all generations together, drawn the same way.
    const random = taskOf(`random ${run}`, state.trials.count);
    const evolved = figuresOf(task, state);
    const drawn = figuresOf(task, step(random, startState()));
    rows.push({ evaluations: state.trials.count, evolved, drawn });
  }
  console.log(
    `${values.data}, ${candles.length} bars, ${overrides.population} × ${overrides.generations}, ${rows.length} runs`,
  );
  console.log(`${rows[0].evaluations} evaluations each\n`);
  console.log('best of a run (mean)         genetic    random    better in    p (Wilcoxon, one-sided)');
  const names = { fitness: 'fitness in sample', outOfSample: 'Sharpe out of sample', holdout: 'Sharpe in the holdout' };
  for (const [key, name] of Object.entries(names)) {
    const pairs = rows.map(({ evolved, drawn }) => [evolved[key], drawn[key]]);
    const [a, b] = [mean(pairs.map(([x]) => x)), mean(pairs.map(([, y]) => y))];
    const better = pairs.filter(([x, y]) => x > y).length;
    const p = wilcoxon(pairs.map(([x, y]) => x - y));
    const cells = [a.toFixed(2).padStart(10), b.toFixed(2).padStart(10), `${better}/${rows.length}`.padStart(13)];
    console.log(`${name.padEnd(26)}${cells.join('')}    ${p.toPrecision(2)}`);
  }
}

/** Children of the last population of a search: how many are a parent again, by form and by what they do. */
function repeat() {
  const state = search(taskOf('operators'));
  const rules = { profile: RISK_PROFILES[spec.risk], allowShort: true, pool: poolFor(candles.barMs, 500) };
  const random = openStream(new Uint8Array([1]), 'operators');
  const parents = state.population;
  const kinds = { mutation: 4000, crossover: 4000 };
  console.log('\nraw children of a last population    same form    same trades');
  for (const [kind, count] of Object.entries(kinds)) {
    const used = new Map();
    const families = Array.from({ length: count }, () => {
      const [a, b] = [random.pick(parents), random.pick(parents)];
      const [first, second] = [a, b].map(({ strategy }) => genomeOf(rules.pool, strategy));
      const { genome, operator } =
        kind === 'mutation' ? mutate(first, rules, random) : cross(first, second, rules, random);
      used.set(operator, (used.get(operator) ?? 0) + 1);
      return { child: strategyOf(genome), parents: kind === 'mutation' ? [a] : [a, b] };
    });
    const evaluations = evaluator.evaluate(families.map(({ child }) => child));
    const share = (test) => families.filter(test).length / count;
    const form = share(({ child, parents: own }) => own.some(({ text }) => text === canonicalStrategy(child)));
    const trades = share(({ parents: own }, i) =>
      own.some(({ evaluation }) => evaluation.behaviour === evaluations[i].behaviour),
    );
    const cells = [form, trades].map((x) => `${(x * 100).toFixed(1)} %`.padStart(13));
    console.log(`${kind.padEnd(33)}${cells.join('')}`);
    if (kind === 'mutation') {
      const counts = [...used].sort(([, x], [, y]) => y - x).map(([name, times]) => `${name} ${times}`);
      console.log(`  operators: ${counts.join(', ')}`);
    }
  }
}

/** What one generation costs beside its backtests: a recorded search, replayed; the best of 30 for each generation. */
function cost() {
  const task = taskOf('cost');
  const recorded = [];
  for (let state = startState(); state.generation < spec.generations; ) {
    const evaluations = evaluator.evaluate(proposeGeneration(task, state, candles));
    recorded.push(evaluations);
    state = advance(task, state, proposeGeneration(task, state, candles), evaluations);
  }
  const best = recorded.map(() => [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
  for (let round = 0; round < 30; round++) {
    let state = startState();
    recorded.forEach((evaluations, g) => {
      const start = performance.now();
      const proposed = proposeGeneration(task, state, candles);
      const middle = performance.now();
      state = advance(task, state, proposed, evaluations);
      const end = performance.now();
      best[g] = [Math.min(best[g][0], middle - start), Math.min(best[g][1], end - middle)];
    });
  }
  const later = best.slice(1);
  const [propose, take] = [mean(later.map(([a]) => a)), mean(later.map(([, b]) => b))];
  console.log(
    `\none generation of ${spec.population} beside its backtests: ${(propose + take).toFixed(2)} ms ` +
      `(proposing ${propose.toFixed(2)}, taking scores ${take.toFixed(2)})`,
  );
}

if (!values.cost) {
  compare();
  repeat();
}
cost();
