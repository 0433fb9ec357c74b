// Backtests a second of the whole mesh over the last hour.
import { computed } from '@preact/signals';
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { AreaChart, type AreaPoint } from '../charts.tsx';
import { clockTime, count, hourMinute, short } from '../format.ts';
import { Empty, Panel, TableBox } from '../parts.tsx';
import { throughput } from '../store.ts';
import { useSize } from '../use-size.ts';
import { words } from '../words/words.ts';

const HEIGHT_MIN = 200;
const MINUTE_MS = 60_000;
const TABLE_MINUTES = 5;

const points = computed<AreaPoint[]>(() =>
  throughput.value.map(({ at, backtestsPerSecond }) => ({ time: Date.parse(at), value: backtestsPerSecond })),
);

/** Results of each whole span of so many minutes, and the mean rate in it. */
function grouped(minutes: number): { time: number; results: number; rate: number | null }[] {
  const groups = new Map<number, { results: number; rates: number[] }>();
  for (const { at, results, backtestsPerSecond } of throughput.value) {
    const time = Math.floor(Date.parse(at) / (minutes * MINUTE_MS)) * minutes * MINUTE_MS;
    const group = groups.get(time) ?? { results: 0, rates: [] };
    group.results += results;
    if (backtestsPerSecond !== null) group.rates.push(backtestsPerSecond);
    groups.set(time, group);
  }
  return [...groups].map(([time, { results, rates }]) => ({
    time,
    results,
    rate: rates.length === 0 ? null : rates.reduce((sum, rate) => sum + rate, 0) / rates.length,
  }));
}

const bars = computed<AreaPoint[]>(() =>
  grouped(1).map(({ time, results }) => ({ time: time + MINUTE_MS / 2, value: results })),
);

function Chart(): VNode {
  const w = words.value;
  const [box, { width, height }] = useSize();
  const [cross, setCross] = useState<number | undefined>(undefined);
  const known = points.value.map(({ value }) => value).filter((value) => value !== null);
  const label = w.chartLabel(short(Math.min(...known)), short(Math.max(...known)), short(known.at(-1)));
  const crossed = cross === undefined ? undefined : points.value[cross];
  return (
    <>
      <div class="chart-box" ref={box} data-chart="throughput">
        {width < 80 ? null : (
          <AreaChart
            points={points.value}
            bars={bars.value.filter(({ time }) => time >= points.value[0]!.time && time <= points.value.at(-1)!.time)}
            width={width}
            height={Math.max(height, HEIGHT_MIN)}
            label={label}
            valueText={short}
            timeText={hourMinute}
            cross={cross}
            onCross={setCross}
          />
        )}
      </div>
      <p class="legend">
        <span>
          <i class="key line" /> {w.perSecond}
        </span>
        <span>
          <i class="key bar" /> {w.resultsPerMinute}
        </span>
        <span class="cross-text">
          {crossed === undefined ? null : `${clockTime(crossed.time)} · ${short(crossed.value)} ${w.perSecond}`}
        </span>
      </p>
    </>
  );
}

function Table(): VNode {
  const w = words.value;
  return (
    <TableBox label={w.throughputTitle} short>
      <table>
        <thead>
          <tr>
            <th scope="col">{w.time}</th>
            <th scope="col" class="number">
              {w.perSecond}
            </th>
            <th scope="col" class="number">
              {w.results}
            </th>
          </tr>
        </thead>
        <tbody>
          {grouped(TABLE_MINUTES).map(({ time, rate, results }) => (
            <tr key={time}>
              <td>{hourMinute(time)}</td>
              <td class="number">{count(rate)}</td>
              <td class="number">{count(results)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableBox>
  );
}

export function Throughput(): VNode {
  const w = words.value;
  const [asTable, setAsTable] = useState(false);
  const empty = points.value.length < 2 || points.value.every(({ value }) => value === null);
  const side = empty ? null : (
    <button type="button" class="link" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
      {asTable ? w.showChart : w.showTable}
    </button>
  );
  return (
    <Panel id="throughput" title={w.throughputTitle} note={w.throughputNote} side={side}>
      <div class="live-numbers throughput-body">
        {empty ? (
          <Empty art="pulse" title={w.throughputEmpty} text={w.throughputEmptyText} />
        ) : asTable ? (
          <Table />
        ) : (
          <Chart />
        )}
      </div>
    </Panel>
  );
}
