// The few shapes that every panel is made of.
import type { ComponentChildren, VNode } from 'preact';
import type { JobState, MemberState, Mode, ResultView, Risk } from '../api.ts';
import { barSize, count, plain } from './format.ts';
import type { Waiting } from './hold-still.ts';
import { Icon, type IconName } from './icons.tsx';
import { words } from './words/words.ts';

interface PanelProps {
  id: string;
  title: string;
  note?: string | undefined;
  /** Sits at the right end of the upper border. */
  side?: ComponentChildren;
  /** Lets a table reach the border. */
  flush?: boolean;
  children: ComponentChildren;
}

export function Panel({ id, title, note, side, flush = false, children }: PanelProps): VNode {
  return (
    <section class={`panel panel-${id}${flush ? ' flush' : ''}`} id={id} aria-labelledby={`${id}-title`} tabIndex={-1}>
      <header class="panel-head">
        <span class="on-line">
          <h2 id={`${id}-title`}>{title}</h2>
          {note === undefined ? null : <span class="panel-note">{note}</span>}
        </span>
        {side === undefined || side === null ? null : <span class="on-line panel-side">{side}</span>}
      </header>
      <div class="panel-body">{children}</div>
    </section>
  );
}

/** A box that scrolls sideways when it must; reachable by keyboard, so that everyone can scroll it. */
export function TableBox({
  label,
  short = false,
  children,
}: {
  label: string;
  short?: boolean;
  children: ComponentChildren;
}): VNode {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class={`table-box${short ? ' short' : ''}`} tabIndex={0} aria-label={words.value.tableOf(label)}>
      {children}
    </section>
  );
}

/** One row of headers; `look`, a class, says how a column looks and where it is left out. */
export function TableHead({ columns }: { columns: readonly [text: string, look: string][] }): VNode {
  return (
    <thead>
      <tr>
        {columns.map(([text, kind]) => (
          <th key={text} scope="col" class={kind}>
            {text}
          </th>
        ))}
      </tr>
    </thead>
  );
}

interface BlockBarProps {
  label: string;
  value: number;
  of: number;
  /** After the done ones: finished once, not yet confirmed. */
  waiting?: number;
  /** After those: being worked on. */
  running?: number;
}

const percentOf = (value: number, of: number): string => `${of > 0 ? Math.min(100, (100 * value) / of) : 0}%`;

export function BlockBar({ label, value, of, waiting = 0, running = 0 }: BlockBarProps): VNode {
  return (
    <div
      class="blocks"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={Math.max(of, 1)}
      aria-valuenow={Math.min(value, of)}
    >
      <i class="blocks-running" style={{ width: percentOf(value + waiting + running, of) }} />
      <i class="blocks-waiting" style={{ width: percentOf(value + waiting, of) }} />
      <i class="blocks-done" style={{ width: percentOf(value, of) }} />
    </div>
  );
}

type Tone = 'good' | 'info' | 'caution' | 'bad' | 'plain';

interface BadgeProps {
  tone: Tone;
  icon?: IconName;
  text: string;
  title?: string;
}

function Badge({ tone, icon, text, title }: BadgeProps): VNode {
  return (
    <span class={`badge ${tone}`} title={title}>
      {icon === undefined ? null : <Icon name={icon} />}
      <span class="badge-text">{text}</span>
    </span>
  );
}

export function SampleBadge(): VNode {
  return (
    <span class="badge caution sample" title={words.value.sampleHint}>
      {words.value.sample}
    </span>
  );
}

/** Market and candle size, perpetual futures with their leverage, and SAMPLE wherever the candles are made up. */
export function Market({
  of,
}: {
  of: { market: string; barMs: number; sample: boolean; leverage: number | null };
}): VNode {
  return (
    <span class="market">
      {of.market} <span class="dim">{barSize(of.barMs)}</span>
      {of.leverage === null ? null : (
        <span class="dim">
          {' '}
          {words.value.perpetual} ×{plain(of.leverage)}
        </span>
      )}
      {of.sample ? <SampleBadge /> : null}
    </span>
  );
}

export function RiskBadge({ risk }: { risk: Risk }): VNode {
  const tones = { low: 'info', medium: 'plain', high: 'caution' } as const;
  return <Badge tone={tones[risk]} text={riskWord(risk)} title={words.value.risk} />;
}

export function riskWord(risk: Risk): string {
  const { riskLow, riskMedium, riskHigh } = words.value;
  return { low: riskLow, medium: riskMedium, high: riskHigh }[risk];
}

export function ResultBadge({ state }: { state: ResultView['state'] }): VNode {
  const { stateValidated, stateProvisional, stateDisputed } = words.value;
  if (state === 'validated') return <Badge tone="good" icon="check" text={stateValidated} />;
  if (state === 'disputed') return <Badge tone="bad" icon="warning" text={stateDisputed} />;
  return <Badge tone="info" icon="clock" text={stateProvisional} />;
}

export function JobBadge({ state }: { state: JobState }): VNode {
  const w = words.value;
  const looks: Record<JobState, { tone: Tone; icon: IconName; text: string }> = {
    running: { tone: 'info', icon: 'bolt', text: w.jobRunning },
    queued: { tone: 'plain', icon: 'clock', text: w.jobQueued },
    paused: { tone: 'caution', icon: 'pause', text: w.jobPaused },
    complete: { tone: 'good', icon: 'check', text: w.jobComplete },
    stopped: { tone: 'plain', icon: 'stop', text: w.jobStopped },
    failed: { tone: 'bad', icon: 'warning', text: w.jobFailed },
    blocked: { tone: 'caution', icon: 'warning', text: w.jobBlocked },
  };
  return <Badge {...looks[state]} />;
}

export function modeWord(mode: Mode): string {
  const w = words.value;
  const all: Record<Mode, string> = {
    starting: w.modeStarting,
    mining: w.modeMining,
    finishing: w.modeFinishing,
    paused: w.modePaused,
    idle: w.modeIdle,
    error: w.modeError,
  };
  return all[mode];
}

export function stateWord(state: MemberState): string {
  const w = words.value;
  const all: Record<MemberState, string> = {
    working: w.stateWorking,
    idle: w.stateIdle,
    paused: w.statePaused,
    asleep: w.stateAsleep,
    away: w.stateAway,
    left: w.stateLeft,
    blocked: w.stateBlocked,
  };
  return all[state];
}

/** Word, colour and shape of a mode always come together. */
export function ModeMark({ mode }: { mode: Mode }): VNode {
  return (
    <span class={`mode ${mode}`}>
      <i class="mode-shape" aria-hidden="true" />
      {modeWord(mode)}
    </span>
  );
}

interface NoticeProps {
  tone: 'good' | 'info' | 'caution' | 'error';
  icon: IconName;
  children: ComponentChildren;
}

export function Notice({ tone, icon, children }: NoticeProps): VNode {
  return (
    <div class={`notice ${tone}`}>
      <Icon name={icon} />
      <div class="notice-text">{children}</div>
    </div>
  );
}

interface EmptyProps {
  art: 'grid' | 'star' | 'funnel' | 'pulse';
  title: string;
  text: string;
  children?: ComponentChildren;
}

function Art({ art }: { art: EmptyProps['art'] }): VNode {
  const grid = Array.from({ length: 30 }, (_, i) => `M${(i % 10) * 16 + 1} ${Math.floor(i / 10) * 16 + 1}h11v11h-11z`);
  const funnel = [40, 36, 31, 26, 22, 17, 13, 9, 6, 3].map((h, i) => `M${i * 16 + 1} ${23 - h / 2}h11v${h}h-11z`);
  const drawings = {
    grid: grid.join(''),
    funnel: funnel.join(''),
    star: 'M80 3.5v15M80 31.5v12M34 24h36M90 24h36M74 4a6 6 0 1 0 12 0a6 6 0 1 0-12 0M74 44a6 6 0 1 0 12 0a6 6 0 1 0-12 0M22 24a6 6 0 1 0 12 0a6 6 0 1 0-12 0M126 24a6 6 0 1 0 12 0a6 6 0 1 0-12 0',
    pulse: 'M1 24h40l8-14 12 28 10-22 7 8h81',
  };
  return (
    <svg class="art" viewBox="-1 -4 162 56" width="162" height="56" aria-hidden="true" focusable="false">
      <path d={drawings[art]} />
      {art === 'star' ? <circle class="art-self" cx="80" cy="24" r="8" /> : null}
    </svg>
  );
}

export function Empty({ art, title, text, children }: EmptyProps): VNode {
  return (
    <div class="empty">
      <Art art={art} />
      <h3>{title}</h3>
      <p>{text}</p>
      {children === undefined ? null : <div class="empty-actions">{children}</div>}
    </div>
  );
}

interface ButtonProps {
  onClick: () => void;
  children: ComponentChildren;
  kind?: 'plain' | 'primary' | 'danger' | 'icon';
  /** Why it cannot be used now; undefined when it can. */
  off?: string | undefined;
  label?: string | undefined;
  busy?: boolean;
  submit?: boolean;
}

export function Button({
  onClick,
  children,
  kind = 'plain',
  off,
  label,
  busy = false,
  submit = false,
}: ButtonProps): VNode {
  return (
    <button
      type={submit ? 'submit' : 'button'}
      class={`button ${kind}`}
      onClick={onClick}
      disabled={off !== undefined || busy}
      title={off ?? label}
      aria-label={label}
      aria-busy={busy}
    >
      {children}
    </button>
  );
}

/** Names on the left, values on the right. */
export function Facts({ rows }: { rows: readonly [string, ComponentChildren][] }): VNode {
  return (
    <dl class="facts">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** State of a member: word, colour and shape. */
export function MemberMark({ state }: { state: MemberState }): VNode {
  return (
    <span class={`member-mark ${state}`}>
      <i aria-hidden="true" />
      {stateWord(state)}
    </span>
  );
}

/** What would have moved while the table was held still. */
/** In a row that has left its list and is held where it was. */
export const LeftMark = ({ hasLeft }: { hasLeft: boolean }): VNode | null =>
  hasLeft ? <span class="amber"> · {words.value.leftList}</span> : null;

export function MovedChip({ of }: { of: Waiting }): VNode | null {
  if (of.moved === 0) return null;
  return (
    <button type="button" class="chip" onClick={of.release} {...of.handlers}>
      {words.value.moved(count(of.moved))}
    </button>
  );
}
