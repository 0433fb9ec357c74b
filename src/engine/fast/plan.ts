// What has to be computed before a batch of strategies can run, and each strategy as a record for the kernel. Columns and
// bitsets are kept between batches: in a search most conditions were there before.
import { canonicalJson } from '../canonical-json.ts';
import type { Costs } from '../search-spec.ts';
import type {
  Condition,
  Distance,
  FieldOperand,
  IndicatorOperand,
  Operand,
  Strategy,
  TrailingDistance,
} from '../strategy.ts';
import { BATCH_MAX, STRATEGY_BYTES } from './layout.ts';
import type { Market } from './market.ts';
import { type Item, ItemShelf } from './shelf.ts';

type Column = FieldOperand | IndicatorOperand;

/** Fill the column at `address` with the values of `operand` (its `times` is left out). */
export interface ColumnTask {
  address: number;
  operand: Column;
}

/** One side of a comparison: value = column[bar − lag] × times, or the constant `times` where `column` is 0. */
export interface Source {
  column: number;
  lag: number;
  times: number;
}

/** Mark in the bitset at `address` where `high` is above `low`, or where it becomes so. */
export interface RuleTask {
  address: number;
  crossing: boolean;
  high: Source;
  low: Source;
}

/** Tasks of one list may run in any order, on any thread; the columns of a round come before its rules. */
export interface Round {
  columns: ColumnTask[];
  rules: RuleTask[];
}

/** Strategies that run together. Their records are in the kernel's memory once `planBatch` has returned. */
export interface Batch {
  /** Of the four pyramids those that are to be built. */
  pyramids: number[];
  rounds: Round[];
  /** How many of the strategies it holds, from the first on. */
  count: number;
}

interface Rule extends Item {
  condition: Condition;
}

/** What a rule compares: operands without times, and the rest. */
interface Side {
  operand: Column | undefined;
  key: string;
  lag: number;
  times: number;
}

const FIELD_NAMES = ['open', 'high', 'low', 'close', 'volume'] as const;
/** Columns that one rule needs at most, and one strategy's distances. */
const COLUMNS_PER_RULE = 2;
const ATRS_PER_STRATEGY = 4;
const RULES_PER_STRATEGY = 11;

function sideOf(operand: Operand): Side {
  if ('value' in operand) return { operand: undefined, key: '', lag: 0, times: operand.value };
  const { times = 1, barsAgo = 0, ...column } = operand;
  // In a larger time frame barsAgo counts its bars: such a column is a column of its own.
  if (operand.timeframe !== undefined && barsAgo !== 0) {
    const shifted = { ...column, barsAgo };
    return { operand: shifted, key: canonicalJson(shifted), lag: 0, times };
  }
  return { operand: column, key: canonicalJson(column), lag: barsAgo, times };
}

const isFalling = ({ op }: Condition): boolean => op === '<' || op === 'crosses_below';

const atrOf = (distance: Distance | TrailingDistance | undefined): Column | undefined =>
  distance !== undefined && 'atr' in distance ? { indicator: 'atr', period: distance.period } : undefined;

/** Plans batches for one market. */
export class Planner {
  readonly #market: Market;
  readonly #rules: ItemShelf<Rule>;
  readonly #columns: ItemShelf<Item>;
  /** Strategies share the conditions that they inherited: found by identity, without their text. */
  readonly #known = new WeakMap<Condition, Rule>();
  readonly #fields: ReadonlyMap<string, number>;
  readonly #built = new Set<number>();
  /** ATR columns of the current batch, by key. */
  readonly #atrs = new Map<string, Column>();
  readonly #words: Int32Array;
  readonly #numbers: Float64Array;

  constructor(market: Market) {
    const { layout, memory } = market;
    this.#market = market;
    this.#rules = new ItemShelf(layout.bitsets);
    this.#columns = new ItemShelf(layout.columns);
    this.#fields = new Map(FIELD_NAMES.map((field) => [canonicalJson({ field }), layout[field]]));
    this.#words = new Int32Array(memory.buffer, layout.strategies, (STRATEGY_BYTES * BATCH_MAX) / 4);
    this.#numbers = new Float64Array(memory.buffer, layout.strategies, (STRATEGY_BYTES * BATCH_MAX) / 8);
  }

  /**
   * Whether the fast engine can run this strategy. A trailing stop rests on the highest close, which the kernel knows in
   * whole ticks only; funding and liquidation are the plain simulator's alone.
   */
  covers({ trailing }: Strategy, { perpetual }: Costs): boolean {
    return perpetual === undefined && (trailing === undefined || this.#market.exact);
  }

  /** Plans as many of the strategies, all of them covered, as fit at a time; at least one. */
  planBatch(strategies: readonly Strategy[], from: number): Batch {
    this.#rules.startBatch();
    this.#columns.startBatch();
    this.#atrs.clear();
    const first: Round = { columns: [], rules: [] };
    const missing: Rule[] = [];
    const pyramids: number[] = [];
    let count = 0;
    while (count < BATCH_MAX && from + count < strategies.length && this.#hasRoom()) {
      const strategy = strategies[from + count]!;
      this.#needPyramid(strategy, pyramids);
      this.#pack(strategy, count, missing, first.columns);
      count++;
    }
    return { pyramids, rounds: this.#planRounds(missing, first), count };
  }

  #hasRoom(): boolean {
    return this.#rules.room >= RULES_PER_STRATEGY && this.#columns.room >= ATRS_PER_STRATEGY + COLUMNS_PER_RULE;
  }

  #needPyramid({ side, trailing }: Strategy, pyramids: number[]): void {
    const index = (side === 'long' ? 0 : 2) + (atrOf(trailing) === undefined ? 0 : 1);
    if (this.#built.has(index)) return;
    this.#built.add(index);
    pyramids.push(index);
  }

  #ruleOf(condition: Condition): Rule {
    const known = this.#known.get(condition);
    if (known !== undefined && known.address !== 0) return known;
    const key = canonicalJson(condition);
    const rule = this.#rules.find(key) ?? { key, address: 0, batch: 0, condition };
    this.#known.set(condition, rule);
    return rule;
  }

  /** Address of the condition's bitset; 0 for none. */
  #bitset(condition: Condition | undefined, missing: Rule[]): number {
    if (condition === undefined) return 0;
    const rule = this.#ruleOf(condition);
    if (!this.#rules.need(rule)) missing.push(rule);
    return rule.address;
  }

  #column(side: { operand: Column | undefined; key: string }, tasks: ColumnTask[]): number {
    if (side.operand === undefined) return 0;
    const field = this.#fields.get(side.key);
    if (field !== undefined) return field;
    const item = this.#columns.find(side.key) ?? { key: side.key, address: 0, batch: 0 };
    if (!this.#columns.need(item)) tasks.push({ address: item.address, operand: side.operand });
    return item.address;
  }

  #atr(distance: Distance | TrailingDistance | undefined, tasks: ColumnTask[]): number {
    const operand = atrOf(distance);
    if (operand === undefined) return 0;
    const key = canonicalJson(operand);
    this.#atrs.set(key, operand);
    return this.#column({ operand, key }, tasks);
  }

  /** Rules in the order of their columns, as many to a round as there is room for columns. */
  #planRounds(missing: Rule[], first: Round): Round[] {
    const sides = missing.map((rule) => ({
      rule,
      left: sideOf(rule.condition.left),
      right: sideOf(rule.condition.right),
    }));
    sides.sort(
      (a, b) => (a.left.key < b.left.key ? -1 : Number(a.left.key > b.left.key)) || (a.rule.key < b.rule.key ? -1 : 1),
    );
    const rounds: Round[] = [];
    let round = first;
    for (const { rule, left, right } of sides) {
      if (this.#columns.room < COLUMNS_PER_RULE) {
        rounds.push(round);
        round = { columns: [], rules: [] };
        this.#columns.startBatch();
        // What distances are counted in stays until the strategies run.
        for (const [key, operand] of this.#atrs) this.#column({ operand, key }, round.columns);
      }
      const a: Source = { column: this.#column(left, round.columns), lag: left.lag, times: left.times };
      const b: Source = { column: this.#column(right, round.columns), lag: right.lag, times: right.times };
      const falling = isFalling(rule.condition);
      round.rules.push({
        address: rule.address,
        crossing: rule.condition.op.startsWith('crosses'),
        high: falling ? b : a,
        low: falling ? a : b,
      });
    }
    if (round.columns.length > 0 || round.rules.length > 0) rounds.push(round);
    return rounds;
  }

  /** Writes record number `index`; the places are those of src/engine/kernel/memory.ts. */
  #pack(strategy: Strategy, index: number, missing: Rule[], atrs: ColumnTask[]): void {
    const word = (index * STRATEGY_BYTES) / 4;
    const number = (index * STRATEGY_BYTES) / 8;
    const words = this.#words;
    const { entry, exit, stopLoss, takeProfit, breakEven, trailing, size } = strategy;
    words[word] = strategy.side === 'long' ? 0 : 1;
    this.#packDistance(stopLoss, word + 1, number + 13);
    this.#packDistance(takeProfit, word + 3, number + 14);
    this.#packDistance(breakEven, word + 5, number + 15);
    words[word + 7] = kindOf(trailing);
    this.#numbers[number + 16] = amountOf(trailing);
    words[word + 8] = 'percentOfEquity' in size ? 0 : 'quote' in size ? 1 : 2;
    this.#numbers[number + 17] = Object.values(size)[0] as number;
    words[word + 9] = strategy.maxBars ?? 0;
    words[word + 10] = strategy.maxPositions;
    this.#packRules(entry[0]!, 4, word + 11, missing);
    this.#packRules(entry[1] ?? [], 4, word + 15, missing);
    this.#packRules(exit, 3, word + 19, missing);
    words[word + 22] = this.#atr(stopLoss, atrs);
    words[word + 23] = this.#atr(takeProfit, atrs);
    words[word + 24] = this.#atr(breakEven, atrs);
    words[word + 25] = this.#atr(trailing, atrs);
  }

  #packDistance(distance: Distance | undefined, word: number, number: number): void {
    this.#words[word] = kindOf(distance);
    this.#words[word + 1] = distance?.of === 'signal' ? 1 : 0;
    this.#numbers[number] = amountOf(distance);
  }

  /** The rest of the places repeats the first rule. */
  #packRules(conditions: readonly Condition[], places: number, word: number, missing: Rule[]): void {
    for (let place = 0; place < places; place++) {
      this.#words[word + place] = this.#bitset(conditions[place] ?? conditions[0], missing);
    }
  }
}

const kindOf = (distance: Distance | TrailingDistance | undefined): number =>
  distance === undefined ? 0 : 'percent' in distance ? 1 : 2;

const amountOf = (distance: Distance | TrailingDistance | undefined): number =>
  distance === undefined ? 0 : 'percent' in distance ? distance.percent : distance.atr;
