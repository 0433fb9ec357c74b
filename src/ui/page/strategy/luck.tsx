// Equity along many orders of the unseen trades: how deep the same trades could have fallen on their way to the same end.
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { OrdersView, StrategyRun } from '../../api-strategy.ts';
import { count, drop, gain } from '../format.ts';
import { Notice, Panel, TableBox, TableHead } from '../parts.tsx';
import { roundTicks } from '../ticks.ts';
import { useSize } from '../use-size.ts';
import { words } from '../words/words.ts';
import { robustWords } from './robust-words.ts';

/** Beside many neighbours there is more room. */
const HEIGHT_MIN = 220;
const BOX = { left: 58, right: 8, top: 8, bottom: 28 };
/** Rows of the table, roughly. */
const ROWS = 12;

interface Scales {
  width: number;
  /** Where the axis of trades lies. */
  floor: number;
  x: (done: number) => number;
  y: (equity: number) => number;
  low: number;
  high: number;
}

function scalesOf({ done, lines, own }: OrdersView, width: number, height: number): Scales {
  const all = [...own, ...lines.flatMap(({ equity }) => equity)];
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const pad = (most - least) * 0.06 || 0.01;
  const [low, high] = [least - pad, most + pad];
  const last = done.at(-1)!;
  const floor = height - BOX.bottom;
  return {
    ...{ width, floor, low, high },
    x: (trades) => BOX.left + ((width - BOX.left - BOX.right) * trades) / last,
    y: (equity) => floor - ((floor - BOX.top) * (equity - low)) / (high - low),
  };
}

function pathOf(done: readonly number[], equity: readonly number[], { x, y }: Scales): string {
  return equity.map((each, i) => `${i === 0 ? 'M' : 'L'}${x(done[i]!).toFixed(1)} ${y(each).toFixed(1)}`).join('');
}

/** What lies between two lines. */
function areaOf(orders: OrdersView, low: number, high: number, scales: Scales): string {
  const { done, lines } = orders;
  const back = pathOf([...done].reverse(), [...lines[low]!.equity].reverse(), scales).replace('M', 'L');
  return `${pathOf(done, lines[high]!.equity, scales)}${back}Z`;
}

function Grid({ scales, done }: { scales: Scales; done: readonly number[] }): VNode {
  const { x, y, low, high, width, floor } = scales;
  const trades = roundTicks(0, done.at(-1)!, 5).filter(Number.isInteger);
  return (
    <g class="grid-lines">
      {roundTicks(low - 1, high - 1, 5).map((tick) => (
        <g key={tick}>
          <line
            class={tick === 0 ? 'zero' : ''}
            x1={BOX.left}
            x2={width - BOX.right}
            y1={y(1 + tick)}
            y2={y(1 + tick)}
          />
          <text x={BOX.left - 6} y={y(1 + tick) + 4} text-anchor="end">
            {gain(tick)}
          </text>
        </g>
      ))}
      {trades.map((n) => (
        <text key={n} x={x(n)} y={floor + 18} text-anchor={n === done.at(-1) ? 'end' : 'middle'}>
          {count(n)}
        </text>
      ))}
    </g>
  );
}

function Fan({ orders, label }: { orders: OrdersView; label: string }): VNode {
  const [box, size] = useSize();
  const w = robustWords.value;
  const { done, lines, own } = orders;
  const [width, height] = [size.width, Math.max(HEIGHT_MIN, size.height)];
  const scales = scalesOf(orders, width, height);
  return (
    <>
      <div class="luck-box" ref={box} data-chart="luck">
        {width < 160 ? null : (
          <svg width={width} height={height} role="img" aria-label={label}>
            <Grid scales={scales} done={done} />
            <path class="fan-wide" d={areaOf(orders, 0, 4, scales)} />
            <path class="fan-half" d={areaOf(orders, 1, 3, scales)} />
            <path class="fan-middle" d={pathOf(done, lines[2]!.equity, scales)} />
            <path class="fan-own" d={pathOf(done, own, scales)} />
          </svg>
        )}
      </div>
      <p class="legend">
        <span>
          <i class="key line fan-own" /> {w.ownOrder}
        </span>
        <span>
          <i class="key line fan-middle" /> {w.middle}
        </span>
        <span>
          <i class="key bar fan-half" /> {w.halfOfThem}
        </span>
        <span>
          <i class="key bar fan-wide" /> {w.nineOfTen}
        </span>
      </p>
    </>
  );
}

function Table({ orders: { done, lines, own } }: { orders: OrdersView }): VNode {
  const w = robustWords.value;
  const step = Math.max(1, Math.ceil((done.length - 1) / ROWS));
  const places = done.map((_, i) => i).filter((i) => i % step === 0 || i === done.length - 1);
  const columns: [string, string][] = [
    [w.tradesDone, ''],
    ...lines.map(({ share }): [string, string] => [w.percentile(count(share * 100)), 'number']),
    [w.ownOrder, 'number'],
  ];
  return (
    <TableBox label={w.luck}>
      <table>
        <TableHead columns={columns} />
        <tbody>
          {places.map((i) => (
            <tr key={i}>
              <th scope="row">{count(done[i])}</th>
              {lines.map(({ share, equity }) => (
                <td key={share} class="number">
                  {gain(equity[i]! - 1)}
                </td>
              ))}
              <td class="number strong">{gain(own[i]! - 1)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableBox>
  );
}

export function Luck({ run: { orders } }: { run: StrategyRun }): VNode {
  const w = robustWords.value;
  const [asTable, setAsTable] = useState(false);
  if (orders === null) {
    return (
      <Panel id="luck" title={w.luck}>
        <Notice tone="info" icon="info">
          {w.oneOrder}
        </Notice>
      </Panel>
    );
  }
  const end = gain(orders.own.at(-1)! - 1);
  const [half, twenty, hundred] = [drop(orders.median), drop(orders.oneIn20), drop(orders.oneIn100)];
  const orderCount = count(orders.shuffles);
  const side = (
    <button type="button" class="link" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
      {asTable ? words.value.showChart : words.value.showTable}
    </button>
  );
  return (
    <Panel id="luck" title={w.luck} note={w.luckNote(orderCount, count(orders.trades))} side={side}>
      {asTable ? <Table orders={orders} /> : <Fan orders={orders} label={w.luckLabel(orderCount, end, half, twenty)} />}
      <p class="panel-says">{w.luckSays(end, half, twenty, hundred)}</p>
      <p class="panel-says muted">{w.luckLimits}</p>
    </Panel>
  );
}
