// How a file of candles would be taken: what was read in it, and everything about it that is not as it should be.
import type { VNode } from 'preact';
import type { Listed, PreviewView } from '../../api-data.ts';
import { barSize, count, day, marketTime, plain } from '../format.ts';
import { Facts, Notice, TableBox, TableHead } from '../parts.tsx';
import { settingsWords } from './words.ts';

function many<T>({ count: all, first }: Listed<T>, text: (item: T) => string): string {
  const more = all - first.length;
  return [...first.map(text), ...(more > 0 ? [settingsWords.value.previewMore(count(more))] : [])].join('; ');
}

/** Only what there is to say. */
function findings(view: PreviewView): [string, string][] {
  const w = settingsWords.value;
  const { conflicts, duplicates, rounded, zeroVolume, badTicks, gaps, columns } = view;
  const missing = gaps.reduce((sum, gap) => sum + gap.missing, 0);
  const all: [string, number, string][] = [
    [w.gaps, gaps.length, w.gapsMissing(count(gaps.length), count(missing))],
    [w.conflicts, conflicts.count, `${count(conflicts.count)}: ${many(conflicts, ({ time }) => marketTime(time))}`],
    [w.duplicates, duplicates + rounded, count(duplicates + rounded)],
    [
      w.badTicks,
      badTicks.count,
      many(badTicks, (tick) => w.previewFault(count(tick.line), tick.column, plain(tick.value))),
    ],
    [w.zeroVolume, zeroVolume.count, count(zeroVolume.count)],
  ];
  return [
    [w.columnsRead, columns.map(({ role, column, name }) => `${role} = ${name ?? count(column)}`).join(', ')],
    ...all.filter(([, n]) => n > 0).map(([name, , text]): [string, string] => [name, text]),
  ];
}

export function Preview({ of: view }: { of: PreviewView }): VNode {
  const w = settingsWords.value;
  const { symbol, quote, format, rows, bars, barMs, from, to, acceptable, faults, sampleBars } = view;
  return (
    <div class="preview">
      <p>
        <strong>
          {symbol} ({quote})
        </strong>{' '}
        {w.previewBars(count(bars), barSize(barMs), day(from), day(to))}
        <span class="sub">{w.previewTitle(format, count(rows))}</span>
      </p>
      <Notice tone={acceptable ? 'good' : 'caution'} icon={acceptable ? 'check' : 'warning'}>
        {acceptable ? w.previewFine : w.previewRepair}
        {faults.count === 0 ? null : (
          <ul lang="en">
            {faults.first.map((fault) => (
              <li key={`${fault.line} ${fault.column}`}>
                {w.previewFault(count(fault.line), fault.column, `${fault.message}: ${fault.remedy}`)}
              </li>
            ))}
            {faults.count > faults.first.length ? (
              <li>{w.previewMore(count(faults.count - faults.first.length))}</li>
            ) : null}
          </ul>
        )}
      </Notice>
      <Facts rows={findings(view)} />
      <TableBox label={w.firstBars}>
        <table>
          <TableHead
            columns={[
              [w.time, ''],
              [w.open, 'number'],
              [w.high, 'number low'],
              [w.low, 'number low'],
              [w.close, 'number'],
              [w.volume, 'number low'],
            ]}
          />
          <tbody>
            {sampleBars.map((bar) => (
              <tr key={bar.time}>
                <td>{marketTime(bar.time)}</td>
                <td class="number">{plain(bar.open)}</td>
                <td class="number low">{plain(bar.high)}</td>
                <td class="number low">{plain(bar.low)}</td>
                <td class="number">{plain(bar.close)}</td>
                <td class="number low">{plain(bar.volume)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableBox>
    </div>
  );
}
