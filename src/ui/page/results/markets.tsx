// The same strategies by market, and by when they were found.
import type { VNode } from 'preact';
import type { BoardPoint, LandscapeView } from '../../api-results.ts';
import { pathOf } from '../../places.ts';
import { Seg } from '../dialogs/fields.tsx';
import { count, dayTime, gain, share, span } from '../format.ts';
import { Market, TableBox, TableHead } from '../parts.tsx';
import { setQuery } from '../router.ts';
import { now } from '../store.ts';
import { roundTicks } from '../ticks.ts';
import { useSize } from '../use-size.ts';
import { words } from '../words/words.ts';
import { valueIn } from './filter.ts';
import { resultsWords } from './words.ts';

export function Markets({ landscape }: { landscape: LandscapeView }): VNode {
  const w = resultsWords.value;
  const columns: [string, string][] = [
    [words.value.market, ''],
    [w.jobs, 'number low'],
    [w.strategies, 'number'],
    [w.validated, 'number low'],
    [w.best, 'number'],
    [w.median, 'number'],
    [w.profitable, 'number low'],
    [w.last, 'number low'],
  ];
  return (
    <>
      <TableBox label={w.byMarket}>
        <table>
          <TableHead columns={columns} />
          <tbody class="live-numbers">
            {landscape.markets.map((each) => (
              <tr key={`${each.market} ${each.barMs} ${each.sample} ${each.leverage}`}>
                <th scope="row">
                  <Market of={each} />
                </th>
                <td class="number low">{count(each.jobs)}</td>
                <td class="number">{count(each.strategies)}</td>
                <td class="number low">{count(each.validated)}</td>
                <td class={`number ${each.best > 0 ? 'accent' : 'red'}`}>{gain(each.best)}</td>
                <td class={`number ${each.median > 0 ? 'accent' : 'red'}`}>{gain(each.median)}</td>
                <td class="number low">{share(each.profitable, 0)}</td>
                <td class="number low">{dayTime(each.lastAt)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableBox>
      <p class="table-foot dim">{w.marketNote}</p>
    </>
  );
}

const HOUR_MS = 3_600_000;
const RANGES = ['24', '168', '720'] as const;
const HEIGHT = 240;
const LEFT = 46;

function Dots({ points, from, width }: { points: readonly BoardPoint[]; from: number; width: number }): VNode {
  const values = points.map(({ outOfSample }) => outOfSample);
  const [low, high] = [Math.min(0, ...values), Math.max(0.01, ...values)];
  const until = now.value;
  const x = (time: number): number => LEFT + ((width - LEFT - 8) * (time - from)) / (until - from);
  const y = (value: number): number => HEIGHT - 26 - ((HEIGHT - 40) * (value - low)) / (high - low);
  return (
    <svg
      width={width}
      height={HEIGHT}
      role="img"
      aria-label={resultsWords.value.timelineLabel(count(points.length), span(until - from))}
    >
      <g class="grid-lines">
        {roundTicks(low, high, 5).map((tick) => (
          <g key={tick}>
            <line class={tick === 0 ? 'zero' : ''} x1={LEFT} x2={width - 8} y1={y(tick)} y2={y(tick)} />
            <text x={LEFT - 6} y={y(tick) + 4} text-anchor="end">
              {gain(tick, 0)}
            </text>
          </g>
        ))}
        {[0, 0.25, 0.5, 0.75, 1].map((share) => (
          <text
            key={share}
            x={x(from + share * (until - from))}
            y={HEIGHT - 6}
            text-anchor={share === 0 ? 'start' : share === 1 ? 'end' : 'middle'}
          >
            {dayTime(from + share * (until - from))}
          </text>
        ))}
      </g>
      {points.map(({ id, foundAt, outOfSample, state, fits }) => (
        <circle
          key={id}
          class={`dot ${fits ? (state === 'validated' ? 'listed' : 'waiting') : 'other'}`}
          cx={x(Date.parse(foundAt))}
          cy={y(outOfSample)}
          r={fits ? 3.4 : 2}
        />
      ))}
    </svg>
  );
}

export function Timeline({ landscape }: { landscape: LandscapeView }): VNode {
  const w = resultsWords.value;
  const [box, { width }] = useSize();
  const hours = RANGES.find((each) => each === valueIn('hours')) ?? RANGES[0];
  const from = now.value - Number(hours) * HOUR_MS;
  const points = landscape.points.filter(({ foundAt }) => Date.parse(foundAt) >= from);
  return (
    <div class="timeline">
      <Seg
        name="hours"
        legend={w.range}
        hideLegend
        value={hours}
        onChange={(value) => setQuery({ hours: value === RANGES[0] ? undefined : value })}
        options={RANGES.map((value) => ({ value, text: span(Number(value) * HOUR_MS) }))}
      />
      <div class="timeline-box" ref={box} data-chart="timeline">
        {width < 120 ? null : points.length === 0 ? (
          <p class="dim timeline-none">{w.timelineNone}</p>
        ) : (
          <Dots points={points} from={from} width={width} />
        )}
      </div>
      <ul class="visually-hidden">
        {points.slice(0, 20).map(({ id, codeName, foundAt, outOfSample }) => (
          <li key={id}>
            <a href={pathOf('results', id)} tabIndex={-1}>
              {codeName}
            </a>{' '}
            {dayTime(foundAt)} {gain(outOfSample)}
          </li>
        ))}
      </ul>
    </div>
  );
}
