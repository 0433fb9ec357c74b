// What is exported: a strategy, the candles and costs that its figures rest on, and what is known of how it was found.
import type { Candles } from '../candles.ts';
import type { Metrics } from '../metrics.ts';
import type { Account } from '../simulate.ts';
import type { Strategy } from '../strategy.ts';
import { strategyHash } from '../strategy-hash.ts';
import type { Trade } from '../trade-log.ts';

export const EXPORT_FORMATS = ['json', 'csv', 'pine', 'backtesting', 'freqtrade', 'words'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** Where a mesh found it. */
export interface Finding {
  job: string;
  unit: string;
  state: string;
  votes: number;
  replicas: number;
  /** Strategies tried in the unit, and in all validated units of the job. */
  trialsUnit: number;
  trialsJob: number;
}

export interface ExportSubject {
  strategy: Strategy;
  candles: Pick<Candles, 'meta' | 'hash' | 'length' | 'time'>;
  account: Account;
  /** Over all bars of the candles, those that a search has seen included. */
  metrics: Metrics;
  trades: readonly Trade[];
  /** Program and engine that the figures are of. */
  version: string;
  fingerprint: string;
  finding?: Finding;
}

const two = (value: number): string => String(value).padStart(2, '0');

/** `2025-07-01T00:05:00Z`, by counting the days of the Gregorian calendar (Hinnant, chrono-compatible date algorithms). */
export function isoTime(ms: number): string {
  const days = Math.floor(ms / 86_400_000);
  const seconds = Math.floor((ms - days * 86_400_000) / 1000);
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const leaps = Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leaps) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map(two).join(':');
  return `${year}-${two(month)}-${two(day)}T${clock}Z`;
}

/** Text for one line of a comment: no line breaks or other control characters. */
export const oneLine = (text: string): string => text.replace(/\p{Cc}|[\u2028\u2029]/gu, ' ');

/** Slippage and half the spread: what a price loses on each side whatever the size of the order. */
export const lossOf = ({ costs }: Account): number => costs.slippage + costs.spread / 2;

function costsLine({ costs, equity }: Account, quote: string): string {
  const { fee, makerFee, slippage, spread, impact, perpetual } = costs;
  const parts = [`fee ${fee} a side`, `slippage ${slippage} a side`, `spread ${spread}`];
  if (makerFee !== undefined) parts.push(`fee of targets ${makerFee}`);
  if (impact !== undefined) parts.push(`impact ${impact} a million`);
  if (perpetual !== undefined) {
    const { leverage, fundingRate, fundingHours, maintenance, liquidationFee } = perpetual;
    parts.push(
      `perpetual future: leverage ${leverage}, funding ${fundingRate} every ${fundingHours} h, maintenance ${maintenance}, liquidation fee ${liquidationFee}`,
    );
  }
  return `Costs: ${parts.join(', ')}; initial equity ${equity} ${quote}`;
}

/** Where it all comes from, a line each, fit for a comment. */
export function provenanceLines(subject: ExportSubject): string[] {
  const { strategy, candles, account, metrics, version, fingerprint, finding } = subject;
  const { symbol, quote, source, sample, barMs } = candles.meta;
  const span = `${isoTime(candles.time[0]!)} to ${isoTime(candles.time[candles.length - 1]!)}`;
  const lines = [
    `Strategy ${strategyHash(strategy)}${strategy.name === undefined ? '' : `, "${strategy.name}"`}`,
    `Candles ${candles.hash}: ${sample ? 'SAMPLE (synthetic), ' : ''}${symbol} in ${quote} from ${source}, ${candles.length} bars of ${barMs / 1000} s, ${span}`,
    costsLine(account, quote),
    `There, over all bars (those that a search has seen included): ${metrics.trades} trades, net profit ${metrics.netProfit} ${quote}`,
  ];
  if (finding !== undefined) {
    const { job, unit, state, votes, replicas, trialsUnit, trialsJob } = finding;
    lines.push(`Found by job ${job}, unit ${unit}: ${state}, ${votes} of ${replicas} replicas`);
    lines.push(`Tried: ${trialsUnit} strategies in that unit, ${trialsJob} in all validated units of the job`);
  }
  lines.push(
    `Made by stratmesh ${version}, engine ${fingerprint.slice(0, 16)}. Past results say nothing certain of what is to come.`,
  );
  return lines.map(oneLine);
}
