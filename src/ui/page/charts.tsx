// Small charts as inline SVG: they print, take the colours of the theme and carry a sentence for those who do not see.
import type { VNode } from 'preact';
import { useId } from 'preact/hooks';

interface SparklineProps {
  values: readonly number[];
  label: string;
  tone?: 'accent' | 'cyan';
}

const WIDTH = 120;
const HEIGHT = 30;
const PAD = 2;

const fixed = (n: number): string => n.toFixed(2);

export function Sparkline({ values, label, tone = 'accent' }: SparklineProps): VNode | null {
  if (values.length < 2) return null;
  const low = Math.min(...values);
  const range = Math.max(...values) - low || 1;
  const points = values.map((value, i) => {
    const x = (WIDTH * i) / (values.length - 1);
    const y = HEIGHT - PAD - ((HEIGHT - 2 * PAD) * (value - low)) / range;
    return `${fixed(x)} ${fixed(y)}`;
  });
  const path = `M${points.join('L')}`;
  return (
    <svg
      class={`sparkline ${tone}`}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <path class="area" d={`${path}L${WIDTH} ${HEIGHT}L0 ${HEIGHT}Z`} />
      <path class="stroke" d={path} />
    </svg>
  );
}

export interface AreaPoint {
  time: number;
  value: number | null;
}

interface AreaChartProps {
  points: readonly AreaPoint[];
  bars: readonly AreaPoint[];
  width: number;
  height: number;
  label: string;
  valueText: (value: number) => string;
  timeText: (time: number) => string;
  /** Place under the pointer, as an index into `points`. */
  cross: number | undefined;
  onCross: (index: number | undefined) => void;
}

const LEFT = 46;
const BOTTOM = 22;
const TOP = 8;
const RIGHT = 4;
const TICK_MINUTES = 10;
const MINUTE_MS = 60_000;
/** Bars fill the lower part only, below the line. */
const BAR_SHARE = 0.26;
const BAR_WIDTH_MAX = 9;

/** A round step that gives about five lines. */
function stepFor(most: number): number {
  const rough = Math.max(most, 1) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const round = [1, 2, 2.5, 5, 10].find((n) => n * power >= rough) ?? 10;
  return round * power;
}

interface Scales {
  x: (time: number) => number;
  y: (value: number) => number;
  floor: number;
  ticks: number[];
  times: number[];
}

function scalesFor({ points, width, height }: Pick<AreaChartProps, 'points' | 'width' | 'height'>): Scales {
  const from = points[0]!.time;
  const to = Math.max(points.at(-1)!.time, from + 1);
  const most = Math.max(1, ...points.map(({ value }) => value ?? 0));
  const step = stepFor(most);
  const ceiling = Math.ceil(most / step) * step;
  const floor = height - BOTTOM;
  const first = Math.ceil(from / (TICK_MINUTES * MINUTE_MS)) * TICK_MINUTES * MINUTE_MS;
  const times: number[] = [];
  for (let time = first; time <= to; time += TICK_MINUTES * MINUTE_MS) times.push(time);
  return {
    x: (time) => LEFT + ((width - LEFT - RIGHT) * (time - from)) / (to - from),
    y: (value) => floor - ((floor - TOP) * value) / ceiling,
    floor,
    ticks: Array.from({ length: Math.round(ceiling / step) + 1 }, (_, i) => i * step),
    times,
  };
}

/** One path for each stretch without a gap. */
function stretches(points: readonly AreaPoint[], { x, y }: Scales): { line: string; from: number; to: number }[] {
  const found: { line: string; from: number; to: number }[] = [];
  let open: { line: string; from: number; to: number } | undefined;
  for (const { time, value } of points) {
    if (value === null) {
      open = undefined;
      continue;
    }
    const place = `${fixed(x(time))} ${fixed(y(value))}`;
    if (open === undefined) {
      open = { line: `M${place}`, from: x(time), to: x(time) };
      found.push(open);
    } else {
      open.line += `L${place}`;
      open.to = x(time);
    }
  }
  return found;
}

function Grid({
  scales,
  width,
  valueText,
  timeText,
}: Pick<AreaChartProps, 'width' | 'valueText' | 'timeText'> & { scales: Scales }) {
  const { x, y, floor, ticks, times } = scales;
  return (
    <g class="grid">
      {ticks.map((tick) => (
        <g key={tick}>
          <line x1={LEFT} x2={width - RIGHT} y1={y(tick)} y2={y(tick)} />
          <text x={LEFT - 8} y={y(tick) + 4} text-anchor="end">
            {valueText(tick)}
          </text>
        </g>
      ))}
      {times.map((time) => (
        <g key={time}>
          <line x1={x(time)} x2={x(time)} y1={TOP} y2={floor} />
          {x(time) > LEFT + 16 && x(time) < width - 24 ? (
            <text x={x(time)} y={floor + 17} text-anchor="middle">
              {timeText(time)}
            </text>
          ) : null}
        </g>
      ))}
    </g>
  );
}

function Bars({ bars, scales, width }: { bars: readonly AreaPoint[]; scales: Scales; width: number }): VNode {
  const most = Math.max(1, ...bars.map(({ value }) => value ?? 0));
  const wide = Math.min(BAR_WIDTH_MAX, Math.max(1.5, ((width - LEFT - RIGHT) / Math.max(bars.length, 1)) * 0.5));
  return (
    <g class="bars">
      {bars.map(({ time, value }) => {
        const high = ((value ?? 0) / most) * (scales.floor - TOP) * BAR_SHARE;
        return <rect key={time} x={scales.x(time) - wide / 2} y={scales.floor - high} width={wide} height={high} />;
      })}
    </g>
  );
}

export function AreaChart(props: AreaChartProps): VNode {
  const { points, bars, width, height, label, cross, onCross } = props;
  const gradient = useId();
  const scales = scalesFor(props);
  const crossed = cross === undefined ? undefined : points[cross];
  const find = (event: PointerEvent): void => {
    const box = (event.currentTarget as SVGElement).getBoundingClientRect();
    const place = (event.clientX - box.left - LEFT) / (width - LEFT - RIGHT);
    const index = Math.round(place * (points.length - 1));
    onCross(index >= 0 && index < points.length ? index : undefined);
  };
  return (
    <svg
      class="area-chart"
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={label}
      onPointerMove={find}
      onPointerLeave={() => onCross(undefined)}
    >
      <defs>
        <linearGradient id={gradient} x1="0" x2="0" y1="0" y2="1">
          <stop class="gradient-top" offset="0" />
          <stop class="gradient-bottom" offset="1" />
        </linearGradient>
      </defs>
      <Grid {...props} scales={scales} />
      {stretches(points, scales).map(({ line, from, to }) => (
        <g key={from}>
          <path fill={`url(#${gradient})`} d={`${line}L${fixed(to)} ${scales.floor}L${fixed(from)} ${scales.floor}Z`} />
          <path class="stroke" d={line} />
        </g>
      ))}
      <Bars bars={bars} scales={scales} width={width} />
      {crossed === undefined ? null : (
        <g class="cross">
          <line x1={scales.x(crossed.time)} x2={scales.x(crossed.time)} y1={TOP} y2={scales.floor} />
          {crossed.value === null ? null : <circle cx={scales.x(crossed.time)} cy={scales.y(crossed.value)} r="3.5" />}
        </g>
      )}
    </svg>
  );
}
