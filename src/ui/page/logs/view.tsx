// The lines themselves, newest at the bottom. Only those near the eye are in the document, however many there are.
import type { VNode } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { LogLine } from '../../api-logs.ts';
import { count } from '../format.ts';
import { words } from '../words/words.ts';
import { wanted } from './filter.ts';
import { logsWords } from './words.ts';

/** Of a row, as the style sheet has it. */
const ROW_PX = 24;
/** Rows beyond the edges, so that a quick wheel meets no void. */
const BEYOND = 20;
const BOTTOM_PX = 4;

/** 18:42:07.114, UTC. */
const clockOf = (at: string): string => at.slice(11, 23);

function Marked({ text }: { text: string }): VNode {
  const pattern = wanted.value;
  const found = pattern instanceof RegExp ? pattern.exec(text) : null;
  if (found === null || found[0] === '') return <>{text}</>;
  const end = found.index + found[0].length;
  return (
    <>
      {text.slice(0, found.index)}
      <mark>{found[0]}</mark>
      {text.slice(end)}
    </>
  );
}

function Row({ line, chosen, onChoose }: { line: LogLine; chosen: boolean; onChoose: () => void }): VNode {
  return (
    <li>
      <button type="button" class={`log-row ${line.level}`} aria-pressed={chosen} onClick={onChoose}>
        <span class="dim log-time">{clockOf(line.at)}</span>
        <strong class="log-level">{line.level.toUpperCase()}</strong>
        <span class="cyan log-part">{line.part}</span>
        <span class="log-message">
          <Marked text={line.message} />
          {line.detail.length === 0 ? null : (
            <span class="dim">
              {' '}
              <Marked text={line.detail[0]!} />
            </span>
          )}
        </span>
      </button>
    </li>
  );
}

interface LogBoxProps {
  lines: readonly LogLine[];
  chosen: number | undefined;
  onChoose: (seq: number) => void;
  follow: boolean;
  onFollow: (follow: boolean) => void;
}

export function LogBox({ lines, chosen, onChoose, follow, onFollow }: LogBoxProps): VNode {
  const w = logsWords.value;
  const box = useRef<HTMLElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(0);
  /** The last line that was seen at the bottom. */
  const seen = useRef(0);
  /** What stands at the upper edge: it stays there while older lines go and others come. */
  const edge = useRef({ seq: 0, offset: 0 });
  const last = lines.at(-1)?.seq ?? 0;
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    setHeight(element.clientHeight);
    if (follow) {
      element.scrollTop = element.scrollHeight;
      seen.current = last;
      return;
    }
    const at = lines.findIndex(({ seq }) => seq >= edge.current.seq);
    if (at >= 0) element.scrollTop = at * ROW_PX + edge.current.offset;
  }, [follow, lines]);
  const onScroll = (event: Event): void => {
    const { scrollTop, scrollHeight, clientHeight } = event.currentTarget as HTMLElement;
    setTop(scrollTop);
    edge.current = { seq: lines[Math.floor(scrollTop / ROW_PX)]?.seq ?? 0, offset: scrollTop % ROW_PX };
    const atBottom = scrollHeight - scrollTop - clientHeight <= BOTTOM_PX;
    if (atBottom !== follow) onFollow(atBottom);
  };
  const from = Math.max(0, Math.floor(top / ROW_PX) - BEYOND);
  const to = Math.min(lines.length, Math.ceil((top + height) / ROW_PX) + BEYOND);
  const fresh = lines.filter(({ seq }) => seq > seen.current).length;
  return (
    <div class="log-frame">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section class="log-box" ref={box} onScroll={onScroll} tabIndex={0} aria-label={words.value.tableOf(w.title)}>
        <ol class="live-numbers" style={{ height: `${lines.length * ROW_PX}px`, paddingTop: `${from * ROW_PX}px` }}>
          {lines.slice(from, to).map((line) => (
            <Row key={line.seq} line={line} chosen={line.seq === chosen} onChoose={() => onChoose(line.seq)} />
          ))}
        </ol>
      </section>
      {follow || fresh === 0 ? null : (
        <button type="button" class="chip log-new" onClick={() => onFollow(true)}>
          ↓ {w.newLines(count(fresh))}
        </button>
      )}
    </div>
  );
}
