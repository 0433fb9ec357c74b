// What happened last in the mesh. The sentences are the node's own.
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { NodeEvent } from '../../api.ts';
import { hourMinute, stamp } from '../format.ts';
import { Empty, Panel } from '../parts.tsx';
import { activity } from '../store.ts';
import { words } from '../words/words.ts';

const ROWS_MAX = 8;

const SHAPES: Record<NodeEvent['type'], { sign: string; tone: string }> = {
  'job.created': { sign: '▸', tone: 'cyan' },
  'job.changed': { sign: '▸', tone: 'dim' },
  'job.judged': { sign: '◆', tone: 'cyan' },
  'unit.started': { sign: '▸', tone: 'accent' },
  'unit.progress': { sign: '▸', tone: 'dim' },
  'unit.finished': { sign: '■', tone: 'accent' },
  'unit.validated': { sign: '✓', tone: 'accent' },
  'unit.disputed': { sign: '▲', tone: 'amber' },
  'member.joined': { sign: '+', tone: 'accent' },
  'member.connected': { sign: '●', tone: 'accent' },
  'member.disconnected': { sign: '○', tone: 'dim' },
  'node.mode': { sign: '■', tone: 'cyan' },
  'ledger.changed': { sign: '≡', tone: 'dim' },
  'dataset.added': { sign: '+', tone: 'cyan' },
  'dataset.removed': { sign: '−', tone: 'dim' },
  problem: { sign: '▲', tone: 'red' },
};

export function Activity(): VNode {
  const w = words.value;
  // Under the pointer the list holds still.
  const [held, setHeld] = useState<NodeEvent[] | undefined>(undefined);
  const events = held ?? activity.value.slice(0, ROWS_MAX);
  return (
    <Panel id="activity" title={w.activityTitle}>
      {events.length === 0 ? (
        <Empty art="pulse" title={w.activityEmpty} text={w.activityEmptyText} />
      ) : (
        <ol class="feed" onMouseEnter={() => setHeld(events)} onMouseLeave={() => setHeld(undefined)}>
          {events.map(({ id, at, type, message }) => (
            <li key={id}>
              <time dateTime={at} title={stamp(at)}>
                {hourMinute(at)}
              </time>
              <span class={`feed-sign ${SHAPES[type].tone}`} aria-hidden="true">
                {SHAPES[type].sign}
              </span>
              <span lang="en" class="feed-text">
                {message}
              </span>
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}
