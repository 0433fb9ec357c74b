// What strategies earned on the data they were searched on against what they earned on data that they never saw.
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { type BoardPoint, type LandscapeView, rangeText } from '../../api-results.ts';
import { pathOf } from '../../places.ts';
import { count, gain } from '../format.ts';
import { FEW_TRADES } from '../overview/best.tsx';
import { Panel } from '../parts.tsx';
import { go } from '../router.ts';
import { roundTicks } from '../ticks.ts';
import { useSize } from '../use-size.ts';
import { useDrag } from './drag.ts';
import { RANGE_KEYS, rangeIn, setFilters } from './filter.ts';
import { type Box, boxOf, EDGE, HEIGHT_LEAST, type Plot, plotOf, rangesOf } from './plot.ts';
import { resultsWords } from './words.ts';

const NEAR = 12;

const kindOf = ({ fits, trades }: BoardPoint): string => (fits ? (trades < FEW_TRADES ? 'few' : 'listed') : 'other');

function Mark({ point, plot }: { point: BoardPoint; plot: Plot }): VNode {
  const [x, y] = [plot.x(point.inSample), plot.y(point.outOfSample)];
  const kind = kindOf(point);
  if (kind === 'few') return <path class="dot few" d={`M${x} ${y - 4.5}l4.4 8h-8.8z`} />;
  return <circle class={`dot ${kind}`} cx={x} cy={y} r={kind === 'listed' ? 3.4 : 1.8} />;
}

function Grid({ plot }: { plot: Plot }): VNode {
  const w = resultsWords.value;
  const { x, y, inside, outside, width, height } = plot;
  const to = Math.min(inside.to, outside.to);
  const from = Math.max(inside.from, outside.from);
  return (
    <g class="grid-lines">
      {roundTicks(outside.from, outside.to, 5).map((tick) => (
        <g key={tick}>
          <line class={tick === 0 ? 'zero' : ''} x1={EDGE.left} x2={width - EDGE.right} y1={y(tick)} y2={y(tick)} />
          <text x={EDGE.left - 6} y={y(tick) + 4} text-anchor="end">
            {gain(tick, 0).replace(/\s?%/, '')}
          </text>
        </g>
      ))}
      {roundTicks(inside.from, inside.to, 6).map((tick) => (
        <text key={tick} x={x(tick)} y={height - EDGE.bottom + 15} text-anchor="middle">
          {gain(tick, 0).replace(/\s?%/, '')}
        </text>
      ))}
      <text x={EDGE.left + 4} y={EDGE.top + 2}>
        {w.axisOut}
      </text>
      <text x={width - EDGE.right} y={height - 2} text-anchor="end">
        {w.axisIn}
      </text>
      {to > from ? <line class="equal" x1={x(from)} y1={y(from)} x2={x(to)} y2={y(to)} /> : null}
    </g>
  );
}

function nearest(points: readonly BoardPoint[], plot: Plot, event: MouseEvent): BoardPoint | undefined {
  const box = (event.currentTarget as SVGElement).getBoundingClientRect();
  const [x, y] = [event.clientX - box.left, event.clientY - box.top];
  const away = (point: BoardPoint): number =>
    Math.hypot(plot.x(point.inSample) - x, plot.y(point.outOfSample) - y) + (point.fits ? 0 : 4);
  const best = points.reduce<BoardPoint | undefined>(
    (found, point) => (found === undefined || away(point) < away(found) ? point : found),
    undefined,
  );
  return best !== undefined && away(best) <= NEAR ? best : undefined;
}

function Rectangle({ box, kind }: { box: Box; kind: string }): VNode {
  const { left, right, top, bottom } = box;
  return <rect class={kind} x={left} y={top} width={right - left} height={bottom - top} />;
}

/** What the filters let through, where they say anything of the two returns. */
function Chosen({ plot }: { plot: Plot }): VNode | null {
  const [inSample, outOfSample] = RANGE_KEYS.map(rangeIn);
  const isSet = [inSample, outOfSample].some((range) => range!.least !== undefined || range!.most !== undefined);
  return isSet ? (
    <Rectangle box={boxOf(plot, { inSample: inSample!, outOfSample: outOfSample! })} kind="chosen" />
  ) : null;
}

interface DrawingProps {
  points: readonly BoardPoint[];
  width: number;
  height: number;
}

function Drawing({ points, width, height }: DrawingProps): VNode {
  const w = resultsWords.value;
  const [over, setOver] = useState<BoardPoint | undefined>(undefined);
  const plot = plotOf(points, width, height);
  const above = points.filter(({ outOfSample }) => outOfSample > 0).length;
  const worse = points.filter(({ inSample, outOfSample }) => outOfSample < inSample).length;
  const { box, handlers, wasDragged } = useDrag((drawn) => {
    const { inSample, outOfSample } = rangesOf(plot, drawn);
    setFilters({ inSample: rangeText(inSample), outOfSample: rangeText(outOfSample) });
  });
  const drawn = [...points].sort((a, b) => Number(a.fits) - Number(b.fits));
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the rows of the leaderboard lead to the same pages by keyboard
    <svg
      class={`scatter${over === undefined ? '' : ' over'}`}
      width={width}
      height={height}
      role="img"
      aria-label={w.scatterLabel(count(points.length), count(above), count(worse))}
      onMouseMove={(event) => setOver(box === undefined ? nearest(points, plot, event) : undefined)}
      onMouseLeave={() => setOver(undefined)}
      onClick={() => over !== undefined && !wasDragged() && go(pathOf('results', over.id))}
      {...handlers}
    >
      <Grid plot={plot} />
      <Chosen plot={plot} />
      {box === undefined ? null : <Rectangle box={box} kind="dragged" />}
      {drawn.map((point) => (
        <Mark key={point.id} point={point} plot={plot} />
      ))}
      {over === undefined ? null : (
        <g class="over-mark">
          <circle cx={plot.x(over.inSample)} cy={plot.y(over.outOfSample)} r={6} />
          <text
            x={plot.x(over.inSample) + (plot.x(over.inSample) > width / 2 ? -10 : 10)}
            y={plot.y(over.outOfSample) - 8}
            text-anchor={plot.x(over.inSample) > width / 2 ? 'end' : 'start'}
          >
            {over.codeName} {gain(over.outOfSample)}
          </text>
        </g>
      )}
    </svg>
  );
}

export function Scatter({ landscape }: { landscape: LandscapeView }): VNode {
  const w = resultsWords.value;
  const [box, { width, height }] = useSize();
  const { points, total } = landscape;
  return (
    <Panel id="scatter" title={w.scatterTitle}>
      <div class="scatter-box live-numbers" ref={box} data-chart="scatter">
        {width < 120 ? null : <Drawing points={points} width={width} height={Math.max(HEIGHT_LEAST, height)} />}
      </div>
      <p class="legend">
        <span>
          <i class="key dot-key listed" /> {w.listed}
        </span>
        <span>
          <i class="amber">▲</i> {w.fewTrades}
        </span>
        <span>
          <i class="key dot-key other" /> {w.others}
        </span>
        <span>
          {w.below} {points.length < total ? w.drawn(count(points.length), count(total)) : ''}
        </span>
        <span class="drag-hint">{w.dragHint}</span>
      </p>
    </Panel>
  );
}
