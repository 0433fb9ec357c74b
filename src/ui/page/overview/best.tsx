// The best strategy that the mesh agrees on, with what speaks against it. Plain words when there is none.
import type { VNode } from 'preact';
import type { ResultView } from '../../api.ts';
import { pathOf } from '../../places.ts';
import { Sparkline } from '../charts.tsx';
import { count, decimal, drop, gain, plain, share, short, shortHash } from '../format.ts';
import { goal } from '../goal.ts';
import { perDay } from '../goal-figures.ts';
import { Icon } from '../icons.tsx';
import { BlockBar, Empty, Market, Notice, Panel, ResultBadge } from '../parts.tsx';
import { bestValidated, counts, trialsSoFar } from '../store.ts';
import { sentenceOf, words } from '../words/words.ts';

export const FEW_TRADES = 30;

function Figures({ best }: { best: ResultView }): VNode {
  const w = words.value;
  const { outOfSample } = best;
  const few = outOfSample.trades < FEW_TRADES;
  return (
    <dl class="figures">
      <div>
        <dt>{w.outOfSample}</dt>
        <dd class={outOfSample.return > 0 ? 'accent' : 'red'}>{gain(outOfSample.return)}</dd>
      </div>
      <div>
        <dt>{w.sharpe}</dt>
        <dd>{decimal(outOfSample.sharpe)}</dd>
      </div>
      <div>
        <dt>{w.maxDrawdown}</dt>
        <dd>{drop(outOfSample.maxDrawdown)}</dd>
      </div>
      <div>
        <dt>{w.trades}</dt>
        <dd class={few ? 'amber' : ''} title={few ? w.fewTrades : undefined}>
          {count(outOfSample.trades)}
          {few ? <Icon name="warning" /> : null}
        </dd>
      </div>
    </dl>
  );
}

/** How far the goal is: out of sample only, never below nothing. */
function Goal({ best: { outOfSample, outOfSampleDays } }: { best: ResultView }): VNode {
  const w = words.value;
  const now = perDay(outOfSample.return, outOfSampleDays);
  const part = now === null ? null : Math.max(0, now) / (goal.value / 100);
  const target = `${plain(goal.value)}\u00a0%`;
  return (
    <div class="goal">
      <p class="pair">
        <strong>{w.goal(target)}</strong>
        <span class="muted">
          {w.goalNow} <strong class={now !== null && now < 0 ? 'red' : ''}>{gain(now, 3)}</strong>
        </span>
      </p>
      <BlockBar label={w.goal(target)} value={Math.min(1, part ?? 0)} of={1} />
      <p class="small dim">
        {part === null ? w.goalUnknown : w.goalShare(share(part), count(outOfSampleDays))}{' '}
        <a class="link" href={`${pathOf('settings')}#appearance`}>
          {w.goalChange}
        </a>
      </p>
    </div>
  );
}

function Strategy({ best }: { best: ResultView }): VNode {
  const w = words.value;
  const { equity, inSample, outOfSample, holdout } = best;
  return (
    <>
      <div class="pair top">
        <p>
          <a class="accent code-name quiet-link" href={pathOf('results', best.id)}>
            <strong>{best.codeName}</strong>
          </a>{' '}
          <span class="dim">{shortHash(best.id)}</span>
        </p>
        <ResultBadge state={best.state} />
      </div>
      <p class="muted">
        <Market of={best} /> · {w.votes(count(best.votes), count(best.replicas))}
      </p>
      <p class="sentence">{sentenceOf(best)}</p>
      <Figures best={best} />
      <Goal best={best} />
      <div class="curve">
        <Sparkline values={equity} tone="cyan" label={w.bestEquity(share(equity[0], 1), share(equity.at(-1), 1))} />
      </div>
      <p class="segments">
        <span class="accent">
          {w.inSample} {gain(inSample.return)}
        </span>
        <span class="cyan">
          {w.outOfSample} {gain(outOfSample.return)}
        </span>
        <span class="violet">
          {w.holdout} {gain(holdout.return)}
        </span>
      </p>
      <p class="small dim">
        {w.bestSegments} {w.bestTried(short(best.trialsJob))} {w.ownMoneyNote}
      </p>
    </>
  );
}

function Nothing(): VNode {
  const w = words.value;
  const found = counts.value?.results ?? 0;
  const tried = trialsSoFar.value;
  const results = tried === null ? w.bestNoneFound(count(found)) : w.bestNoneTried(count(found), short(tried));
  const text = found === 0 ? w.bestNoneStart : results;
  return <Empty art="funnel" title={w.bestNone} text={text} />;
}

export function Best(): VNode {
  const w = words.value;
  const best = bestValidated.value;
  const losing = best !== undefined && best.outOfSample.return <= 0;
  return (
    <Panel id="best" title={w.bestTitle}>
      <div class="live-numbers best-body">
        {losing ? (
          <Notice tone="caution" icon="info">
            <strong>{w.bestLosing}.</strong>{' '}
            {w.bestLosingText(count(counts.value?.validated), gain(best.outOfSample.return))}{' '}
            {w.strategiesTried(short(trialsSoFar.value))}
          </Notice>
        ) : null}
        {best === undefined ? <Nothing /> : <Strategy best={best} />}
      </div>
    </Panel>
  );
}
