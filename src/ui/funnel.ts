// From tries to keepers: how many strategies each step leaves. The last steps are what the verdicts say, as far as there are any.
import type { JobView, ResultView } from './api.ts';
import type { FunnelStep, LandscapeView } from './api-results.ts';
import type { JudgedStrategy, Judgement } from './api-verdict.ts';

type Funnel = LandscapeView['funnel'];
/** Undefined: not known. */
type Answer = boolean | undefined;
export type JudgementOf = (job: string) => Pick<Judgement, 'strategies'> | undefined;

/** As the gates of these codes say; a gate without a figure is open. */
function gatesOf(...codes: readonly string[]): (strategy: JudgedStrategy) => Answer {
  return ({ gates }) => {
    const asked = gates.filter(({ code }) => codes.includes(code));
    if (asked.some(({ holds, figure }) => !holds && figure !== null)) return false;
    return asked.length > 0 && asked.every(({ holds }) => holds) ? true : undefined;
  };
}

const QUESTIONS = {
  costs: ({ stress }: JudgedStrategy): Answer => stress.twice > 0,
  luck: gatesOf('unseen_p', 'superior_ability', 'luck', 'permutation'),
  neighbours: gatesOf('neighbourhood'),
};
type Question = keyof typeof QUESTIONS;

/** Those of `results` that the judgements on their jobs name. */
function judgedOf(results: readonly ResultView[], judgementOf: JudgementOf): JudgedStrategy[] {
  const jobs = new Map(
    [...new Set(results.map(({ jobId }) => jobId))].map((job) => {
      const strategies = judgementOf(job)?.strategies ?? [];
      return [job, new Map(strategies.map((strategy) => [strategy.hash, strategy]))];
    }),
  );
  return results.map(({ jobId, id }) => jobs.get(jobId)?.get(id)).filter((found) => found !== undefined);
}

function stepsOf(judged: readonly JudgedStrategy[]): Record<Question, FunnelStep> {
  let left = judged.map((strategy) => ({ strategy, isKnown: true }));
  const step = (question: Question): FunnelStep => {
    left = left.flatMap(({ strategy, isKnown }) => {
      const answer = QUESTIONS[question](strategy);
      return answer === false ? [] : [{ strategy, isKnown: isKnown && answer === true }];
    });
    const hold = left.filter(({ isKnown }) => isKnown).length;
    return { hold, open: left.length - hold };
  };
  return { costs: step('costs'), luck: step('luck'), neighbours: step('neighbours') };
}

export function funnelOf(results: readonly ResultView[], jobs: readonly JobView[], judgementOf: JudgementOf): Funnel {
  const trials = jobs.map((job) => job.trials).filter((n) => n !== null);
  const unseen = results.filter(({ outOfSample }) => outOfSample.return > 0);
  const sealed = unseen.filter(({ holdout }) => holdout.return > 0);
  const validated = sealed.filter(({ state }) => state === 'validated');
  const judged = judgedOf(validated, judgementOf);
  const isUnknown = judged.length === 0 && validated.length > 0;
  return {
    tried: trials.length === 0 ? null : trials.reduce((sum, n) => sum + n, 0),
    kept: results.length,
    outOfSample: unseen.length,
    holdout: sealed.length,
    validated: validated.length,
    judged: judged.length,
    ...(isUnknown ? { costs: null, luck: null, neighbours: null } : stepsOf(judged)),
  };
}
