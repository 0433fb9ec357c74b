// What a job found, judged: the sentences of the engine, what they rest on, and each strategy with its reasons.
import type { VNode } from 'preact';
import { useEffect } from 'preact/hooks';
import type { JobView } from '../../api.ts';
import type { JudgedStrategy, VerdictName, VerdictView } from '../../api-verdict.ts';
import { Await, type Fetched, useFetched } from '../fetched.tsx';
import { count, decimal, gain, shortHash, stamp } from '../format.ts';
import { Facts, Notice, Panel } from '../parts.tsx';
import { status } from '../store.ts';
import { language } from '../words/words.ts';
import { workWords } from './words.ts';

/** How long it takes to judge depends on the candles; asked for as often as this meanwhile, ms. */
const LOOK_MS = 1000;
const ROWS_MAX = 6;

const TONES: Record<VerdictName, string> = { significant: 'good', promising: 'caution', not_significant: 'plain' };

export function VerdictBadge({ verdict }: { verdict: VerdictName }): VNode {
  return <span class={`badge ${TONES[verdict]}`}>{workWords.value[verdict]}</span>;
}

function Judged({ strategy }: { strategy: JudgedStrategy }): VNode {
  const w = workWords.value;
  return (
    <li>
      <span>
        <a class="link" href={`/results/${strategy.hash}`}>
          <code>{shortHash(strategy.hash)}</code>
        </a>{' '}
        <VerdictBadge verdict={strategy.verdict} />
      </span>
      <span class="muted">
        {w.unseen(gain(strategy.unseenReturn), decimal(strategy.unseenSharpe), count(strategy.unseenTrades))}
      </span>
      <span>{strategy.reasons[language.value].join('; ')}</span>
    </li>
  );
}

/** Why there is no verdict: the node's sentence, or that this job is a part of another one's. */
function Why({ why, permutes }: { why: string; permutes: string | null }): VNode {
  const w = workWords.value;
  return (
    <Notice tone="info" icon="info">
      {permutes === null ? (
        <span lang="en">{why}</span>
      ) : (
        <span>
          {w.permutes}{' '}
          <a class="link" href={`/work/${permutes}`}>
            {w.thatJob}
          </a>
        </span>
      )}
    </Notice>
  );
}

function Body({ view, permutes }: { view: VerdictView; permutes: string | null }): VNode {
  const w = workWords.value;
  const { basis, judgement, state, why, judgedAt } = view;
  const strategies = judgement?.strategies ?? [];
  const { permutations } = basis;
  return (
    <div class="live-numbers verdict">
      <div class="verdict-top">
        <div class="verdict-words">
          {state === 'judging' ? (
            <p class="dim" role="status">
              {judgement === null ? w.judging : w.judgingAgain}
            </p>
          ) : null}
          {why === null ? null : <Why why={why} permutes={permutes} />}
          {judgement === null ? null : (
            <>
              <p class="verdict-word">
                <VerdictBadge verdict={judgement.verdict} />
              </p>
              {judgement.summary[language.value].map((sentence) => (
                <p key={sentence}>{sentence}</p>
              ))}
            </>
          )}
        </div>
        <Facts
          rows={[
            [w.unitsJudged, w.of(count(basis.validated), count(basis.units))],
            [w.triedHere, count(basis.trials)],
            [w.triedOnCandles, `${count(basis.searched)} · ${w.jobsOnCandles(basis.jobs, count(basis.jobs))}`],
            [w.opened, w.times(basis.openings, count(basis.openings))],
            [
              w.permuted,
              permutations === null
                ? '—'
                : w.permutedDone(count(permutations.done), count(permutations.done + permutations.pending)),
            ],
            [w.judgedAt, judgedAt === null ? '—' : stamp(judgedAt)],
          ]}
        />
      </div>
      {strategies.length === 0 ? null : (
        <ul class="unit-list">
          {strategies.slice(0, ROWS_MAX).map((strategy) => (
            <Judged key={strategy.hash} strategy={strategy} />
          ))}
        </ul>
      )}
      {strategies.length > ROWS_MAX ? (
        <p class="small dim">{w.moreJudged(count(strategies.length - ROWS_MAX))}</p>
      ) : null}
      <p class="small dim">{w.pastOnly}</p>
    </div>
  );
}

/** The verdict on a job, asked for again while it is being made. */
export function useVerdict(job: string): Fetched<VerdictView> {
  const answer = useFetched<VerdictView>(`jobs/${job}/verdict`, status.value?.ledger.root);
  const { value, again } = answer;
  useEffect(() => {
    if (value?.state !== 'judging') return;
    const timer = setTimeout(again, LOOK_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return answer;
}

export function Verdict({ job }: { job: JobView }): VNode {
  const answer = useVerdict(job.id);
  return (
    <Panel id="verdict" title={workWords.value.verdictTitle}>
      <Await of={answer}>{(view) => <Body view={view} permutes={job.permutes} />}</Await>
    </Panel>
  );
}
