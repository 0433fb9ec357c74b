// Every machine of the mesh and every thread of every machine.
import type { VNode } from 'preact';
import type { MemberView } from '../../api.ts';
import { count, share, short, span } from '../format.ts';
import { Icon, osIcon } from '../icons.tsx';
import { Button, Empty, Panel, stateWord } from '../parts.tsx';
import { allThreads, alone, busyThreads, canWrite, isOnline, members, openDialog, shownName } from '../store.ts';
import { words } from '../words/words.ts';

const ROWS_MAX = 24;
const ROWS_SHOWN = 20;
/** Cells of a machine whose threads are not known. */
const LEVELS = [0.05, 0.5, 0.75, 0.9];

const levelOf = (load: number): number => LEVELS.filter((least) => load >= least).length;

function cellsOf(member: MemberView): number[] {
  const { threads, threadLoads } = member;
  if (threadLoads !== null) return threadLoads.map(levelOf);
  if (threads === null) return [];
  return Array.from({ length: threads.total }, (_, i) => (i < threads.used ? 3 : 0));
}

function Cells({ member }: { member: MemberView }): VNode {
  const w = words.value;
  const name = shownName(member);
  const label =
    member.threads === null
      ? w.meshUnknown(name)
      : w.meshBusy(name, count(member.threads.used), count(member.threads.total));
  const off = !isOnline(member);
  return (
    <span class="cells" role="img" aria-label={label}>
      {cellsOf(member).map((level, i) => (
        <i key={i} class={off ? 'cell off' : `cell l${level}`} />
      ))}
    </span>
  );
}

function Rate({ member }: { member: MemberView }): VNode {
  const w = words.value;
  const { state, backtestsPerSecond, lastSeenMs } = member;
  if (!isOnline(member)) {
    const seen = lastSeenMs === null ? undefined : w.seen(span(lastSeenMs));
    return (
      <span class="rate dim" title={seen}>
        {lastSeenMs === null ? stateWord(state) : `${stateWord(state)} ${span(lastSeenMs)}`}
      </span>
    );
  }
  if (state !== 'working') {
    return (
      <span class="rate dim" title={member.reason ?? undefined}>
        {stateWord(state)}
      </span>
    );
  }
  return (
    <span class="rate">
      {short(backtestsPerSecond)}
      <span class="dim">/s</span>
    </span>
  );
}

function Row({ member }: { member: MemberView }): VNode {
  const w = words.value;
  const about = member.agreement === null ? '' : ` · ${w.agreement} ${share(member.agreement)}`;
  return (
    <li class={`member${member.self ? ' self' : ''}${isOnline(member) ? '' : ' off'}`}>
      <Icon name={osIcon(member.os)} />
      <span class="member-name" title={`${shownName(member)}${member.self ? ` · ${w.you}` : ''}${about}`}>
        {shownName(member)}
      </span>
      <Cells member={member} />
      <Rate member={member} />
      <span class="member-units dim">{w.meshUnits(member.unitsDone, count(member.unitsDone))}</span>
    </li>
  );
}

function sorted(all: readonly MemberView[]): MemberView[] {
  const rank = (member: MemberView): number => (member.self ? 2 : isOnline(member) ? 1 : 0);
  return all
    .filter(({ state }) => state !== 'left' && state !== 'blocked')
    .sort(
      (a, b) =>
        rank(b) - rank(a) ||
        (b.backtestsPerSecond ?? 0) - (a.backtestsPerSecond ?? 0) ||
        (a.peerId < b.peerId ? -1 : 1),
    );
}

function Legend(): VNode {
  const w = words.value;
  return (
    <p class="legend">
      <span>
        <i class="cell l0" /> {w.legendIdle}
      </span>
      <span>
        <i class="cell l2" /> {share(0.5, 0)}
      </span>
      <span>
        <i class="cell l3" /> {share(0.75, 0)}
      </span>
      <span>
        <i class="cell l4" /> {share(1, 0)}
      </span>
      <span>
        <i class="cell off" /> {w.legendOffline}
      </span>
    </p>
  );
}

function Alone(): VNode {
  const w = words.value;
  const off = canWrite.value ? undefined : w.writesOff;
  return (
    <Empty art="star" title={w.aloneTitle} text={w.aloneText}>
      <Button kind="primary" off={off} onClick={() => (openDialog.value = 'invite')}>
        <Icon name="plus" /> {w.invite}
      </Button>
      <Button off={off} onClick={() => (openDialog.value = 'join')}>
        {w.join}
      </Button>
    </Empty>
  );
}

export function Mesh(): VNode {
  const w = words.value;
  const all = sorted(members.value);
  const shown = all.length > ROWS_MAX ? all.slice(0, ROWS_SHOWN) : all;
  const invite = alone.value ? null : (
    <Button
      kind="icon"
      label={w.invite}
      off={canWrite.value ? undefined : w.writesOff}
      onClick={() => (openDialog.value = 'invite')}
    >
      <Icon name="plus" />
    </Button>
  );
  return (
    <Panel
      id="mesh"
      title={w.meshTitle}
      note={w.meshNote}
      side={
        <>
          <span class="dim">{w.meshThreads(count(busyThreads.value), count(allThreads.value))}</span>
          {invite}
        </>
      }
    >
      <ul class="members live-numbers">
        {shown.map((member) => (
          <Row key={member.peerId} member={member} />
        ))}
        {shown.length < all.length ? <li class="dim more">{w.meshMore(count(all.length - shown.length))}</li> : null}
      </ul>
      <Legend />
      {alone.value ? <Alone /> : null}
    </Panel>
  );
}
