// Crossover and mutation. Nothing is changed in place: every step returns a new genome that is valid for the risk
// profile and that differs from its parents.
import type { RandomStream } from '../random.ts';
import {
  addsTo,
  changeAt,
  drawBeside,
  drawGene,
  drawGenes,
  type Gene,
  type GeneList,
  type GeneOperator,
  operatorsFor,
} from './conditions.ts';
import { areTwins, type Genome } from './genome.ts';
import {
  crossOrders,
  drawOrder,
  drawOrders,
  drawSide,
  isEndless,
  ORDER_OPERATORS,
  type OrderOperator,
} from './orders.ts';
import type { TermPool } from './pool.ts';
import type { RiskProfile } from './risk.ts';

/** Most conditions that the search puts into one group, groups into an entry, and exits. */
const GROUP_MAX = 3;
const GROUPS_MAX = 2;
const EXITS_MAX = 2;
/** Share of random strategies with two groups. */
const TWO_GROUPS_SHARE = 0.15;
/** Changes that are tried before a random genome takes the place of a mutant. */
const TRIES_MAX = 12;

export interface Rules {
  profile: RiskProfile;
  allowShort: boolean;
  pool: TermPool;
}

/** A genome and the operator that made it of its parents. */
export interface Child {
  genome: Genome;
  operator: string;
}

/** A genome drawn from nothing: 1–3 entry conditions (sometimes in two groups), 0–2 exit conditions. */
export function drawGenome({ profile, allowShort, pool }: Rules, random: RandomStream): Genome {
  const side = drawSide(profile, allowShort, random);
  const group = () => drawGenes(pool, 1 + random.below(GROUP_MAX), false, random);
  const groups = random.chance(TWO_GROUPS_SHARE) ? [group(), group()] : [group()];
  const exits = drawGenes(pool, random.below(EXITS_MAX + 1), true, random);
  return { pool, side, groups, exits, orders: drawOrders(exits.length, profile, random) };
}

/** A strategy whose positions could stay open for ever gets a time stop. */
function ended(genome: Genome, { profile }: Rules, random: RandomStream): Genome {
  if (!isEndless(genome.orders, genome.exits.length)) return genome;
  return { ...genome, orders: drawOrder(genome.orders, 'maxBars', profile, random) };
}

const replaceAt = <T>(items: readonly T[], at: number, item: T): T[] => items.map((old, i) => (i === at ? item : old));
const removeAt = <T>(items: readonly T[], at: number): T[] => items.filter((_, i) => i !== at);

/** A list of conditions of a genome: a group of its entry, or (−1) its exits. */
interface ListPlace extends GeneList {
  group: number;
  /** `condition` or `exit`. */
  what: string;
  min: number;
  max: number;
}

function listAt({ groups, exits }: Genome, group: number): ListPlace {
  if (group === -1) return { genes: exits, any: true, group, what: 'exit', min: 0, max: EXITS_MAX };
  return { genes: groups[group]!, any: false, group, what: 'condition', min: 1, max: GROUP_MAX };
}

function withList(genome: Genome, group: number, genes: readonly Gene[]): Genome {
  if (group === -1) return { ...genome, exits: genes };
  return { ...genome, groups: replaceAt(genome.groups, group, genes) };
}

type Kind = 'change' | 'replace' | 'remove' | 'add' | 'add group' | 'remove group' | 'order' | 'side';

/** One change that a genome admits. */
interface Site {
  kind: Kind;
  list?: ListPlace;
  /** Which condition of the list, or which group. */
  at?: number;
  operator?: GeneOperator;
  order?: OrderOperator;
}

const ORDER_SITES: readonly Site[] = ORDER_OPERATORS.map((order) => ({ kind: 'order', order }));
const ADD_GROUP: Site = { kind: 'add group' };
const SIDE: Site = { kind: 'side' };

/** Changes that one condition admits: what fits it, a new one in its place, and its removal. */
const sitesOfGene = ({ genes, min }: ListPlace, at: number, pool: TermPool): number =>
  operatorsFor(genes[at]!, pool).length + 1 + (genes.length > min ? 1 : 0);

function sitesOfList(list: ListPlace, pool: TermPool): number {
  let count = list.genes.length < list.max ? 1 : 0;
  for (let at = 0; at < list.genes.length; at++) count += sitesOfGene(list, at, pool);
  return count;
}

/** The n-th change of a list. */
function siteOfList(list: ListPlace, n: number, pool: TermPool): Site {
  let left = n;
  for (let at = 0; at < list.genes.length; at++) {
    const fitting = operatorsFor(list.genes[at]!, pool);
    if (left < fitting.length) return { kind: 'change', list, at, operator: fitting[left]! };
    if (left === fitting.length) return { kind: 'replace', list, at };
    const count = sitesOfGene(list, at, pool);
    if (left < count) return { kind: 'remove', list, at };
    left -= count;
  }
  return { kind: 'add', list };
}

/** Changes of a genome outside its lists of conditions. */
function otherSites({ groups, orders, exits }: Genome, { profile, allowShort }: Rules): Site[] {
  const sites = ORDER_SITES.filter(({ order }) => order!.fits(orders, exits.length, profile));
  if (groups.length < GROUPS_MAX) sites.push(ADD_GROUP);
  else for (let at = 0; at < groups.length; at++) sites.push({ kind: 'remove group', at });
  if (allowShort && profile.shorts) sites.push(SIDE);
  return sites;
}

/** Picks uniformly among all changes that a genome admits; they are counted, so that only the picked one is made. */
function pickSite(genome: Genome, rules: Rules, random: RandomStream): Site {
  const { pool } = rules;
  const others = otherSites(genome, rules);
  let inLists = 0;
  for (let group = -1; group < genome.groups.length; group++) inLists += sitesOfList(listAt(genome, group), pool);
  let n = random.below(inLists + others.length);
  if (n >= inLists) return others[n - inLists]!;
  let group = -1;
  for (;;) {
    const list = listAt(genome, group++);
    const count = sitesOfList(list, pool);
    if (n < count) return siteOfList(list, n, pool);
    n -= count;
  }
}

function nameOf({ kind, list, operator, order }: Site): string {
  if (operator !== undefined) return operator.name;
  if (order !== undefined) return order.name;
  return list === undefined ? kind : `${kind} ${list.what}`;
}

/** The genome changed at one place of a list, or undefined when the draws came to nothing. */
function changeList(genome: Genome, { kind, operator, at = -1 }: Site, list: ListPlace, random: RandomStream) {
  const { pool } = genome;
  if (kind === 'remove') return withList(genome, list.group, removeAt(list.genes, at));
  const gene = operator === undefined ? drawBeside(pool, list, at, random) : changeAt(pool, list, at, operator, random);
  if (gene === undefined) return undefined;
  return withList(genome, list.group, at === -1 ? [...list.genes, gene] : replaceAt(list.genes, at, gene));
}

function applySite(genome: Genome, site: Site, { profile }: Rules, random: RandomStream): Genome | undefined {
  const { pool, groups, orders, side } = genome;
  if (site.list !== undefined) return changeList(genome, site, site.list, random);
  if (site.order !== undefined) return { ...genome, orders: site.order.change(orders, profile, random) };
  if (site.kind === 'side') return { ...genome, side: side === 'long' ? 'short' : 'long' };
  if (site.kind === 'add group') return { ...genome, groups: [...groups, [drawGene(pool, random)]] };
  return { ...genome, groups: removeAt(groups, site.at!) };
}

/** One change, picked uniformly among all that the genome admits. */
export function mutate(parent: Genome, rules: Rules, random: RandomStream): Child {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const site = pickSite(parent, rules, random);
    const changed = applySite(parent, site, rules, random);
    if (changed !== undefined) return { genome: ended(changed, rules, random), operator: nameOf(site) };
  }
  return { genome: drawGenome(rules, random), operator: 'fresh' };
}

/** Genes of both lists that fit together, in random order, as many as one of the two has. */
function crossGenes(a: readonly Gene[], b: readonly Gene[], any: boolean, random: RandomStream): readonly Gene[] {
  const count = random.chance(0.5) ? a.length : b.length;
  const left = [...a, ...b];
  const taken: Gene[] = [];
  while (taken.length < count && left.length > 0) {
    const [gene] = left.splice(random.below(left.length), 1);
    if (addsTo({ genes: taken, any }, gene!)) taken.push(gene!);
  }
  return taken;
}

function crossGroups(a: Genome, b: Genome, random: RandomStream): (readonly Gene[])[] {
  const { groups } = random.chance(0.5) ? a : b;
  return groups.map((_, g) => crossGenes(a.groups[g] ?? a.groups[0]!, b.groups[g] ?? b.groups[0]!, false, random));
}

/**
 * A child of two, typed: conditions meet conditions, distances distances of the same kind. Parents of different sides
 * exchange orders only, since a condition that is good for a long says little for a short. What would be a parent again
 * is changed once.
 */
export function cross(a: Genome, b: Genome, rules: Rules, random: RandomStream): Child {
  const same = a.side === b.side;
  const genome: Genome = {
    pool: rules.pool,
    side: a.side,
    groups: same ? crossGroups(a, b, random) : a.groups,
    exits: same ? crossGenes(a.exits, b.exits, true, random) : a.exits,
    orders: crossOrders(a.orders, b.orders, random),
  };
  const child = ended(genome, rules, random);
  if (areTwins(child, a) || (same && areTwins(child, b))) return mutate(child, rules, random);
  return { genome: child, operator: same ? 'cross' : 'cross orders' };
}
