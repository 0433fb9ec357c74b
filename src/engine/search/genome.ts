// A strategy as the search holds it: conditions with their texts, so that comparing, sorting and naming cost little.
import { byCodeUnits } from '../canonical-json.ts';
import type { Condition, Side, Strategy } from '../strategy.ts';
import { composeText, distanceText, sizeText } from '../strategy-hash.ts';
import { type Gene, geneOf } from './conditions.ts';
import { TermPool } from './pool.ts';

/** Everything of a strategy that is not a rule. */
export type Orders = Omit<Strategy, 'v' | 'name' | 'side' | 'entry' | 'exit'>;

export interface Genome {
  /** Whose terms the genes are made of. */
  pool: TermPool;
  side: Side;
  groups: readonly (readonly Gene[])[];
  exits: readonly Gene[];
  orders: Orders;
}

const byText = (a: { text: string }, b: { text: string }) => byCodeUnits(a.text, b.text);

function sorted(genes: readonly Gene[]): readonly Gene[] {
  for (let i = 1; i < genes.length; i++) if (genes[i - 1]!.text > genes[i]!.text) return [...genes].sort(byText);
  return genes;
}

const listText = (items: readonly { text: string }[]): string => {
  let text = '[';
  for (let i = 0; i < items.length; i++) text += (i === 0 ? '' : ',') + items[i]!.text;
  return `${text}]`;
};

/** Whether the group holds only when the other one does. */
const asksForAll = (group: readonly Gene[], other: readonly Gene[]) =>
  other.every(({ text }) => group.some((own) => own.text === text));

const distancesOf = ({ stopLoss, takeProfit, trailing, breakEven }: Orders) =>
  [stopLoss, takeProfit, trailing, breakEven].map((each) => (each === undefined ? '' : distanceText(each))).join();

function haveSameOrders(a: Orders, b: Orders): boolean {
  if (a.maxBars !== b.maxBars || a.maxPositions !== b.maxPositions) return false;
  return sizeText(a.size) === sizeText(b.size) && distancesOf(a) === distancesOf(b);
}

const haveSameGenes = (a: readonly Gene[], b: readonly Gene[]) => a.length === b.length && asksForAll(a, b);

/** Whether two genomes of one side have the same rules, group by group, and the same orders. */
export function areTwins(a: Genome, b: Genome): boolean {
  if (a.groups.length !== b.groups.length || !haveSameGenes(a.exits, b.exits)) return false;
  return a.groups.every((group, g) => haveSameGenes(group, b.groups[g]!)) && haveSameOrders(a.orders, b.orders);
}

/** Groups without those that ask for all that another asks for, and maybe for more. */
function neededGroups(groups: readonly (readonly Gene[])[]): readonly (readonly Gene[])[] {
  if (groups.length === 1) return groups;
  return groups.filter(
    (group, g) =>
      !groups.some((other, o) => o !== g && asksForAll(group, other) && (!asksForAll(other, group) || o < g)),
  );
}

/** Of strategies that `strategyOf` made: they need no reading again. */
const genomes = new WeakMap<Strategy, Genome>();

/** One form for equal rules: conditions and groups in the order of their texts, none that another one makes idle. */
export function strategyOf({ pool, side, groups, exits, orders }: Genome): Strategy {
  const entries = neededGroups(groups).map((group) => {
    const genes = sorted(group);
    return { genes, text: listText(genes) };
  });
  entries.sort(byText);
  const closing = sorted(exits);
  const strategy: Strategy = {
    v: 1,
    side,
    entry: entries.map(({ genes }) => genes.map(({ condition }) => condition)),
    exit: closing.map(({ condition }) => condition),
    ...orders,
  };
  composeText(strategy, listText(entries), listText(closing));
  genomes.set(strategy, { pool, side, groups: entries.map(({ genes }) => genes), exits: closing, orders });
  return strategy;
}

/** Rules as genes. */
export function readRules(
  pool: TermPool,
  { side, entry, exit }: Pick<Strategy, 'side' | 'entry' | 'exit'>,
): Omit<Genome, 'orders'> {
  const genes = (conditions: readonly Condition[]) => conditions.map((condition) => geneOf(pool, condition));
  return { pool, side, groups: entry.map(genes), exits: genes(exit) };
}

/** The genome of any strategy. */
export function genomeOf(pool: TermPool, strategy: Strategy): Genome {
  const known = genomes.get(strategy);
  if (known?.pool === pool) return known;
  const { v: _v, name: _name, side, entry, exit, ...orders } = strategy;
  return { ...readRules(pool, { side, entry, exit }), orders };
}

/** A genome of the strategy for its texts, which are the same in every pool. */
export function textsOf(strategy: Strategy): Omit<Genome, 'pool'> {
  return genomes.get(strategy) ?? genomeOf(new TermPool(1, 0), strategy);
}
