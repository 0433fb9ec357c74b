// The mesh as this node sees it: itself in the middle, its network around it, everyone else outside. Machines keep their
// places: they stand in the order of their ids, whatever they do.
import type { VNode } from 'preact';
import type { MemberView } from '../../api.ts';
import { pathOf } from '../../places.ts';
import { count } from '../format.ts';
import { Panel, stateWord } from '../parts.tsx';
import { place } from '../router.ts';
import { isOnline, present, shownName } from '../store.ts';
import { useSize } from '../use-size.ts';
import { words } from '../words/words.ts';
import { peersWords } from './words.ts';

const HEIGHT = 336;
const RADIUS = 15;
const RING = 2 * Math.PI * RADIUS;
const NAME_LENGTH_MAX = 14;
/** Share of half the width and height at which the inner and the outer ring stand. */
const INNER = { x: 0.34, y: 0.42 };
const OUTER = { x: 0.8, y: 0.8 };
const LAN = { x: 0.52, y: 0.62 };

interface Spot {
  member: MemberView;
  x: number;
  y: number;
}

export type Path = 'self' | 'lan' | 'direct' | 'relayed' | 'none';

function pathKind(member: MemberView): Path {
  if (member.self) return 'self';
  return isOnline(member) ? (member.path ?? 'none') : 'none';
}

export function pathWord(member: MemberView): string {
  const w = peersWords.value;
  return { self: w.pathSelf, lan: w.pathLan, direct: w.pathDirect, relayed: w.pathRelayed, none: w.pathNone }[
    pathKind(member)
  ];
}

const byId = (a: MemberView, b: MemberView): number => (a.peerId < b.peerId ? -1 : 1);

function ring(members: readonly MemberView[], width: number, size: { x: number; y: number }, turn: number): Spot[] {
  return [...members].sort(byId).map((member, i) => {
    const angle = turn + (2 * Math.PI * i) / members.length;
    return {
      member,
      x: width / 2 + (width / 2) * size.x * Math.cos(angle),
      y: HEIGHT / 2 - 8 + (HEIGHT / 2) * size.y * Math.sin(angle),
    };
  });
}

function spots(members: readonly MemberView[], width: number): Spot[] {
  const self = members.filter(({ self }) => self).map((member) => ({ member, x: width / 2, y: HEIGHT / 2 - 8 }));
  const near = members.filter((member) => pathKind(member) === 'lan');
  const far = members.filter((member) => !['self', 'lan'].includes(pathKind(member)));
  return [...ring(far, width, OUTER, Math.PI / 7), ...ring(near, width, INNER, -Math.PI / 5), ...self];
}

const short = (name: string): string =>
  name.length > NAME_LENGTH_MAX ? `${name.slice(0, NAME_LENGTH_MAX - 1)}…` : name;

function Machine({ member, x, y }: Spot): VNode {
  const w = peersWords.value;
  const { threads, peerId } = member;
  const name = shownName(member);
  const used = threads === null || threads.total === 0 ? 0 : threads.used / threads.total;
  const says = threads === null ? w.threadsUnknown : words.value.threads(count(threads.used), count(threads.total));
  const chosen = place.value.id === peerId;
  return (
    <g class={`machine ${pathKind(member)}${chosen ? ' chosen' : ''}`}>
      <a
        href={pathOf('peers', peerId)}
        aria-label={w.nodeLabel(name, stateWord(member.state), pathWord(member), says)}
        aria-current={chosen ? 'true' : undefined}
      >
        <circle class="machine-base" cx={x} cy={y} r={RADIUS} />
        {used > 0 ? (
          <circle
            class="machine-ring"
            cx={x}
            cy={y}
            r={RADIUS}
            stroke-dasharray={`${(used * RING).toFixed(1)} ${RING.toFixed(1)}`}
            transform={`rotate(-90 ${x} ${y})`}
          />
        ) : null}
      </a>
      {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: text in a drawing takes no focus; the link beside it says the same */}
      <g class="machine-text" aria-hidden="true">
        <text class="machine-threads" x={x} y={y + 4}>
          {threads === null ? '?' : count(threads.total)}
        </text>
        <text class="machine-name" x={x} y={y + RADIUS + 14}>
          {short(name)}
        </text>
      </g>
    </g>
  );
}

function Drawing({ width }: { width: number }): VNode {
  const w = peersWords.value;
  const all = present.value;
  const placed = spots(all, width);
  const of = (kind: Path): string => count(all.filter((member) => pathKind(member) === kind).length);
  const middle = { x: width / 2, y: HEIGHT / 2 - 8 };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a drawing with links in it
    <svg
      class="mesh-map"
      width={width}
      height={HEIGHT}
      viewBox={`0 0 ${width} ${HEIGHT}`}
      role="group"
      aria-label={w.mapLabel(count(all.length), of('lan'), of('direct'), of('relayed'), of('none'))}
    >
      <ellipse class="lan-area" cx={middle.x} cy={middle.y} rx={(width / 2) * LAN.x} ry={(HEIGHT / 2) * LAN.y} />
      <text class="lan-name" x={middle.x - (width / 2) * LAN.x * 0.72} y={middle.y - (HEIGHT / 2) * LAN.y * 0.5}>
        {w.pathLan}
      </text>
      {placed
        .filter(({ member }) => !['self', 'none'].includes(pathKind(member)))
        .map(({ member, x, y }) => (
          <line key={member.peerId} class={`road ${pathKind(member)}`} x1={middle.x} y1={middle.y} x2={x} y2={y} />
        ))}
      {placed.map((spot) => (
        <Machine key={spot.member.peerId} {...spot} />
      ))}
    </svg>
  );
}

export function MeshMap(): VNode {
  const w = peersWords.value;
  const [box, { width }] = useSize();
  return (
    <Panel id="map" title={w.mapTitle}>
      <div class="map-box live-numbers" ref={box}>
        {width < 80 ? null : <Drawing width={width} />}
      </div>
      <p class="legend">
        <span>
          <i class="key road-key lan" /> {w.pathLan}
        </span>
        <span>
          <i class="key road-key direct" /> {w.pathDirect}
        </span>
        <span>
          <i class="key road-key relayed" /> {w.pathRelayed}
        </span>
        <span>{w.mapLegend}</span>
      </p>
    </Panel>
  );
}
