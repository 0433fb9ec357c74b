// What an import found, in lines for a person.
import type { FileReport, Found } from '../../engine/import/report.ts';
import type { JoinedFiles } from '../candle-file.ts';

const LINES_SHOWN = 5;
const iso = (ms: number): string => new Date(ms).toISOString();

function listed<T>(found: Found<T>, title: string, words: (item: T) => string): string[] {
  if (found.count === 0) return [];
  const shown = found.first.slice(0, LINES_SHOWN).map((item) => `    ${words(item)}`);
  const more = found.count - shown.length;
  return [`  ${title}`, ...shown, ...(more > 0 ? [`    … and ${more} more`] : [])];
}

function columnsLine({ columns }: FileReport): string {
  const names = columns.map(({ role, column, name }) => `${role} = ${column}${name === null ? '' : ` (${name})`}`);
  return `  columns: ${names.join(', ')}`;
}

/** How the file was read, and everything odd about it. `repaired`: what cannot be was mended, else it is refused. */
export function reportLines(report: FileReport, repaired: boolean): string[] {
  const { faults, conflicts, badTicks, zeroVolume, datesApart, duplicates, rounded, gaps } = report;
  const missing = gaps.reduce((sum, gap) => sum + gap.missing, 0);
  const noVolume = report.columns.every(({ role }) => role !== 'volume');
  return [
    `  ${report.format}, ${report.rows} rows, ${report.order}, times in ${report.timeUnits.join(' and ')}`,
    columnsLine(report),
    ...(noVolume ? ['  there is no volume: it is 0 in every bar'] : []),
    ...(duplicates > 0 ? [`  ${duplicates} rows repeat others exactly and were dropped`] : []),
    ...(rounded > 0 ? [`  ${rounded} rows repeat others with fewer digits and were dropped`] : []),
    ...listed(
      conflicts,
      `${conflicts.count} times have rows that differ; the greater volume was kept:`,
      (conflict) => `${iso(conflict.time)}: line ${conflict.kept} kept, line ${conflict.dropped} dropped`,
    ),
    ...listed(
      datesApart,
      `in ${datesApart.count} rows the two columns of time differ; the first of them counts:`,
      (line) => `line ${line}`,
    ),
    ...listed({ count: gaps.length, first: [...gaps] }, `${missing} bars are missing in ${gaps.length} gaps:`, (gap) =>
      gap.missing === 1 ? iso(gap.from) : `${gap.missing} bars, ${iso(gap.from)} to ${iso(gap.to)}`,
    ),
    ...listed(
      badTicks,
      `${badTicks.count} prices lie far from the closes around them; nothing was changed:`,
      (tick) => `line ${tick.line}, ${iso(tick.time)}: ${tick.column} ${tick.value}`,
    ),
    ...(noVolume ? [] : listed(zeroVolume, `${zeroVolume.count} bars have no volume:`, (line) => `line ${line}`)),
    ...listed(
      faults,
      `${faults.count} things cannot be; ${repaired ? 'repaired' : 'without --repair the file is refused'}:`,
      (fault) =>
        `line ${fault.line}, ${fault.column}: ${fault.message}, ${fault.remedy}${fault.from === undefined ? '' : ` from ${fault.from} to ${fault.to}`}`,
    ),
  ];
}

/** Of several files each by its name, and where they meet. */
export function joinedLines({ files, duplicates, conflicts }: Omit<JoinedFiles, 'candles'>): string[] {
  return [
    ...files.flatMap(({ path, report }) => [`  ${path}`, ...reportLines(report, true).map((line) => `  ${line}`)]),
    ...(duplicates > 0 ? [`  ${duplicates} bars of one file repeat those of another exactly`] : []),
    ...listed(
      conflicts,
      `${conflicts.count} bars differ between files; the greater volume was kept:`,
      ({ time, kept, dropped }) => `${iso(time)}: of ${kept}, not of ${dropped}`,
    ),
  ];
}
