// Everything that a condition can look at, read from the table of indicators, and each operand once with what the
// operators ask of it again and again. What needs more bars than a fold can give is not drawn.
import { canonicalJson } from '../canonical-json.ts';
import { getIndicator, INDICATOR_NAMES, type IndicatorParameters, type Scale } from '../indicators/table.ts';
import { lengthOf } from '../look-back.ts';
import type { Field, FieldOperand, IndicatorOperand, Operand } from '../strategy.ts';
import { type Bounds, boundsOf } from './order.ts';

type Series = FieldOperand | IndicatorOperand;

/** One output of an indicator, or one field, in all forms that the search draws. */
export interface Source {
  /** Name of the indicator or field. */
  family: string;
  scale: Scale;
  /** Within the source's own range, ascending. */
  constants: readonly number[];
  /** One series for each set of parameters. */
  bases: readonly Root[];
  /** For each base the places of those that differ in one parameter, one step up or down. */
  near: readonly (readonly number[])[];
}

/** A series without modifiers. */
interface Root {
  operand: Series;
  /** Undefined for what the search does not draw. */
  source: Source | undefined;
  /** Where the parameters stand among the source's bases, or −1. */
  base: number;
  /** Its terms by their modifiers. */
  terms: Map<string, Term>;
}

/** What makes another series of a series. */
export interface Modifiers {
  barsAgo: number | undefined;
  timeframe: string | undefined;
  times: number | undefined;
}

/** One side of a condition. Equal operands of a pool are one term. */
export interface Term extends Modifiers {
  operand: Operand;
  /** Canonical JSON of the operand. */
  text: string;
  /** The constant, or undefined for a series. */
  value: number | undefined;
  /** Undefined for a constant. */
  root: Root | undefined;
  /** Undefined for a constant and for what the search does not draw. */
  source: Source | undefined;
  /** Base bars before it means something, roughly. */
  reach: number;
  bounds: Bounds;
}

/** Larger bars that fit the candles. */
export interface LargerBars {
  timeframe: string;
  /** Base bars in one of them. */
  ratio: number;
}

const FIELDS: readonly (readonly [Field, Scale])[] = [
  ['close', 'price'],
  ['high', 'price'],
  ['low', 'price'],
  ['volume', 'volume'],
];

const MINUTE_MS = 60_000;
/** Time frames that the search draws, in minutes. */
const TIMEFRAMES: readonly (readonly [string, number])[] = [
  ['5m', 5],
  ['15m', 15],
  ['30m', 30],
  ['1h', 60],
  ['2h', 120],
  ['4h', 240],
  ['6h', 360],
  ['12h', 720],
  ['1d', 1440],
];

/** The only parameter in which two sets differ, or undefined. */
function findDifference(a: IndicatorParameters, b: IndicatorParameters): keyof IndicatorParameters | undefined {
  const names = (Object.keys(a) as (keyof IndicatorParameters)[]).filter((name) => a[name] !== b[name]);
  return names.length === 1 ? names[0] : undefined;
}

function nearTo(choices: readonly IndicatorParameters[], at: number): number[] {
  const from = choices[at]!;
  const steps = choices.flatMap((to, place) => {
    const name = findDifference(from, to);
    return name === undefined ? [] : [{ place, name, step: to[name]! - from[name]! }];
  });
  const isNext = (a: (typeof steps)[number]) =>
    !steps.some((b) => b.name === a.name && b.step * a.step > 0 && Math.abs(b.step) < Math.abs(a.step));
  return steps.filter(isNext).map(({ place }) => place);
}

const rootOf = (operand: Series, source: Source | undefined, base: number): Root => ({
  operand: inOrder(operand),
  source,
  base,
  terms: new Map(),
});

function indicatorSources(name: string, reachMax: number): Source[] {
  const { outputs, choices } = getIndicator(name, 'indicator');
  const fitting = choices.filter((choice) => lengthOf(choice) <= reachMax);
  if (fitting.length === 0) return [];
  const near = fitting.map((_, at) => nearTo(fitting, at));
  return outputs.map(({ name: output, scale, constants }) => {
    const source = { family: name, scale, constants, bases: [] as Root[], near };
    const named = outputs.length === 1 ? {} : { output };
    fitting.forEach((choice, at) => {
      source.bases.push(rootOf({ indicator: name, ...named, ...choice }, source, at));
    });
    return source;
  });
}

function fieldSource(field: Field, scale: Scale): Source {
  const source = { family: field, scale, constants: [], bases: [] as Root[], near: [[]] };
  source.bases.push(rootOf({ field }, source, 0));
  return source;
}

const NO_MODIFIERS: Modifiers = { barsAgo: undefined, timeframe: undefined, times: undefined };

/** The same operand with its keys in the order of its canonical text. */
const inOrder = <T extends Operand>(operand: T): T => JSON.parse(canonicalJson(operand));

const keyOf = (operand: Series): string =>
  'field' in operand ? operand.field : `${operand.indicator} ${operand.output ?? ''}`;

function largerBars(barMs: number): LargerBars[] {
  return TIMEFRAMES.flatMap(([timeframe, minutes]) => {
    const ratio = (minutes * MINUTE_MS) / barMs;
    return ratio > 1 && Number.isInteger(ratio) ? [{ timeframe, ratio }] : [];
  });
}

export class TermPool {
  readonly families: readonly (readonly Source[])[];
  /** Ascending. */
  readonly larger: readonly LargerBars[];
  /** Most base bars before a value that the search draws must mean something. */
  readonly reachMax: number;
  readonly #peers = new Map<Scale, Source[]>();
  readonly #sources: Map<string, Source>;
  /** Series that the search does not draw, by text: they come from seed strategies. */
  readonly #strangers = new Map<string, Root>();
  readonly #constants = new Map<number, Term>();

  constructor(barMs: number, reachMax: number) {
    this.reachMax = reachMax;
    this.larger = largerBars(barMs).filter(({ ratio }) => ratio <= reachMax);
    const fields = FIELDS.map(([field, scale]) => [fieldSource(field, scale)]);
    const indicators = INDICATOR_NAMES.map((name) => indicatorSources(name, reachMax));
    this.families = [...fields, ...indicators].filter((family) => family.length > 0);
    for (const source of this.families.flat()) {
      this.#peers.set(source.scale, [...(this.#peers.get(source.scale) ?? []), source]);
    }
    this.#sources = new Map(this.families.flat().map((source) => [keyOf(source.bases[0]!.operand), source]));
  }

  /** All sources of a scale. */
  peers(scale: Scale): readonly Source[] {
    return this.#peers.get(scale) ?? [];
  }

  constant(value: number): Term {
    const known = this.#constants.get(value);
    if (known !== undefined) return known;
    const operand = { value };
    const nothing = { root: undefined, source: undefined, ...NO_MODIFIERS, reach: 0, bounds: {} };
    const term: Term = { operand, text: canonicalJson(operand), value, ...nothing };
    this.#constants.set(value, term);
    return term;
  }

  /** A series with modifiers. */
  series(root: Root, modifiers: Modifiers): Term {
    const { barsAgo, timeframe, times } = modifiers;
    const bare = barsAgo === undefined && timeframe === undefined && times === undefined;
    const key = bare ? '' : `${barsAgo} ${timeframe} ${times}`;
    const known = root.terms.get(key);
    if (known !== undefined) return known;
    const operand = inOrder({
      ...root.operand,
      ...(barsAgo === undefined ? {} : { barsAgo }),
      ...(timeframe === undefined ? {} : { timeframe }),
      ...(times === undefined ? {} : { times }),
    });
    const term: Term = {
      ...{ operand, text: canonicalJson(operand), value: undefined },
      ...{ root, source: root.source, barsAgo, timeframe, times },
      ...{ reach: this.#reach(root.operand, modifiers), bounds: boundsOf(operand) },
    };
    root.terms.set(key, term);
    return term;
  }

  /** The term of any operand. */
  term(operand: Operand): Term {
    if ('value' in operand) return this.constant(operand.value);
    const { barsAgo, timeframe, times, ...rest } = operand;
    return this.series(this.#root(rest as Series), { barsAgo, timeframe, times });
  }

  #root(operand: Series): Root {
    const source = this.#sources.get(keyOf(operand));
    const text = canonicalJson(operand);
    const drawn = source?.bases.find((base) => canonicalJson(base.operand) === text);
    const root = drawn ?? this.#strangers.get(text) ?? rootOf(operand, source, -1);
    if (drawn === undefined) this.#strangers.set(text, root);
    return root;
  }

  #reach(operand: Series, { barsAgo = 0, timeframe }: Modifiers): number {
    const { field: _f, indicator: _i, output: _o, ...parameters } = operand as Partial<FieldOperand & IndicatorOperand>;
    const ratio = this.larger.find((bars) => bars.timeframe === timeframe)?.ratio ?? 1;
    return (lengthOf(parameters) + barsAgo) * ratio;
  }
}

const POOLS_MAX = 4;
const pools = new Map<string, TermPool>();

/** The pool for bars of `barMs` and folds that can give `reachMax` of them; the last few are kept. */
export function poolFor(barMs: number, reachMax: number): TermPool {
  const key = `${barMs} ${reachMax}`;
  const known = pools.get(key);
  if (known !== undefined) return known;
  if (pools.size === POOLS_MAX) pools.clear();
  const pool = new TermPool(barMs, reachMax);
  pools.set(key, pool);
  return pool;
}
