// What each fold of the walk-forward earned, in sample and out of sample, as bars and as figures.
import type { VNode } from 'preact';
import type { StrategyRun } from '../../api-strategy.ts';
import { count, day, gain } from '../format.ts';
import { Panel, TableBox, TableHead } from '../parts.tsx';
import { type FoldReturns, foldsOf, isAnchored } from './equity-frame.ts';
import { judgedWords } from './judged-words.ts';

const WIDTH = 120;
const HEIGHT = 20;
const BAR = 7;

const dayOf = (time: number): string => day(new Date(time).toISOString());

/** Both returns as bars from a common middle; the figures beside them say the same. */
function Bars({ fold, most }: { fold: FoldReturns; most: number }): VNode {
  const middle = WIDTH / 2;
  const bar = (value: number, y: number, tone: string): VNode => {
    const long = (Math.abs(value) / most) * middle;
    return <rect class={tone} x={value < 0 ? middle - long : middle} y={y} width={Math.max(0.5, long)} height={BAR} />;
  };
  return (
    <svg class="fold-bars" width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      <line x1={middle} x2={middle} y1="0" y2={HEIGHT} />
      {fold.inSample === null ? null : bar(fold.inSample, 2, 'seen')}
      {fold.unseen === null ? null : bar(fold.unseen.return, 11, 'unseen')}
    </svg>
  );
}

export function Folds({ run }: { run: StrategyRun }): VNode {
  const w = judgedWords.value;
  const folds = foldsOf(run);
  const anchored = isAnchored(run);
  const parts = folds.flatMap(({ unseen }) => unseen ?? []);
  const gaining = parts.filter((part) => part.return > 0).length;
  const most = Math.max(
    1e-9,
    ...folds.flatMap(({ inSample, unseen }) => [inSample ?? 0, unseen?.return ?? 0].map(Math.abs)),
  );
  const columns: [string, string][] = [
    [w.fold, ''],
    [w.foldSpan, 'low'],
    [w.foldIn, 'number accent'],
    [w.foldOut, 'number cyan'],
    [w.foldBars, 'low'],
  ];
  return (
    <Panel
      id="folds"
      title={w.folds}
      note={anchored ? w.foldsAnchored : w.foldsNote(count(gaining), count(parts.length))}
      flush
    >
      <TableBox label={w.folds}>
        <table>
          <TableHead columns={columns} />
          <tbody>
            {folds.map((fold, i) => (
              <tr key={i}>
                <th scope="row">{count(i + 1)}</th>
                <td class="low dim">
                  {fold.unseen === null ? '—' : `${dayOf(fold.unseen.from)} – ${dayOf(fold.unseen.to)}`}
                </td>
                <td class="number">{gain(fold.inSample)}</td>
                <td class={`number strong ${(fold.unseen?.return ?? 0) < 0 ? 'red' : 'cyan'}`}>
                  {gain(fold.unseen?.return)}
                </td>
                <td class="low">
                  <Bars fold={fold} most={most} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableBox>
    </Panel>
  );
}
