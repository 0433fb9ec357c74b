// Equity of the three segments over time, each in its colour, with the loss from the peak below; beside it, when asked for,
// what the same money would be if it had only been held.
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { ResultView } from '../../api.ts';
import type { EquityStretch, SegmentName, StrategyRun } from '../../api-strategy.ts';
import { Switch } from '../dialogs/fields.tsx';
import { day, drop, gain, marketTime, plain, short } from '../format.ts';
import { Panel } from '../parts.tsx';
import { roundTicks } from '../ticks.ts';
import { useSize } from '../use-size.ts';
import { words } from '../words/words.ts';
import {
  CURVE,
  type EquityLook,
  type Frame,
  frameOf,
  HEIGHT,
  isAnchored,
  LEFT,
  lossesOf,
  RIGHT,
  type Spot,
  STRIP,
  spotAt,
} from './equity-frame.ts';
import { judgedWords } from './judged-words.ts';
import { strategyWords } from './words.ts';

/** Below this width fewer dates fit. */
const NARROW = 480;

const pathOf = (points: readonly (readonly [number, number])[]): string =>
  points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');

interface StretchProps {
  stretch: EquityStretch;
  losses: number[];
  frame: Frame;
  hold: boolean;
}

function Stretch({ stretch, losses, frame, hold }: StretchProps): VNode {
  const { segment, points, held } = stretch;
  const first = frame.x(points[0]![0]);
  const last = frame.x(points.at(-1)![0]);
  const at = (values: readonly number[], y: (value: number) => number): [number, number][] =>
    values.map((value, i) => [frame.x(points[i]![0]), y(value)]);
  const strip = at(losses, frame.strip);
  return (
    <g class={`segment ${segment}`}>
      <rect
        class="segment-area"
        x={first}
        width={Math.max(0, last - first)}
        y={CURVE.top}
        height={CURVE.bottom - CURVE.top}
      />
      {hold ? <path class="held" d={pathOf(at(held, frame.y))} /> : null}
      <path
        class="segment-line"
        d={pathOf(
          at(
            points.map(([, money]) => money),
            frame.y,
          ),
        )}
      />
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

interface CrossProps {
  run: StrategyRun;
  spot: Spot;
  frame: Frame;
}

function Cross({ run, spot, frame }: CrossProps): VNode {
  const [time, money] = run.equity[spot.stretch]!.points[spot.point]!;
  return (
    <g class="cross">
      <line x1={frame.x(time)} x2={frame.x(time)} y1={CURVE.top} y2={STRIP.bottom} />
      <circle cx={frame.x(time)} cy={frame.y(money)} r="3.5" />
    </g>
  );
}

const KEYS: Record<SegmentName, [key: string, tone: string]> = {
  inSample: ['in-sample', 'accent'],
  outOfSample: ['out-of-sample', 'cyan'],
  holdout: ['holdout', 'violet'],
};

function Legend({ result, run }: { result: ResultView; run: StrategyRun }): VNode {
  const w = words.value;
  const names = { inSample: w.inSample, outOfSample: w.outOfSample, holdout: w.holdout };
  return (
    <p class="legend">
      {(Object.keys(KEYS) as SegmentName[]).map((segment) => (
        <span key={segment}>
          <i class={`key line ${KEYS[segment][0]}`} /> {names[segment]}{' '}
          <strong class={KEYS[segment][1]}>{gain(result[segment].return)}</strong>
        </span>
      ))}
      <span>{isAnchored(run) ? judgedWords.value.hintAnchored : strategyWords.value.equityHint}</span>
    </p>
  );
}

/** The curve under the pointer in words; what buying and holding would have earned when that is asked for. */
function Reading({ run, spot, losses, look }: Omit<CrossProps, 'frame'> & { losses: number[][]; look: EquityLook }) {
  const w = strategyWords.value;
  const stretch = run.equity[spot.stretch]!;
  const [time, money] = stretch.points[spot.point]!;
  const loss = losses[spot.stretch]![spot.point]!;
  const held = look.hold ? ` · ${w.hold} ${plain(Math.round(stretch.held[spot.point]!))}` : '';
  return <>{`${marketTime(time)} UTC · ${plain(Math.round(money))} ${run.quote} · ${drop(loss)}${held}`}</>;
}

function HoldNote({ run }: { run: StrategyRun }): VNode {
  const w = strategyWords.value;
  const { inSample, outOfSample, holdout } = run.segments;
  return (
    <>
      <i class="key line held" aria-hidden="true" />{' '}
      {w.holdNote(gain(inSample.buyAndHold), gain(outOfSample.buyAndHold), gain(holdout.buyAndHold))}
    </>
  );
}

export function Equity({ result, run }: { result: ResultView; run: StrategyRun }): VNode {
  const w = strategyWords.value;
  const [box, { width }] = useSize();
  const [look, setLook] = useState<EquityLook>({ hold: false, log: false });
  const [spot, setSpot] = useState<Spot | undefined>(undefined);
  const losses = lossesOf(run.equity, run.initialEquity);
  const frame = frameOf(run, losses, width, look);
  const { inSample, outOfSample, holdout } = result;
  const label = w.equityLabel(gain(inSample.return), gain(outOfSample.return), gain(holdout.return));
  const find = (event: PointerEvent): void => {
    const { left } = (event.currentTarget as SVGElement).getBoundingClientRect();
    const part = (event.clientX - left - LEFT) / (width - LEFT - RIGHT);
    setSpot(spotAt(run.equity, frame.from + part * (frame.to - frame.from)));
  };
  return (
    <Panel id="equity" title={w.equity} note={w.equityNote(`${plain(run.initialEquity)} ${run.quote}`)}>
      <div class="equity-choices">
        <Switch label={w.hold} on={look.hold} onChange={(hold) => setLook({ ...look, hold })} />
        <Switch label={w.log} on={look.log} onChange={(log) => setLook({ ...look, log })} />
      </div>
      <div class="equity-box" ref={box} data-chart="equity">
        {width < 160 ? null : (
          <svg
            width={width}
            height={HEIGHT}
            role="img"
            aria-label={label}
            onPointerMove={find}
            onPointerLeave={() => setSpot(undefined)}
          >
            <Grid frame={frame} />
            {run.equity.map((stretch, i) => (
              <Stretch key={i} stretch={stretch} losses={losses[i]!} frame={frame} hold={look.hold} />
            ))}
            {spot === undefined ? null : <Cross run={run} spot={spot} frame={frame} />}
          </svg>
        )}
      </div>
      <p class="equity-read small muted">
        {spot !== undefined ? (
          <Reading run={run} spot={spot} losses={losses} look={look} />
        ) : look.hold ? (
          <HoldNote run={run} />
        ) : (
          w.readHint
        )}
      </p>
      <Legend result={result} run={run} />
    </Panel>
  );
}
