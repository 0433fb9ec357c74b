// Numbers and tables for people: true minus, sign and unit always, “—” for what is not known.

const MINUS = '−';
const UNKNOWN = '—';

export function percent(ratio: number | null, digits = 2): string {
  return ratio === null ? UNKNOWN : `${signed(ratio * 100, digits)} %`;
}

function signed(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(digits);
  return `${value < 0 && Number(text) !== 0 ? MINUS : '+'}${text}`;
}

/** A share of a whole, which has no sign. */
export function share(ratio: number | null, digits = 0): string {
  return ratio === null ? UNKNOWN : `${(ratio * 100).toFixed(digits)} %`;
}

export function decimal(value: number | null, digits = 2): string {
  return value === null ? UNKNOWN : value.toFixed(digits).replace('-', MINUS);
}

export function orUnknown(value: string | number | null | undefined): string {
  return value === null || value === undefined || value === '' ? UNKNOWN : String(value);
}

export function duration(ms: number | null): string {
  if (ms === null) return UNKNOWN;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Decimal units. */
export function bytes(count: number): string {
  if (count >= 1e9) return `${(count / 1e9).toFixed(1)} GB`;
  if (count >= 1e6) return `${(count / 1e6).toFixed(1)} MB`;
  return count >= 1e3 ? `${Math.round(count / 1e3)} kB` : `${count} B`;
}

export function rate(perSecond: number | null): string {
  return perSecond === null
    ? UNKNOWN
    : `${perSecond >= 100 ? Math.round(perSecond) : perSecond.toFixed(1)} backtests/s`;
}

export function barLabel(barMs: number): string {
  if (barMs % 86_400_000 === 0) return `${barMs / 86_400_000} d`;
  if (barMs % 3_600_000 === 0) return `${barMs / 3_600_000} h`;
  return barMs % 60_000 === 0 ? `${barMs / 60_000} min` : `${barMs / 1000} s`;
}

const BAR_CELLS = 30;

/** `██████░░░░ 60 %`, the share from 0 to 1. */
export function progressBar(share: number): string {
  const done = Math.round(share * BAR_CELLS);
  return `${'█'.repeat(done)}${'░'.repeat(BAR_CELLS - done)} ${Math.floor(share * 100)} %`;
}

/** Columns as wide as their widest cell, two spaces apart. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd();
  return [line(head), ...rows.map(line)];
}
