// Verbs about jobs and results, and the ledger's check; all of them ask the running node.
import { setTimeout as wait } from 'node:timers/promises';
import type { JobView, Page, ResultView, SegmentMetrics, UnitView } from '../../ui/api.ts';
import type { NeighboursView } from '../../ui/api-strategy.ts';
import type { VerdictView } from '../../ui/api-verdict.ts';
import { PERMUTATIONS_DEFAULT } from '../../ui/limits.ts';
import { connectClient } from '../cli/client.ts';
import { barLabel, decimal, duration, percent, share, table } from '../cli/text.ts';
import { UsageError, type Verb, type VerbContext, type VerbOption } from '../cli/verb.ts';
import { PERMUTATIONS_MAX } from '../permutations.ts';
import { findWhole } from './flags.ts';
import { JOB_OPTIONS, jobInputOf } from './job-flags.ts';
import { printJudgement } from './judgement-text.ts';
import { findResults, printFunnel, RESULT_OPTIONS } from './result-filters.ts';

const JUDGING_LOOK_MS = 250;

/** Defaults that differ from those of `mine`. */
const CREATE_OPTIONS: Record<string, VerbOption> = {
  ...JOB_OPTIONS,
  data: { type: 'string', value: 'HASH', help: 'data set, by hash or its first digits' },
  preset: { type: 'string', value: 'P', help: 'quick (60 × 20), standard (200 × 100, default) or deep (600 × 300)' },
  units: { type: 'string', value: 'N', help: 'independent searches (default 6)' },
  seed: { type: 'string', value: 'TEXT', help: 'equal seeds give equal results (default: a random one)' },
  permutations: {
    ...{ type: 'string', value: 'N' },
    help: 'searches on permuted bars, when nothing else is to be done (default 19; 0 for none)',
  },
};

export const jobCreateVerb: Verb = {
  name: 'job create',
  summary: 'create work for the whole mesh',
  options: CREATE_OPTIONS,
  async run(context) {
    const job = await connectClient(context.dataDir).post<JobView>('jobs', await jobInputOf(context));
    if (context.json) context.document(job);
    else
      context.print(
        `Created ${job.id}: “${job.name}”, ${job.units} units, ${job.population} × ${job.generations}, ${job.risk} risk.`,
      );
    return 0;
  },
};

export const jobPermuteVerb: Verb = {
  name: 'job permute',
  summary: 'run the search of a job again on permuted bars, for its verdict',
  positionals: ['<JOB>'],
  options: { permutations: { type: 'string', value: 'N', help: 'how many, 1 to 999 (default 19)' } },
  async run(context) {
    const client = connectClient(context.dataDir);
    const { id } = findById(await client.all<JobView>('jobs'), context.positionals[0]!, 'job');
    const permutations = findWhole(context, 'permutations', 1, PERMUTATIONS_MAX) ?? PERMUTATIONS_DEFAULT;
    const job = await client.post<JobView>(`jobs/${id}/permutations`, { permutations });
    if (context.json) context.document(job);
    else context.print(`Created ${job.id}: “${job.name}”, ${job.units} units, after all other work.`);
    return 0;
  },
};

export const jobListVerb: Verb = {
  name: 'job list',
  summary: 'all jobs of the mesh',
  options: {},
  async run(context) {
    const jobs = await connectClient(context.dataDir).all<JobView>('jobs');
    const head = ['JOB', 'NAME', 'STATE', 'VALIDATED', 'RUNNING', 'BEST OOS', 'LEFT'];
    if (context.json) context.document({ items: jobs, next: null } satisfies Page<JobView>);
    else for (const line of table(head, jobs.map(jobRow))) context.print(line);
    return 0;
  },
};

function jobRow(job: JobView): string[] {
  const { counts } = job;
  return [
    job.id.slice(0, 12),
    (job.sample ? 'SAMPLE ' : '') + job.name,
    job.state,
    `${counts.validated}/${job.units}`,
    String(counts.running),
    percent(job.bestOutOfSample),
    duration(job.remainingMs),
  ];
}

export const jobShowVerb: Verb = {
  name: 'job show',
  summary: 'one job and its units',
  positionals: ['<JOB>'],
  options: {},
  async run(context) {
    const client = connectClient(context.dataDir);
    const job = findById(await client.all<JobView>('jobs'), context.positionals[0]!, 'job');
    const units = await client.all<UnitView>(`units?job=${job.id}`);
    if (context.json) {
      context.document({ ...job, unitList: units });
      return 0;
    }
    context.print(`${job.name}  ${job.id}`);
    context.print(
      `${job.market} ${barLabel(job.barMs)}${job.leverage === null ? '' : ` perpetual ×${job.leverage}`}, ${job.population} × ${job.generations}, ${job.risk} risk, seed ${job.seed}, ${job.replicas} replicas, data ${job.datasetHash.slice(0, 12)}`,
    );
    for (const line of table(['UNIT', 'STATE', 'ANSWERS', 'DIGEST', ''], units.map(unitRow))) context.print(line);
    return 0;
  },
};

export const jobVerdictVerb: Verb = {
  name: 'job verdict',
  summary: 'what a job found, judged against all that was tried on its candles',
  positionals: ['<JOB>'],
  options: {},
  async run(context) {
    const client = connectClient(context.dataDir);
    const { id } = findById(await client.all<JobView>('jobs'), context.positionals[0]!, 'job');
    let view = await client.get<VerdictView>(`jobs/${id}/verdict`);
    for (; view.state === 'judging'; view = await client.get<VerdictView>(`jobs/${id}/verdict`)) {
      context.note('The job is being judged.', { transient: true });
      await wait(JUDGING_LOOK_MS, undefined, { signal: context.signal });
    }
    if (context.json) context.document(view);
    else printVerdict(context, view);
    return 0;
  },
};

function printVerdict(context: VerbContext, { basis, why, judgement }: VerdictView): void {
  const { units, validated, failed, trials, searched, jobs, openings, permutations } = basis;
  context.print(`units     ${validated} of ${units} validated${failed > 0 ? `, ${failed} without an answer` : ''}`);
  context.print(`trials    ${trials}; ${searched} by ${jobs === 1 ? 'the only job' : `${jobs} jobs`} on these candles`);
  context.print(`holdout   opened ${openings === 1 ? 'once' : `${openings} times`}`);
  if (permutations !== null) {
    const { done, pending } = permutations;
    context.print(`permuted  ${done} of ${done + pending} searches on permuted bars`);
  }
  if (judgement !== null) printJudgement(context, judgement);
  if (why !== null) context.print(`verdict   none: ${why}`);
  context.note('Past results after fees. Nothing here says what a strategy will do.');
}

function unitRow(unit: UnitView): string[] {
  const names = unit.results.map((result) => result.name).join(', ');
  return [
    String(unit.index + 1),
    unit.state,
    names === '' ? '—' : names,
    unit.digest?.slice(0, 16) ?? '—',
    unit.reason ?? '',
  ];
}

export const resultsVerb: Verb = {
  name: 'results',
  summary: 'strategies found, best out of sample first',
  options: RESULT_OPTIONS,
  async run(context) {
    const client = connectClient(context.dataDir);
    if (context.values.funnel === true) {
      await printFunnel(context, client);
      return 0;
    }
    const wanted = context.values.job;
    const job = wanted === undefined ? undefined : findById(await client.all<JobView>('jobs'), String(wanted), 'job');
    const results = await findResults(context, client, job?.id);
    if (context.json) {
      context.document({ items: results, next: null } satisfies Page<ResultView>);
      return 0;
    }
    const head = [
      'STRATEGY',
      'MARKET',
      'OUT OF SAMPLE',
      'HOLDOUT',
      'SHARPE',
      'TRADES',
      'STATE',
      'VOTES',
      'FOUND BY',
      'ID',
    ];
    for (const line of table(head, results.map(resultRow))) context.print(line);
    context.note('Past results after fees. Nothing here says what a strategy will do.');
    return 0;
  },
};

function resultRow(result: ResultView): string[] {
  return [
    result.codeName,
    `${result.sample ? 'SAMPLE ' : ''}${result.market} ${barLabel(result.barMs)}`,
    percent(result.outOfSample.return),
    percent(result.holdout.return),
    decimal(result.outOfSample.sharpe),
    String(result.outOfSample.trades),
    result.state,
    `${result.votes}/${result.replicas}`,
    result.foundBy.name,
    result.id.slice(0, 12),
  ];
}

export const resultShowVerb: Verb = {
  name: 'result show',
  summary: 'one strategy: rules and figures',
  positionals: ['<ID>'],
  options: {
    neighbours: { type: 'boolean', help: 'also what it earns in sample with each number 10 or 20 % smaller or larger' },
  },
  async run(context) {
    const client = connectClient(context.dataDir);
    const result = findById(await client.all<ResultView>('results'), context.positionals[0]!, 'result');
    const neighbours =
      context.values.neighbours === true
        ? await client.get<NeighboursView>(`results/${result.id}/neighbours`)
        : undefined;
    if (context.json) {
      context.document({ ...result, ...(neighbours === undefined ? {} : { neighbours }) });
      return 0;
    }
    context.print(`${result.codeName}  ${result.id}`);
    context.print(result.sentence);
    context.print(
      `${result.sample ? 'SAMPLE data, ' : ''}${result.market} ${barLabel(result.barMs)}; ${result.state}, ${result.votes} of ${result.replicas} replicas; found by ${result.foundBy.name}`,
    );
    context.print(
      `Tried: ${result.trialsUnit} strategies in this unit, ${result.trialsJob} in all validated units of the job.`,
    );
    const rows = (['inSample', 'outOfSample', 'holdout'] as const).map((segment) =>
      segmentRow(segment, result[segment]),
    );
    for (const line of table(
      ['AFTER FEES', 'RETURN', 'NET', 'SHARPE', 'MAX DD', 'TRADES', 'WINS', 'PROFIT FACTOR'],
      rows,
    ))
      context.print(line);
    if (neighbours !== undefined) printNeighbours(context, neighbours);
    return 0;
  },
};

function printNeighbours(context: VerbContext, { own, factors, settings }: NeighboursView): void {
  context.print(`In sample it earns ${percent(own.return)}. With one number changed:`);
  const heads = factors.map((factor) => `× ${factor}`);
  const rows = settings.map(({ path, value, neighbours }) => [
    path.join('.'),
    String(value),
    ...neighbours.map((each) => (each === null ? '—' : percent(each.return))),
  ]);
  for (const line of table(['NUMBER', 'IS', ...heads], rows)) context.print(line);
}

function segmentRow(name: string, metrics: SegmentMetrics): string[] {
  return [
    { inSample: 'in sample', outOfSample: 'out of sample', holdout: 'holdout' }[name] ?? name,
    percent(metrics.return),
    decimal(metrics.netProfit),
    decimal(metrics.sharpe),
    percent(-metrics.maxDrawdown),
    String(metrics.trades),
    share(metrics.winRate),
    decimal(metrics.profitFactor),
  ];
}

/** By full id or its first digits. */
function findById<T extends { id: string }>(items: readonly T[], wanted: string, what: 'job' | 'result'): T {
  const found = items.filter((item) => item.id.startsWith(wanted));
  if (found.length === 1) return found[0]!;
  const message =
    found.length === 0 ? `There is no ${what} ${wanted}.` : `${wanted} fits more than one ${what}; give more digits.`;
  const code = what === 'job' ? 'job_unknown' : 'unknown_result';
  throw new UsageError(code, message, what);
}
