// Equity of the three segments over time, each in its colour, with the loss from the peak below.
import type { VNode } from 'preact';
import type { ResultView } from '../../api.ts';
import type { EquityStretch, SegmentName, StrategyRun } from '../../api-strategy.ts';
import { day, gain, plain, short } from '../format.ts';
import { Panel } from '../parts.tsx';
import { roundTicks } from '../ticks.ts';
import { useSize } from '../use-size.ts';
import { words } from '../words/words.ts';
import { strategyWords } from './words.ts';

const HEIGHT = 292;
const CURVE = { top: 10, bottom: 206 };
const STRIP = { top: 232, bottom: 284 };
const LEFT = 58;
const RIGHT = 8;
/** Below this width fewer dates fit. */
const NARROW = 480;

interface Frame {
  width: number;
  x: (time: number) => number;
  y: (money: number) => number;
  strip: (loss: number) => number;
  low: number;
  high: number;
  deepest: number;
  from: number;
  to: number;
}

/** Loss from the highest equity of a segment so far, for each point of each of its stretches. */
function lossesOf(stretches: readonly EquityStretch[], start: number): number[][] {
  const peaks: Partial<Record<SegmentName, number>> = {};
  return stretches.map(({ segment, points }) =>
    points.map(([, money]) => {
      const peak = Math.max(peaks[segment] ?? start, money);
      peaks[segment] = peak;
      return (peak - money) / peak;
    }),
  );
}

function frameOf(run: StrategyRun, losses: readonly number[][], width: number): Frame {
  const all = run.equity.flatMap(({ points }) => points);
  const values = all.map(([, money]) => money);
  const pad = (Math.max(...values) - Math.min(...values)) * 0.06 || 1;
  const [low, high] = [Math.min(run.initialEquity, ...values) - pad, Math.max(run.initialEquity, ...values) + pad];
  const times = all.map(([time]) => time);
  const [from, to] = [Math.min(...times), Math.max(...times)];
  const deepest = Math.max(0.001, ...losses.flat());
  return {
    ...{ width, low, high, deepest, from, to },
    x: (time) => LEFT + ((width - LEFT - RIGHT) * (time - from)) / (to - from || 1),
    y: (money) => CURVE.bottom - ((CURVE.bottom - CURVE.top) * (money - low)) / (high - low),
    strip: (loss) => STRIP.top + ((STRIP.bottom - STRIP.top) * loss) / deepest,
  };
}

const pathOf = (points: readonly (readonly [number, number])[]): string =>
  points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');

function Stretch({ stretch, losses, frame }: { stretch: EquityStretch; losses: number[]; frame: Frame }): VNode {
  const { segment, points } = stretch;
  const first = frame.x(points[0]![0]);
  const last = frame.x(points.at(-1)![0]);
  const curve = points.map(([time, money]): [number, number] => [frame.x(time), frame.y(money)]);
  const strip = losses.map((loss, i): [number, number] => [frame.x(points[i]![0]), frame.strip(loss)]);
  return (
    <g class={`segment ${segment}`}>
      <rect
        class="segment-area"
        x={first}
        width={Math.max(0, last - first)}
        y={CURVE.top}
        height={CURVE.bottom - CURVE.top}
      />
      <path class="segment-line" d={pathOf(curve)} />
      <path class="loss" d={`${pathOf([[first, STRIP.top], ...strip, [last, STRIP.top]])}Z`} />
    </g>
  );
}

function Grid({ frame }: { frame: Frame }): VNode {
  const { x, y, low, high, width, deepest, strip, from, to } = frame;
  const marks = (width < NARROW ? [0, 0.5, 1] : [0, 0.25, 0.5, 0.75, 1]).map((part) => from + part * (to - from));
  return (
    <g class="grid-lines">
      {roundTicks(low, high, 5).map((tick) => (
        <g key={tick}>
          <line x1={LEFT} x2={width - RIGHT} y1={y(tick)} y2={y(tick)} />
          <text x={LEFT - 6} y={y(tick) + 4} text-anchor="end">
            {short(tick)}
          </text>
        </g>
      ))}
      {marks.map((time, i) => (
        <text
          key={time}
          x={x(time)}
          y={CURVE.bottom + 16}
          text-anchor={i === 0 ? 'start' : i === marks.length - 1 ? 'end' : 'middle'}
        >
          {day(new Date(time).toISOString()).slice(0, 7)}
        </text>
      ))}
      <text x={LEFT - 6} y={strip(deepest)} text-anchor="end">
        {gain(-deepest)}
      </text>
      <line x1={LEFT} x2={width - RIGHT} y1={STRIP.top} y2={STRIP.top} />
    </g>
  );
}

export function Equity({ result, run }: { result: ResultView; run: StrategyRun }): VNode {
  const w = strategyWords.value;
  const [box, { width }] = useSize();
  const losses = lossesOf(run.equity, run.initialEquity);
  const frame = frameOf(run, losses, width);
  const { inSample, outOfSample, holdout } = result;
  const label = w.equityLabel(gain(inSample.return), gain(outOfSample.return), gain(holdout.return));
  return (
    <Panel id="equity" title={w.equity} note={w.equityNote(`${plain(run.initialEquity)} ${run.quote}`)}>
      <div class="equity-box" ref={box} data-chart="equity">
        {width < 160 ? null : (
          <svg width={width} height={HEIGHT} role="img" aria-label={label}>
            <Grid frame={frame} />
            {run.equity.map((stretch, i) => (
              <Stretch key={stretch.points[0]![0]} stretch={stretch} losses={losses[i]!} frame={frame} />
            ))}
          </svg>
        )}
      </div>
      <p class="legend">
        <span>
          <i class="key line in-sample" /> {words.value.inSample}{' '}
          <strong class="accent">{gain(inSample.return)}</strong>
        </span>
        <span>
          <i class="key line out-of-sample" /> {words.value.outOfSample}{' '}
          <strong class="cyan">{gain(outOfSample.return)}</strong>
        </span>
        <span>
          <i class="key line holdout" /> {words.value.holdout} <strong class="violet">{gain(holdout.return)}</strong>
        </span>
        <span>{w.equityHint}</span>
      </p>
    </Panel>
  );
}
