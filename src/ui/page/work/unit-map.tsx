// Every unit of a job as one cell, in their order: colour and shape say the state.
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { UnitState } from '../../api.ts';
import { count } from '../format.ts';
import { useSize } from '../use-size.ts';
import { workWords } from './words.ts';

const STEP = 14;
const SIDE = 11;

/** The letters of `JobDetail.map`. */
const STATES: Readonly<Record<string, UnitState>> = {
  v: 'validated',
  r: 'running',
  p: 'provisional',
  d: 'disputed',
  f: 'failed',
  o: 'open',
};

export function unitWord(state: UnitState): string {
  const w = workWords.value;
  const all: Record<UnitState, string> = {
    open: w.unitOpen,
    running: w.unitRunning,
    provisional: w.unitProvisional,
    disputed: w.unitDisputed,
    validated: w.unitValidated,
    failed: w.unitFailed,
  };
  return all[state];
}

function countText(letter: string, n: number): string {
  const w = workWords.value;
  const say = {
    v: w.unitsValidated,
    r: w.unitsRunning,
    p: w.unitsProvisional,
    d: w.unitsDisputed,
    f: w.unitsFailed,
    o: w.unitsOpen,
  }[letter];
  return say?.(count(n)) ?? '';
}

/** One cell of each state as a path, its corner at x, y. */
const SHAPES: Readonly<Record<string, (x: number, y: number) => string>> = {
  v: (x, y) => `M${x} ${y}h${SIDE}v${SIDE}h-${SIDE}z`,
  r: (x, y) => `M${x} ${y}h${SIDE}v${SIDE}h-${SIDE}z`,
  p: (x, y) => `M${x} ${y}v${SIDE}h${SIDE}z`,
  d: (x, y) =>
    `M${x + SIDE / 2} ${y - 0.5}l${SIDE / 2 + 0.5} ${SIDE / 2 + 0.5}-${SIDE / 2 + 0.5} ${SIDE / 2 + 0.5}-${SIDE / 2 + 0.5}-${SIDE / 2 + 0.5}z`,
  f: (x, y) => `M${x + 1} ${y + 1}l${SIDE - 2} ${SIDE - 2}m0-${SIDE - 2}l-${SIDE - 2} ${SIDE - 2}`,
  o: (x, y) => `M${x + 0.5} ${y + 0.5}h${SIDE - 1}v${SIDE - 1}h-${SIDE - 1}z`,
};

function pathsOf(map: string, columns: number): [string, string][] {
  const paths = new Map<string, string>(Object.keys(SHAPES).map((letter) => [letter, '']));
  [...map].forEach((letter, i) => {
    const shape = SHAPES[letter]?.((i % columns) * STEP + 1, Math.floor(i / columns) * STEP + 1) ?? '';
    paths.set(letter, `${paths.get(letter)}${shape}`);
  });
  return [...paths];
}

const countsOf = (map: string): [string, number][] =>
  Object.keys(SHAPES).map((letter) => [letter, [...map].filter((each) => each === letter).length]);

interface UnitMapProps {
  map: string;
  name: string;
  chosen: number | undefined;
  onChoose: (index: number) => void;
}

/** The cell at a place of the drawing. */
function indexAt(event: MouseEvent, columns: number, total: number): number | undefined {
  const box = (event.currentTarget as SVGElement).getBoundingClientRect();
  const column = Math.floor((event.clientX - box.left) / STEP);
  const index = Math.floor((event.clientY - box.top) / STEP) * columns + column;
  return column >= 0 && column < columns && index >= 0 && index < total ? index : undefined;
}

function Mark({ kind, index, columns }: { kind: string; index: number; columns: number }): VNode {
  return (
    <rect
      class={kind}
      x={(index % columns) * STEP - 0.5}
      y={Math.floor(index / columns) * STEP - 0.5}
      width={SIDE + 3}
      height={SIDE + 3}
    />
  );
}

function Legend({ map }: { map: string }): VNode {
  return (
    <p class="legend">
      {countsOf(map)
        .filter(([, n]) => n > 0)
        .map(([letter, n]) => (
          <span key={letter}>
            <svg width="13" height="13" aria-hidden="true" class="unit-key">
              <path class={`unit ${STATES[letter]}`} d={SHAPES[letter]!(1, 1)} />
            </svg>
            {countText(letter, n)}
          </span>
        ))}
    </p>
  );
}

export function UnitMap({ map, name, chosen, onChoose }: UnitMapProps): VNode {
  const w = workWords.value;
  const [box, { width }] = useSize();
  const [over, setOver] = useState<number | undefined>(undefined);
  const columns = Math.max(1, Math.floor(width / STEP));
  const height = Math.ceil(map.length / columns) * STEP + 1;
  const parts = countsOf(map)
    .filter(([, n]) => n > 0)
    .map(([letter, n]) => countText(letter, n));
  const state = over === undefined ? undefined : STATES[map[over] ?? ''];
  return (
    <>
      <div class="unit-map" ref={box}>
        {width < STEP ? null : (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the number beside the map chooses a unit by keyboard
          <svg
            width={columns * STEP}
            height={height}
            role="img"
            aria-label={w.mapLabel(name, parts.join(', '))}
            onClick={(event) => {
              const index = indexAt(event, columns, map.length);
              if (index !== undefined) onChoose(index);
            }}
            onMouseMove={(event) => setOver(indexAt(event, columns, map.length))}
            onMouseLeave={() => setOver(undefined)}
          >
            {pathsOf(map, columns).map(([letter, path]) => (
              <path key={letter} class={`unit ${STATES[letter]}`} d={path} />
            ))}
            {over === undefined ? null : <Mark kind="unit-over" index={over} columns={columns} />}
            {chosen === undefined || chosen >= map.length ? null : (
              <Mark kind="unit-chosen" index={chosen} columns={columns} />
            )}
          </svg>
        )}
      </div>
      <div class="pair small">
        <Legend map={map} />
        <span class="dim unit-said">
          {over === undefined || state === undefined ? '' : `${w.unitTitle(count(over + 1))}: ${unitWord(state)}`}
        </span>
      </div>
    </>
  );
}
