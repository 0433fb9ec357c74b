// From figures to a verdict. Every gate is said with its figure and its limit, whether it holds or not.
import type { Thresholds } from './thresholds.ts';

export type Verdict = 'significant' | 'promising' | 'not_significant';

export const GATE_CODES = [
  'unseen_trades',
  'unseen_profit',
  'unseen_p',
  'superior_ability',
  'luck',
  'neighbourhood',
  'loss_probability',
  'permutation',
  'noise',
] as const;
export type GateCode = (typeof GATE_CODES)[number];

/** Gates whose figure is one for the whole job. */
export const JOB_GATE_CODES: readonly GateCode[] = ['superior_ability', 'loss_probability', 'permutation'];

/** One question that was asked, its answer, and what the answer had to reach. */
export interface Gate {
  code: GateCode;
  holds: boolean;
  /** Null where it could not be measured; then the gate does not hold. */
  figure: number | null;
  limit: number;
}

/** The figures that gates look at; null and undefined differ: undefined was not asked. */
export interface GateFigures {
  /** Closed trades on unseen bars. */
  unseenTrades: number;
  /** The smaller of the net returns out of sample and in the holdout, fractions. */
  unseenReturn: number;
  /** Holm-adjusted p-value of the unseen Sharpe ratio over all champions of the job. */
  unseenP: number;
  /** Hansen's consistent p-value over all champions of the job. */
  superiorAbility: number;
  /** 1 − the probability that the in-sample Sharpe ratio is more than the luck of all trials. */
  luck: number;
  neighboursProfitable: number | null;
  lossProbability: number | undefined;
  /** Null while re-runs are still to come. */
  permutation: number | null | undefined;
  noiseProfitable: number | undefined;
}

/** The questions that were asked, in the order of GATE_CODES. */
export function gatesOf(figures: GateFigures, thresholds: Thresholds): Gate[] {
  const gates: Gate[] = [];
  const ask = (code: GateCode, figure: number | null | undefined, limit: number, test: (figure: number) => boolean) => {
    if (figure === undefined) return;
    gates.push({ code, holds: figure !== null && test(figure), figure, limit });
  };
  const atLeast = (code: GateCode, figure: number | null | undefined, limit: number) =>
    ask(code, figure, limit, (value) => value >= limit);
  const atMost = (code: GateCode, figure: number | null | undefined, limit: number) =>
    ask(code, figure, limit, (value) => value <= limit);
  atLeast('unseen_trades', figures.unseenTrades, thresholds.unseenTrades);
  ask('unseen_profit', figures.unseenReturn, 0, (value) => value > 0);
  atMost('unseen_p', figures.unseenP, thresholds.level);
  atMost('superior_ability', figures.superiorAbility, thresholds.level);
  atMost('luck', figures.luck, thresholds.level);
  atLeast('neighbourhood', figures.neighboursProfitable, thresholds.neighboursProfitable);
  atMost('loss_probability', figures.lossProbability, thresholds.lossProbability);
  atMost('permutation', figures.permutation, thresholds.level);
  atLeast('noise', figures.noiseProfitable, thresholds.noiseProfitable);
  return gates;
}

/**
 * Significant: every gate holds. Promising: it gained out of sample and in the holdout, and either its in-sample part alone is
 * beyond luck or its unseen part alone is (`unseenAlone`: p-value before the adjustment for several champions). All else is
 * not significant.
 */
export function verdictOf(gates: readonly Gate[], unseenAlone: number, { level }: Thresholds): Verdict {
  if (gates.every(({ holds }) => holds)) return 'significant';
  const holds = (code: GateCode) => gates.some((gate) => gate.code === code && gate.holds);
  const something = holds('luck') || unseenAlone <= level;
  return holds('unseen_profit') && something ? 'promising' : 'not_significant';
}

const RANK: Record<Verdict, number> = { significant: 2, promising: 1, not_significant: 0 };

/** The best of several verdicts; not significant without any. */
export const bestVerdict = (verdicts: readonly Verdict[]): Verdict =>
  verdicts.reduce<Verdict>((best, next) => (RANK[next] > RANK[best] ? next : best), 'not_significant');
