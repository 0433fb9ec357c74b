// What a search is asked to do, its presets and its limits.
import { InvalidInput } from './errors.ts';
import { DEFAULT_PERPETUAL, type Perpetual, parsePerpetual } from './perpetual.ts';
import { checkChoice, ObjectReader } from './reader.ts';
import { RISK_PROFILES } from './search/risk.ts';
import { parseSeeds } from './search/seeds.ts';
import type { Strategy } from './strategy.ts';

export type PresetName = 'quick' | 'standard' | 'deep';
export type RiskName = 'low' | 'medium' | 'high';

/** Rates of the traded amount: 0.004 = 0.4 %. */
export interface Costs {
  /** Exchange fee on each side, of an order that takes what is in the book. */
  fee: number;
  /** Fee of a target, which rests in the book; absent: as `fee`. */
  makerFee?: number;
  /** Adverse price move on each side. */
  slippage: number;
  /** Further adverse move for each million of the quote currency in the order; absent: 0. */
  impact?: number;
  /** Full bid-ask spread; each side pays half. */
  spread: number;
  /** Terms of a market of perpetual futures; absent: a spot market. */
  perpetual?: Perpetual;
}

/** Everything that a search needs besides candles and seed. All of it is part of the task's identity. */
export interface SearchSpec {
  v: 1;
  /** `custom` unless population and generations are those of the preset. */
  preset: PresetName | 'custom';
  risk: RiskName;
  population: number;
  generations: number;
  folds: number;
  /** Folds all begin with the first bar; absent: they follow one another (time-line.ts). */
  anchored?: true;
  /** Share of the data at its end that stays sealed: 0.2 = the last fifth. */
  holdout: number;
  /** Most bars left out between an in-sample part and what follows it; never more than an eighth of a fold. */
  embargo: number;
  /** Most bars at the start of each fold that only warm indicators up; never more than a quarter of a fold. */
  warmup: number;
  costs: Costs;
  /** Initial equity in the quote currency. */
  equity: number;
  /** In-sample trades below which a strategy ranks under all that have them. */
  minTrades: number;
  allowShort: boolean;
  /** Strategies that the first generation begins with; absent: none. */
  seeds?: Strategy[];
}

/** Largest embargo, in bars. */
export const EMBARGO_MAX = 100_000;

const PRESETS: Readonly<Record<PresetName, { population: number; generations: number }>> = {
  quick: { population: 60, generations: 20 },
  standard: { population: 200, generations: 100 },
  deep: { population: 600, generations: 300 },
};
const PRESET_NAMES = ['quick', 'standard', 'deep'] as const;
const RISK_NAMES = ['low', 'medium', 'high'] as const;

/** Retail fees of the large spot exchanges for takers, half a thousandth of slippage. */
const DEFAULT_COSTS: Readonly<Costs> = { fee: 0.004, slippage: 0.0005, spread: 0 };
/** Those of the large exchanges for perpetual futures. */
const PERPETUAL_COSTS: Readonly<Costs> = { fee: 0.0005, makerFee: 0.0002, slippage: 0.0005, spread: 0 };
/** Costs where none are given, of a spot market or one with `perpetual` terms. */
export const defaultCosts = (perpetual: unknown): Readonly<Costs> =>
  perpetual === undefined ? DEFAULT_COSTS : PERPETUAL_COSTS;
export const DEFAULT_EQUITY = 10_000;

/**
 * Reads costs; a rate that is absent takes its value from `fallback`, or is an error without one. An absent `makerFee` is
 * that of `fallback` where `fee` is too, else the fee. `makerFee` and `impact` are left out where they change nothing, so
 * that equal costs have equal bytes.
 */
export function parseCosts(input: unknown, path: string, fallback?: Readonly<Costs>): Costs {
  const reader = new ObjectReader(input, path);
  const rate = (name: 'fee' | 'makerFee' | 'slippage' | 'spread', otherwise = fallback?.[name]) =>
    otherwise !== undefined && !reader.has(name)
      ? otherwise
      : reader.number(name, { min: 0, max: 0.2, belowMax: true });
  const costs: Costs = { fee: rate('fee'), slippage: rate('slippage'), spread: rate('spread') };
  const makerFee = rate('makerFee', (reader.has('fee') ? undefined : fallback?.makerFee) ?? costs.fee);
  if (makerFee !== costs.fee) costs.makerFee = makerFee;
  const impact = reader.has('impact') ? reader.number('impact', { min: 0, max: 1 }) : 0;
  if (impact !== 0) costs.impact = impact;
  if (reader.has('perpetual')) {
    const terms = fallback === undefined ? undefined : DEFAULT_PERPETUAL;
    costs.perpetual = parsePerpetual(reader.take('perpetual'), reader.at('perpetual'), terms);
  }
  reader.end();
  return costs;
}

/**
 * Validates a specification from outside. Throws InvalidInput naming the path. Limits: population 10–5000, generations
 * 1–1000, folds 2–20, holdout 0.05–0.5, costs below 20 % a side, seeds as `parseSeeds` takes them. `seeds` and
 * `anchored` are left out where they change nothing, so that equal searches have equal bytes.
 */
export function parseSearchSpec(input: unknown): SearchSpec {
  const reader = new ObjectReader(input, '');
  reader.number('v', { min: 1, max: 1, integer: true });
  const whole = (key: string, min: number, max: number) => reader.number(key, { min, max, integer: true });
  const spec: SearchSpec = {
    v: 1,
    preset: reader.choice('preset', [...PRESET_NAMES, 'custom']),
    risk: reader.choice('risk', RISK_NAMES),
    population: whole('population', 10, 5000),
    generations: whole('generations', 1, 1000),
    folds: whole('folds', 2, 20),
    holdout: reader.number('holdout', { min: 0.05, max: 0.5 }),
    embargo: whole('embargo', 0, EMBARGO_MAX),
    warmup: whole('warmup', 0, 100_000),
    costs: parseCosts(reader.take('costs'), 'costs'),
    equity: reader.number('equity', { min: 1, max: 1e12 }),
    minTrades: whole('minTrades', 1, 10_000),
    allowShort: reader.boolean('allowShort'),
  };
  const seeds = reader.has('seeds') ? parseSeeds(reader.take('seeds'), RISK_PROFILES[spec.risk], spec.allowShort) : [];
  if (seeds.length > 0) spec.seeds = seeds;
  if (reader.has('anchored') && reader.boolean('anchored')) spec.anchored = true;
  reader.end();
  const sizes = spec.preset === 'custom' ? spec : PRESETS[spec.preset];
  if (spec.population !== sizes.population || spec.generations !== sizes.generations) {
    const message = `preset ${spec.preset} is ${sizes.population} × ${sizes.generations}; other sizes are "custom"`;
    throw new InvalidInput('bad_value', message, 'preset');
  }
  return spec;
}

/**
 * The specification of a preset with any of its values replaced; it becomes `custom` when its size differs. What the embargo
 * should be depends on the candles: `embargoFor` says it.
 * Throws InvalidInput as `parseSearchSpec` does.
 */
export function presetSpec(options: {
  preset: PresetName;
  risk: RiskName;
  overrides?: Partial<Omit<SearchSpec, 'v' | 'preset' | 'risk' | 'costs' | 'anchored'>> & {
    anchored?: boolean;
    costs?: Partial<Costs>;
  };
}): SearchSpec {
  checkChoice(options.preset, 'preset', PRESET_NAMES);
  const sizes = PRESETS[options.preset];
  const given = options.overrides?.costs ?? {};
  const overrides = Object.fromEntries(
    Object.entries(options.overrides ?? {}).filter(([, value]) => value !== undefined),
  );
  const spec = {
    v: 1,
    risk: options.risk,
    ...sizes,
    folds: 5,
    holdout: 0.2,
    embargo: 100,
    warmup: 250,
    equity: DEFAULT_EQUITY,
    minTrades: 30,
    allowShort: false,
    ...overrides,
    costs: parseCosts(given, 'costs', defaultCosts(given.perpetual)),
  };
  const unchanged = spec.population === sizes.population && spec.generations === sizes.generations;
  return parseSearchSpec({ ...spec, preset: unchanged ? options.preset : 'custom' });
}
