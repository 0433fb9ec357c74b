// What a job asks for and what was spent on it.
import type { VNode } from 'preact';
import type { JobDetail } from '../../api-work.ts';
import { barSize, count, day, plain, share, short, shortHash, span, stamp } from '../format.ts';
import { Facts, Panel } from '../parts.tsx';
import { datasets } from '../store.ts';
import { workWords } from './words.ts';

const RATE_PLACES = 3;

const rate = (value: number): string => share(value, RATE_PLACES);

function termsOf({ job, terms }: JobDetail): [string, string][] {
  const w = workWords.value;
  if (terms === null) return [];
  const quote = datasets.value.find(({ hash }) => hash === job.datasetHash)?.quote ?? '';
  return [
    [w.folds, `${count(terms.folds)} · ${terms.anchored ? w.anchored : w.rolling}`],
    [w.embargo, w.embargoMost(count(terms.embargo))],
    [w.holdout, share(terms.holdout, 0)],
    [w.capital, `${plain(terms.equity)} ${quote}`],
    [w.minTrades, count(terms.minTrades)],
    [w.shorts, terms.allowShort ? w.bothSides : w.longOnly],
    ...(terms.spread > 0 ? ([[w.spread, rate(terms.spread)]] as [string, string][]) : []),
  ];
}

export function Details({ detail }: { detail: JobDetail }): VNode {
  const w = workWords.value;
  const { job, candles, spent } = detail;
  return (
    <Panel id="details" title={w.detailsTitle}>
      <div class="live-numbers">
        <Facts
          rows={[
            [w.created, `${job.createdBy.name} · ${stamp(job.createdAt)}`],
            [w.candles, candles === null ? w.notHere : `${count(candles.bars)} · ${barSize(job.barMs)}`],
            [w.range, candles === null ? '—' : `${day(candles.from)} → ${day(candles.to)}`],
            [w.dataHash, <code key="hash">{shortHash(job.datasetHash)}</code>],
            ...termsOf(detail),
            [w.costs, `${rate(job.fee)} + ${rate(job.slippage)}`],
            [w.seed, <code key="seed">{job.seed}</code>],
            [
              w.tried,
              <span key="tried" title={w.triedHint}>
                {count(job.trials)}
              </span>,
            ],
            [w.run, spent.answers === 0 ? '—' : short(spent.backtests)],
            [w.spent, spent.answers === 0 ? '—' : span(spent.ms)],
            [w.jobId, <code key="id">{shortHash(job.id)}</code>],
          ]}
        />
      </div>
      <p class="panel-link">
        <a class="link" href={`/results?job=${job.id}`}>
          {w.resultsLink(count(detail.results))}
        </a>
      </p>
    </Panel>
  );
}
