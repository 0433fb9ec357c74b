// Two to four strategies over one another: their equity from 100, and their figures with the best of each marked.
import type { VNode } from 'preact';
import type { ResultView } from '../../api.ts';
import { pathOf } from '../../places.ts';
import { Await, read, useFetched } from '../fetched.tsx';
import { count, decimal, drop, gain, share } from '../format.ts';
import { Icon } from '../icons.tsx';
import { Button, Market, Panel, TableBox } from '../parts.tsx';
import { setQuery } from '../router.ts';
import { roundTicks } from '../ticks.ts';
import { useSize } from '../use-size.ts';
import { words } from '../words/words.ts';
import { chosenIds } from './chosen.ts';
import { resultsWords } from './words.ts';

const HEIGHT = 220;
const LEFT = 44;
const START = 100;

function Curves({ results }: { results: readonly ResultView[] }): VNode {
  const [box, { width }] = useSize();
  const values = results.flatMap(({ equity }) => equity.map((each) => each * START));
  const [low, high] = [Math.min(START, ...values), Math.max(START, ...values)];
  const y = (value: number): number => HEIGHT - 10 - ((HEIGHT - 20) * (value - low)) / (high - low || 1);
  const line = ({ equity }: ResultView): string =>
    equity
      .map((value, i) => {
        const x = LEFT + ((width - LEFT - 6) * i) / Math.max(1, equity.length - 1);
        return `${i === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y(value * START).toFixed(1)}`;
      })
      .join('');
  return (
    <div class="compare-box" ref={box} data-chart="compare">
      <svg
        width={Math.max(width, 1)}
        height={HEIGHT}
        role="img"
        aria-label={results
          .map(({ codeName, equity }) => `${codeName}: ${decimal((equity.at(-1) ?? 1) * START, 1)}`)
          .join(', ')}
      >
        <g class="grid-lines">
          {roundTicks(low, high, 4).map((tick) => (
            <g key={tick}>
              <line class={tick === START ? 'zero' : ''} x1={LEFT} x2={width - 6} y1={y(tick)} y2={y(tick)} />
              <text x={LEFT - 6} y={y(tick) + 4} text-anchor="end">
                {decimal(tick, Number.isInteger(tick) ? 0 : 1)}
              </text>
            </g>
          ))}
        </g>
        {results.map((result, i) => (
          <path key={result.id} class={`curve-line c${i}`} d={line(result)} />
        ))}
      </svg>
    </div>
  );
}

interface Figure {
  name: string;
  of: (result: ResultView) => number | null;
  text: (value: number | null) => string;
  /** A drawdown is the better the smaller it is. */
  lowIsBest?: boolean;
}

function figures(): Figure[] {
  const w = words.value;
  return [
    { name: w.outOfSample, of: (r) => r.outOfSample.return, text: (v) => gain(v) },
    { name: w.inSample, of: (r) => r.inSample.return, text: (v) => gain(v) },
    { name: w.holdout, of: (r) => r.holdout.return, text: (v) => gain(v) },
    { name: w.sharpe, of: (r) => r.outOfSample.sharpe, text: (v) => decimal(v) },
    { name: w.maxDrawdown, of: (r) => r.outOfSample.maxDrawdown, text: drop, lowIsBest: true },
    { name: w.profitFactor, of: (r) => r.outOfSample.profitFactor, text: (v) => decimal(v) },
    { name: w.winRate, of: (r) => r.outOfSample.winRate, text: (v) => share(v) },
    { name: w.trades, of: (r) => r.outOfSample.trades, text: count },
  ];
}

function bestOf({ of, lowIsBest = false }: Figure, results: readonly ResultView[]): number | null {
  const known = results.map(of).filter((value) => value !== null);
  if (known.length === 0) return null;
  return lowIsBest ? Math.min(...known) : Math.max(...known);
}

function Table({ results }: { results: readonly ResultView[] }): VNode {
  return (
    <TableBox label={resultsWords.value.compareTitle}>
      <table>
        <thead>
          <tr>
            <td />
            {results.map((result, i) => (
              <th key={result.id} scope="col" class="number">
                <i class={`key line c${i}`} /> <a href={pathOf('results', result.id)}>{result.codeName}</a>
                <span class="sub">
                  <Market of={result} />
                </span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {figures().map((figure) => {
            const best = bestOf(figure, results);
            return (
              <tr key={figure.name}>
                <th scope="row">{figure.name}</th>
                {results.map((result) => {
                  const value = figure.of(result);
                  const isBest = value !== null && value === best;
                  return (
                    <td key={result.id} class={`number${isBest ? ' strong accent' : ''}`}>
                      {figure.text(value)}
                      {isBest ? ' ▲' : ''}
                    </td>
                  );
                })}
              </tr>
            );
          })}
        </tbody>
      </table>
    </TableBox>
  );
}

const readEach = (path: string, signal: AbortSignal): Promise<ResultView[]> =>
  Promise.all(path.split(',').map((id) => read<ResultView>(`results/${id}`, signal)));

export function Compare(): VNode | null {
  const w = resultsWords.value;
  const ids = chosenIds();
  const results = useFetched<ResultView[]>(ids.length < 2 ? undefined : ids.join(','), ids.length, readEach);
  if (ids.length < 2) return null;
  const close = (
    <Button kind="icon" label={w.closeCompare} onClick={() => setQuery({ compare: undefined })}>
      <Icon name="close" />
    </Button>
  );
  return (
    <Panel id="compare" title={w.compareTitle} note={w.compareNote} side={close}>
      <Await of={results}>
        {(all) => (
          <div class="compare">
            <Curves results={all} />
            <Table results={all} />
          </div>
        )}
      </Await>
    </Panel>
  );
}
