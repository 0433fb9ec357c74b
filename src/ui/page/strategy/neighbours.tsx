// A strategy beside those that differ from it in one number: a row a number, a cell a step. A table already, so it is its own text.
import type { VNode } from 'preact';
import type { ResultView } from '../../api.ts';
import type { NeighboursView } from '../../api-strategy.ts';
import { Await, useFetched } from '../fetched.tsx';
import { count, gain, plain } from '../format.ts';
import { Notice, Panel, TableBox, TableHead } from '../parts.tsx';
import { holdsCandles } from './candles-missing.tsx';
import { robustWords } from './robust-words.ts';
import { placeText } from './rule-text.ts';

/** Shades of gains. */
const SHADES = 3;
const DIGITS = 4;

const NAMED = [
  ...(['period', 'deviations', 'fast', 'slow', 'signal', 'smooth', 'value', 'times', 'barsAgo'] as const),
  ...(['percent', 'atr'] as const),
];

/** What it is within its part of the rules; nothing where it is all of that. A key without a word is shown as it is. */
function nameOf(path: readonly string[]): string {
  if (path.length === 1) return '';
  const key = path.at(-1)!;
  const named = NAMED.find((each) => each === key);
  return named === undefined ? key : robustWords.value[named];
}

type Cell = { value: number; return: number } | null;

/** A loss is red and has its sign; the larger a gain, the stronger its green. */
const shadeOf = (gained: number, most: number): string =>
  gained > 0 ? `heat-${Math.min(SHADES, Math.max(1, Math.ceil((SHADES * gained) / most)))}` : 'heat-loss';

function HeatCell({ cell, most, own }: { cell: Cell; most: number; own: boolean }): VNode {
  if (cell === null) return <td class="heat dim">—</td>;
  return (
    <td class={`heat ${shadeOf(cell.return, most)}${own ? ' heat-own' : ''}`}>
      <strong>{gain(cell.return)}</strong>
      <span>{plain(Number(cell.value.toPrecision(DIGITS)))}</span>
    </td>
  );
}

function Heat({ view, strategy }: { view: NeighboursView; strategy: unknown }): VNode {
  const w = robustWords.value;
  const { own, factors, settings } = view;
  const cells = settings.flatMap(({ neighbours }) => neighbours.filter((each) => each !== null));
  const most = Math.max(1e-9, own.return, ...cells.map((each) => each.return));
  // The strategy itself stands where a factor of 1 would.
  const middle = factors.filter((factor) => factor < 1).length;
  const around = <T,>(items: readonly T[], centre: T): T[] => [
    ...items.slice(0, middle),
    centre,
    ...items.slice(middle),
  ];
  const heads = factors.map((factor): [string, string] => [gain(factor - 1, 0), 'heat-head']);
  const gaining = cells.filter((each) => each.return > 0).length;
  return (
    <>
      <TableBox label={w.neighbours}>
        <table class="heat-table">
          <TableHead columns={[[w.number, ''], ...around<[string, string]>(heads, [w.asFound, 'heat-head'])]} />
          <tbody>
            {settings.map(({ path, value, neighbours }) => (
              <tr key={path.join('.')}>
                <th scope="row">
                  {placeText(strategy, path)} <span class="dim">{nameOf(path)}</span>
                </th>
                {around<Cell>(neighbours, { value, return: own.return }).map((cell, i) => (
                  <HeatCell key={i} cell={cell} most={most} own={i === middle} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </TableBox>
      <p class="table-foot dim">{w.neighboursSay(count(gaining), count(cells.length))}</p>
    </>
  );
}

export function Neighbours({ result }: { result: ResultView }): VNode {
  const w = robustWords.value;
  // Where candles are missing they are asked for again when those have come.
  const answer = useFetched<NeighboursView>(`results/${result.id}/neighbours`, holdsCandles(result.datasetHash));
  return (
    <Panel id="neighbours" title={w.neighbours} note={w.neighboursNote} flush>
      <Await of={answer} lines={6}>
        {(view) =>
          view.settings.length === 0 ? (
            <div class="panel-pad">
              <Notice tone="info" icon="info">
                {w.noNeighbours}
              </Notice>
            </div>
          ) : (
            <Heat view={view} strategy={result.strategy} />
          )
        }
      </Await>
    </Panel>
  );
}
