// The figures of each segment, every trade, and where the strategy comes from.
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { ResultView, SegmentMetrics } from '../../api.ts';
import type { SegmentDetail, SegmentName, StrategyRun, TradeView } from '../../api-strategy.ts';
import { pathOf } from '../../places.ts';
import { csvOf } from '../csv.ts';
import { count, decimal, drop, gain, marketTime, money, plain, share, shortHash, span, stamp } from '../format.ts';
import { Icon } from '../icons.tsx';
import { FEW_TRADES } from '../overview/best.tsx';
import { Button, Facts, Notice, Panel, TableBox, TableHead } from '../parts.tsx';
import { saveFile } from '../save-file.ts';
import { jobs } from '../store.ts';
import { words } from '../words/words.ts';
import { chooseTrade, chosenTrade } from './candles.tsx';
import { strategyWords } from './words.ts';

const SEGMENTS: readonly SegmentName[] = ['inSample', 'outOfSample', 'holdout'];
const TRADES_SHOWN = 12;

interface Line {
  name: string;
  hint?: string;
  text: (metrics: SegmentMetrics, detail: SegmentDetail) => string;
  tone?: (metrics: SegmentMetrics) => string;
}

const byProfit = (metrics: SegmentMetrics): string => (metrics.netProfit > 0 ? 'accent' : 'red');

function lines(withFunding: boolean): Line[] {
  const w = strategyWords.value;
  const { sharpe, maxDrawdown, profitFactor, winRate, trades } = words.value;
  const all: Line[] = [
    { name: w.totalReturn, text: (m) => gain(m.return), tone: byProfit },
    { name: w.net, text: (m) => money(m.netProfit), tone: byProfit },
    { name: w.perYear, hint: w.perYearHint, text: (_, d) => gain(d.perYear), tone: byProfit },
    { name: w.perDay, hint: w.perYearHint, text: (_, d) => gain(d.perDay, 3), tone: byProfit },
    { name: sharpe, text: (m) => decimal(m.sharpe) },
    { name: w.sortino, hint: w.sortinoHint, text: (_, d) => decimal(d.sortino) },
    { name: maxDrawdown, text: (m) => drop(m.maxDrawdown) },
    { name: profitFactor, text: (m) => decimal(m.profitFactor) },
    { name: winRate, text: (m) => share(m.winRate) },
    { name: trades, text: (m) => count(m.trades), tone: (m) => (m.trades < FEW_TRADES ? 'amber' : '') },
    { name: w.averageTrade, text: (_, d) => money(d.averageTrade) },
    { name: w.averageHold, text: (_, d) => span(d.holdMs) },
    { name: w.exposure, text: (_, d) => share(d.exposure) },
    { name: w.fees, text: (_, d) => money(d.feesPaid).replace('+', '') },
    { name: w.hold, text: (_, d) => gain(d.buyAndHold) },
  ];
  return withFunding ? [...all, { name: w.funding, text: (_, d) => money(d.fundingPaid) }] : all;
}

export function Metrics({ result, run }: { result: ResultView; run: StrategyRun }): VNode {
  const w = strategyWords.value;
  return (
    <Panel id="metrics" title={w.metrics} note={w.afterFees} flush>
      <TableBox label={w.metrics}>
        <table>
          <thead>
            <tr>
              <th scope="col">
                <span class="visually-hidden">{w.figure}</span>
              </th>
              <th scope="col" class="number accent">
                {w.inShort}
              </th>
              <th scope="col" class="number cyan">
                {w.outShort}
              </th>
              <th scope="col" class="number violet">
                {w.holdoutShort}
              </th>
            </tr>
          </thead>
          <tbody>
            {lines(result.leverage !== null).map(({ name, hint, text, tone }) => (
              <tr key={name}>
                <th scope="row" title={hint}>
                  {name}
                </th>
                {SEGMENTS.map((segment) => (
                  <td key={segment} class={`number ${tone?.(result[segment]) ?? ''}`}>
                    {text(result[segment], run.segments[segment])}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </TableBox>
    </Panel>
  );
}

function reasonWord(reason: TradeView['reason']): string {
  const w = strategyWords.value;
  return {
    signal: w.reasonSignal,
    stop: w.reasonStop,
    target: w.reasonTarget,
    trailing: w.reasonTrailing,
    break_even: w.reasonBreakEven,
    time: w.reasonTime,
    end: w.reasonEnd,
    liquidation: w.reasonLiquidation,
  }[reason];
}

function TradeRow({ trade, place, total }: { trade: TradeView; place: number; total: number }): VNode {
  const w = strategyWords.value;
  const segments = { inSample: w.inShort, outOfSample: w.outShort, holdout: w.holdoutShort };
  const tones = { inSample: 'accent', outOfSample: 'cyan', holdout: 'violet' };
  const number = count(total - place);
  return (
    <tr class={chosenTrade(total) === place ? 'selected' : ''}>
      <th scope="row">
        <button type="button" class="link" aria-label={w.showTrade(number)} onClick={() => chooseTrade(place, total)}>
          {number}
        </button>
      </th>
      <td class={`low ${tones[trade.segment]}`}>{segments[trade.segment]}</td>
      <td>{marketTime(trade.entryAt)}</td>
      <td class="number low">{plain(Number(trade.entryPrice.toPrecision(8)))}</td>
      <td class="low">{marketTime(trade.exitAt)}</td>
      <td class="number low">{plain(Number(trade.exitPrice.toPrecision(8)))}</td>
      <td class={`number strong ${trade.pnl > 0 ? 'accent' : 'red'}`}>{gain(trade.return, 2)}</td>
      <td class="number low">{money(trade.pnl)}</td>
      <td class="number lower">{span(Date.parse(trade.exitAt) - Date.parse(trade.entryAt))}</td>
      <td>
        <span class={`badge ${trade.reason === 'stop' || trade.reason === 'liquidation' ? 'bad' : 'info'}`}>
          {reasonWord(trade.reason)}
        </span>
      </td>
    </tr>
  );
}

function TradesHead(): VNode {
  const w = strategyWords.value;
  const columns: [string, string][] = [
    ['#', ''],
    [w.segment, 'low'],
    [w.entryWord, ''],
    [w.price, 'number low'],
    [w.exitWord, 'low'],
    [`${w.exitWord}: ${w.price}`, 'number low'],
    [w.result, 'number'],
    [w.net, 'number low'],
    [w.heldFor, 'number lower'],
    [w.why, ''],
  ];
  return <TableHead columns={columns} />;
}

const COLUMNS = [
  ...['segment', 'side', 'entryAt', 'entryPrice', 'exitAt', 'exitPrice'],
  ...['units', 'return', 'pnl', 'fees', 'reason'],
] as readonly (keyof TradeView)[];

function saveTrades({ codeName, id }: ResultView, { trades }: StrategyRun): void {
  const rows = trades.items.map((trade) => COLUMNS.map((key) => trade[key]));
  saveFile(`${codeName}-${shortHash(id)}-trades.csv`, 'text/csv', csvOf([[...COLUMNS], ...rows]));
}

export function Trades({ result, run }: { result: ResultView; run: StrategyRun }): VNode {
  const w = strategyWords.value;
  const [all, setAll] = useState(false);
  const { items, total } = run.trades;
  const rows = all ? items : items.slice(0, TRADES_SHOWN);
  const side = (
    <Button label={w.saveTrades} onClick={() => saveTrades(result, run)}>
      <Icon name="download" /> CSV
    </Button>
  );
  return (
    <Panel id="trades" title={w.trades} note={w.tradesNote(count(rows.length), count(total))} side={side} flush>
      <TableBox label={w.trades}>
        <table>
          <TradesHead />
          <tbody>
            {rows.map((trade, i) => (
              <TradeRow key={`${trade.segment}${trade.entryAt}`} trade={trade} place={i} total={total} />
            ))}
          </tbody>
        </table>
      </TableBox>
      {rows.length < items.length ? (
        <p class="table-foot">
          <button type="button" class="link" onClick={() => setAll(true)}>
            {w.more}
          </button>
        </p>
      ) : null}
    </Panel>
  );
}

export function Origin({ result }: { result: ResultView }): VNode {
  const w = strategyWords.value;
  const job = jobs.value.find(({ id }) => id === result.jobId);
  const assurance = {
    quorum: w.quorum(count(result.votes)),
    reevaluated: w.reevaluated,
    fuzzy: w.fuzzy,
    claimed: w.claimed,
  }[result.assurance];
  return (
    <Panel id="origin" title={w.origin}>
      <Facts
        rows={[
          [
            w.job,
            <a key="job" class="link" href={pathOf('work', result.jobId)}>
              {job?.name ?? shortHash(result.jobId)}
            </a>,
          ],
          [
            w.foundBy,
            <a key="peer" class="link" href={pathOf('peers', result.foundBy.peerId)}>
              {result.foundBy.name}
            </a>,
          ],
          [w.foundAt, stamp(result.foundAt)],
          [w.hash, <code key="hash">{shortHash(result.id)}</code>],
          [w.dataHash, <code key="data">{shortHash(result.datasetHash)}</code>],
          [w.triedUnit, count(result.trialsUnit)],
          [w.triedJob, count(result.trialsJob)],
          [w.assurance, assurance],
        ]}
      />
      <div class="origin-note">
        <Notice tone="info" icon="info">
          {w.past}
        </Notice>
      </div>
    </Panel>
  );
}
