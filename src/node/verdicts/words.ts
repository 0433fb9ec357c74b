// A report with its reasons in both languages: what `mine`, the API and the page say of a search is this.
import type { JobReport, StrategyReport } from '../../engine/statistics/judge-job.ts';
import { describeJob, reasonsFor } from '../../engine/statistics/verdict-words.ts';
import type { JudgedStrategy, Judgement } from '../../ui/api-verdict.ts';

/** The strategy itself stands among the champions. */
function inWords({ strategy: _, ...report }: StrategyReport): JudgedStrategy {
  return { ...report, reasons: { en: reasonsFor(report), es: reasonsFor(report, 'es') } };
}

export function judgementOf(report: JobReport): Judgement {
  return {
    ...report,
    strategies: report.strategies.map(inWords),
    summary: { en: describeJob(report), es: describeJob(report, 'es') },
  };
}
