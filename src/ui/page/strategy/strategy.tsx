// One strategy: its rules, what it earned on each part of the candles, every trade, and who stands for it.
import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ResultView } from '../../api.ts';
import type { StrategyRun } from '../../api-strategy.ts';
import { copy, rerunStrategy } from '../commands.ts';
import { Await, useFetched } from '../fetched.tsx';
import { count, shortHash } from '../format.ts';
import { strategyName } from '../heading.ts';
import { Icon } from '../icons.tsx';
import { FEW_TRADES } from '../overview/best.tsx';
import { Button, Empty, Market, Notice, Panel, ResultBadge, RiskBadge } from '../parts.tsx';
import { place } from '../router.ts';
import { canWrite, counts, jobs, status } from '../store.ts';
import { words } from '../words/words.ts';
import { Candles } from './candles.tsx';
import { CandlesMissing, holdsCandles } from './candles-missing.tsx';
import { Equity } from './equity.tsx';
import { Folds } from './folds.tsx';
import { Judged } from './judged.tsx';
import { Luck } from './luck.tsx';
import { Neighbours } from './neighbours.tsx';
import { Rules } from './rules.tsx';
import { Metrics, Origin, Trades } from './tables.tsx';
import { strategyWords } from './words.ts';

/** Panels that offer candles, where a strategy is not known. */
const MISSING_MAX = 3;

type Rerun = { run: StrategyRun } | { refusal: string };

function RerunNotice({ outcome }: { outcome: Rerun }): VNode {
  const w = strategyWords.value;
  if ('refusal' in outcome) {
    return (
      <Notice tone="error" icon="warning">
        <strong>{words.value.failed}</strong> <span lang="en">{outcome.refusal}</span>
      </Notice>
    );
  }
  const { here, ledger, tookMs } = outcome.run;
  const same = here === ledger;
  return (
    <Notice tone={same ? 'good' : 'error'} icon={same ? 'check' : 'warning'}>
      <strong>{same ? w.same(count(tookMs)) : w.other}</strong>{' '}
      <code class="dim">{w.hashes(shortHash(here), shortHash(ledger))}</code>
    </Notice>
  );
}

/** Takes the reader to the exports at the foot of the page. */
function showExports(): void {
  const panel = document.getElementById('export');
  panel?.scrollIntoView();
  panel?.focus();
}

function Head({ result }: { result: ResultView }): VNode {
  const w = strategyWords.value;
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<Rerun | undefined>(undefined);
  const rerun = async (): Promise<void> => {
    setBusy(true);
    const done = await rerunStrategy(result.id);
    setBusy(false);
    setOutcome(done.ok ? { run: done.value } : { refusal: done.problem.detail });
  };
  const { trades } = result.outOfSample;
  return (
    <>
      <div class="strategy-head">
        <p class="strategy-name">
          <strong class="code-name accent">{result.codeName}</strong> <span class="dim">{shortHash(result.id)}</span>
        </p>
        <Market of={result} />
        <RiskBadge risk={result.risk} />
        <ResultBadge state={result.state} />
        <span class="badge plain">{w.agree(count(result.votes), count(result.replicas))}</span>
        {trades < FEW_TRADES ? <span class="badge caution">{w.few(count(trades))}</span> : null}
        <span class="strategy-actions">
          <Button
            off={canWrite.value ? undefined : words.value.writesOff}
            busy={busy}
            label={`${w.rerun}: ${w.rerunHint}`}
            onClick={() => void rerun()}
          >
            <Icon name="check" /> {busy ? words.value.waiting : w.rerun}
          </Button>
          <Button onClick={() => void copy(result.id)}>
            <Icon name="copy" /> {w.copyHash}
          </Button>
          <Button onClick={showExports}>
            <Icon name="download" /> {w.toExports}
          </Button>
        </span>
      </div>
      {outcome === undefined ? null : <RerunNotice outcome={outcome} />}
    </>
  );
}

function Whole({ result }: { result: ResultView }): VNode {
  // Asked for again when candles come.
  const run = useFetched<StrategyRun>(`results/${result.id}/run`, holdsCandles(result.datasetHash));
  useEffect(() => {
    strategyName.value = result.codeName;
    return () => {
      strategyName.value = undefined;
    };
  }, [result.codeName]);
  const whole = run.value;
  return (
    <>
      <Head result={result} />
      <div class="grid">
        <Rules result={result} />
        {whole === undefined && run.problem?.code === 'candles_missing' ? (
          <CandlesMissing hash={result.datasetHash} market={result.market} />
        ) : whole === undefined ? (
          <Panel id="equity" title={strategyWords.value.equity}>
            <Await of={run} lines={8}>
              {() => null}
            </Await>
          </Panel>
        ) : (
          <>
            <Equity result={result} run={whole} />
            <Candles result={result} run={whole} />
            <Metrics result={result} run={whole} />
          </>
        )}
        <Judged result={result}>
          {whole === undefined ? null : <Folds run={whole} />}
          <Origin result={result} />
        </Judged>
        {whole === undefined ? null : (
          <>
            <Luck run={whole} />
            <Neighbours result={result} />
          </>
        )}
        {whole === undefined ? null : <Trades result={result} run={whole} />}
      </div>
    </>
  );
}

/** Its candles may be what is missing: no answer is shown before this node has run it. */
function Unknown(): VNode {
  const w = strategyWords.value;
  const missing = new Map(jobs.value.filter((job) => !job.datasetHere).map((job) => [job.datasetHash, job.market]));
  return (
    <div class="grid">
      <Panel id="board" title={shortHash(place.value.id ?? '')}>
        <Empty art="funnel" title={w.unknown} text={w.unknownText}>
          <a class="button" href="/results">
            {w.back}
          </a>
        </Empty>
      </Panel>
      {[...missing].slice(0, MISSING_MAX).map(([hash, market]) => (
        <CandlesMissing key={hash} hash={hash} market={market} />
      ))}
    </div>
  );
}

export function StrategyPage(): VNode {
  const { id } = place.value;
  const result = useFetched<ResultView>(`results/${id}`, `${status.value?.ledger.root} ${counts.value?.results}`);
  if (result.problem?.code === 'unknown_result') return <Unknown />;
  if (result.value === undefined) {
    return (
      <Panel id="board" title={shortHash(id ?? '')}>
        <Await of={result} lines={8}>
          {() => null}
        </Await>
      </Panel>
    );
  }
  return <Whole key={result.value.id} result={result.value} />;
}
