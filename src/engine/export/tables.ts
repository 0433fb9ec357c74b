// Exports for programs and spreadsheets: everything as JSON, trades as CSV.
import { describeStrategy } from '../describe-strategy.ts';
import { strategyHash } from '../strategy-hash.ts';
import { type ExportSubject, isoTime, provenanceLines } from './subject.ts';

/** Everything, as one JSON document. */
export function exportJson(subject: ExportSubject): string {
  const { strategy, candles, account, metrics, trades, version, fingerprint, finding } = subject;
  const { meta, hash, length: bars, time } = candles;
  const span = { from: isoTime(time[0]!), to: isoTime(time[bars - 1]!) };
  const document = {
    format: 'stratmesh-strategy/1',
    hash: strategyHash(strategy),
    strategy,
    sentence: { en: describeStrategy(strategy), es: describeStrategy(strategy, 'es') },
    provenance: {
      candles: { hash, ...meta, bars, ...span },
      costs: account.costs,
      equity: account.equity,
      program: version,
      engine: fingerprint,
      ...(finding === undefined ? {} : { finding }),
    },
    metrics,
    trades: trades.map((trade) => ({
      ...trade,
      side: strategy.side,
      entryTime: isoTime(time[trade.entryBar]!),
      exitTime: isoTime(time[trade.exitBar]!),
    })),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/**
 * A cell of text, quoted. None of ours begins like a formula (OWASP, CSV injection): what other people wrote stands only in
 * the provenance, whose lines begin with `#` and are one cell each.
 */
const textCell = (text: string): string => `"${text.replaceAll('"', '""')}"`;

const COLUMNS = [
  'side',
  'entry_time',
  'entry_price',
  'exit_time',
  'exit_price',
  'units',
  'pnl',
  'fees',
  'funding',
  'reason',
  'entry_bar',
  'exit_bar',
];

/** Trades, one a row, below the provenance, each line of which is one cell. Numbers are numbers. */
export function exportCsv(subject: ExportSubject): string {
  const { strategy, candles, trades } = subject;
  const head = [describeStrategy(strategy), ...provenanceLines(subject)].map((line) => textCell(`# ${line}`));
  const rows = trades.map((trade) =>
    [
      textCell(strategy.side),
      textCell(isoTime(candles.time[trade.entryBar]!)),
      trade.entryPrice,
      textCell(isoTime(candles.time[trade.exitBar]!)),
      trade.exitPrice,
      trade.units,
      trade.pnl,
      trade.fees,
      trade.funding,
      textCell(trade.reason),
      trade.entryBar,
      trade.exitBar,
    ].join(','),
  );
  return `${[...head, COLUMNS.join(','), ...rows].join('\r\n')}\r\n`;
}
