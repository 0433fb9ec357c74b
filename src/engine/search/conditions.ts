// Conditions: drawn at random, and changed in one place. None compares what cannot change places, and none is put into
// a list to which it adds nothing.
import type { RandomStream } from '../random.ts';
import type { Condition, Operator } from '../strategy.ts';
import { pickOther } from './choices.ts';
import type { Term, TermPool } from './pool.ts';
import {
  canMeet,
  drawLeft,
  drawRight,
  drawTimeframe,
  sharesTimeframe,
  TERM_OPERATORS,
  type TermOperator,
  withTimeframe,
} from './terms.ts';

const OPERATORS: readonly Operator[] = ['>', '<', 'crosses_above', 'crosses_below'];
/** Draws before an operator gives up on a place; another place is then tried. */
const TRIES_MAX = 6;

/** A condition of a strategy in the search. */
export interface Gene {
  condition: Condition;
  /** Canonical JSON of the condition. */
  text: string;
  left: Term;
  op: Operator;
  right: Term;
  /** Operators that fit, found when they are first asked for. */
  fitting: readonly GeneOperator[] | undefined;
}

/** One way to change one condition and keep the rest of it. */
export interface GeneOperator {
  name: string;
  fits(gene: Gene, pool: TermPool): boolean;
  /** Another gene, which may not be fit to stand where it is to stand. Only for genes that fit. */
  change(gene: Gene, pool: TermPool, random: RandomStream): Gene;
}

function makeGene(left: Term, op: Operator, right: Term): Gene {
  const text = `{"left":${left.text},"op":"${op}","right":${right.text}}`;
  return { condition: { left: left.operand, op, right: right.operand }, text, left, op, right, fitting: undefined };
}

/** The gene of a condition from outside. */
export const geneOf = (pool: TermPool, { left, op, right }: Condition): Gene =>
  makeGene(pool.term(left), op, pool.term(right));

/** A random condition. */
export function drawGene(pool: TermPool, random: RandomStream): Gene {
  for (;;) {
    const left = drawLeft(pool, random);
    const right = drawRight(pool, left, random);
    if (canMeet(pool, left, right)) return makeGene(left, random.pick(OPERATORS), right);
  }
}

const isState = ({ op }: Gene) => op === '>' || op === '<';

/** Two thresholds of one series: only a band between them (all must hold) or beyond them (any) says more than one. */
function thresholdsClash(a: Gene, b: Gene, any: boolean): boolean {
  const [x, y] = [a.right.value, b.right.value];
  if (x === undefined || y === undefined || !isState(a) || !isState(b)) return false;
  if (a.op === b.op) return true;
  const [floor, ceiling] = a.op === '>' ? [x, y] : [y, x];
  return any ? floor < ceiling : floor >= ceiling;
}

/**
 * Whether one of two conditions of a list says nothing beside the other, or both together never (always) hold. `any`:
 * one of the list is enough, as for exits; otherwise all must hold.
 */
export function clashes(a: Gene, b: Gene, any: boolean): boolean {
  if (a.left === b.left) return a.right === b.right || thresholdsClash(a, b, any);
  return a.left === b.right && a.right === b.left;
}

/** A group whose conditions must hold together, or exits of which any is enough. */
export interface GeneList {
  genes: readonly Gene[];
  any: boolean;
}

/** Whether a gene says something beside the others of a list; `at` is the one whose place it takes, −1 for none. */
export function addsTo({ genes, any }: GeneList, gene: Gene, at = -1): boolean {
  for (let i = 0; i < genes.length; i++) if (i !== at && clashes(gene, genes[i]!, any)) return false;
  return true;
}

/** A random condition for a list, or undefined when none was found that adds to it. */
export function drawBeside(pool: TermPool, list: GeneList, at: number, random: RandomStream): Gene | undefined {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const drawn = drawGene(pool, random);
    if (addsTo(list, drawn, at)) return drawn;
  }
  return undefined;
}

/** The condition at `at` changed by an operator that fits it, or undefined when no change was found that may stand there. */
export function changeAt(
  pool: TermPool,
  list: GeneList,
  at: number,
  operator: GeneOperator,
  random: RandomStream,
): Gene | undefined {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const changed = operator.change(list.genes[at]!, pool, random);
    if (canMeet(pool, changed.left, changed.right) && addsTo(list, changed, at)) return changed;
  }
  return undefined;
}

/** Up to `count` random conditions that fit together; at least one when `count` is not 0. */
export function drawGenes(pool: TermPool, count: number, any: boolean, random: RandomStream): Gene[] {
  const genes: Gene[] = [];
  for (let i = 0; i < count; i++) {
    const drawn = drawBeside(pool, { genes, any }, -1, random);
    if (drawn !== undefined) genes.push(drawn);
  }
  return genes;
}

function onSide({ name, fits, change }: TermOperator, isLeft: boolean): GeneOperator {
  const placeOf = ({ left, right }: Gene, pool: TermPool) => ({
    pool,
    term: isLeft ? left : right,
    other: isLeft ? right : left,
    isLeft,
  });
  return {
    name,
    fits: (gene, pool) => fits(placeOf(gene, pool)),
    change: (gene, pool, random) => {
      const term = change(placeOf(gene, pool), random);
      return isLeft ? makeGene(term, gene.op, gene.right) : makeGene(gene.left, gene.op, term);
    },
  };
}

function changeTimeframe({ left, op, right }: Gene, pool: TermPool, random: RandomStream): Gene {
  const both = right.value !== undefined || left.value !== undefined || sharesTimeframe(left);
  const onLeft = both || random.chance(0.5);
  const timeframe = drawTimeframe(pool, onLeft && left.value === undefined ? left : right, random);
  const changed = (term: Term, affected: boolean) => (affected ? withTimeframe(pool, term, timeframe) : term);
  return makeGene(changed(left, onLeft), op, changed(right, both || !onLeft));
}

const GENE_OPERATORS: readonly GeneOperator[] = [
  {
    name: 'comparison',
    fits: () => true,
    change: ({ left, op, right }, _, random) => makeGene(left, pickOther(OPERATORS, op, random), right),
  },
  { name: 'timeframe', fits: (_, pool) => pool.larger.length > 0, change: changeTimeframe },
  ...TERM_OPERATORS.flatMap((operator) => [onSide(operator, true), onSide(operator, false)]),
];

/** The operators that fit a gene. */
export function operatorsFor(gene: Gene, pool: TermPool): readonly GeneOperator[] {
  gene.fitting ??= GENE_OPERATORS.filter((operator) => operator.fits(gene, pool));
  return gene.fitting;
}
