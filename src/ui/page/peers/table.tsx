// Every member, one a row.
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { MemberView } from '../../api.ts';
import { pathOf } from '../../places.ts';
import { count, share, short, shortId, span } from '../format.ts';
import { useHeld } from '../hold-still.ts';
import { Icon, osIcon } from '../icons.tsx';
import { BlockBar, LeftMark, MemberMark, MovedChip, Panel, TableBox, TableHead } from '../parts.tsx';
import { place } from '../router.ts';
import { isOnline, members, online, present, shownName, status } from '../store.ts';
import { pathWord } from './map.tsx';
import { peersWords } from './words.ts';

/** Below this share of agreement something is wrong with a machine. */
const AGREEMENT_LEAST = 0.97;
const idOf = ({ peerId }: MemberView): string => peerId;
const isGone = ({ state }: MemberView): boolean => state === 'left' || state === 'blocked';

/** This node, then who is here by what it does, then who is away by when it was seen. */
function sorted(all: readonly MemberView[]): MemberView[] {
  const rank = (member: MemberView): number => (member.self ? 3 : isOnline(member) ? 2 : isGone(member) ? 0 : 1);
  return [...all].sort(
    (a, b) =>
      rank(b) - rank(a) ||
      (isOnline(a) ? 0 : (a.lastSeenMs ?? Number.MAX_SAFE_INTEGER) - (b.lastSeenMs ?? Number.MAX_SAFE_INTEGER)) ||
      (b.backtestsPerSecond ?? 0) - (a.backtestsPerSecond ?? 0) ||
      (a.peerId < b.peerId ? -1 : 1),
  );
}

/** Numbers of a version, so that 0.10 is later than 0.9. */
const numbersOf = (version: string): number[] => version.split(/[.-]/).map((part) => Number(part) || 0);

function isOlder(version: string, than: string): boolean {
  const [a, b] = [numbersOf(version), numbersOf(than)];
  const differs = a.findIndex((n, i) => n !== (b[i] ?? 0));
  return differs !== -1 && a[differs]! < (b[differs] ?? 0);
}

function Threads({ member }: { member: MemberView }): VNode {
  const { threads } = member;
  const name = shownName(member);
  if (threads === null) return <>—</>;
  return (
    <span class="thread-bar">
      <span>
        {count(threads.used)}/{count(threads.total)}
      </span>
      <BlockBar label={`${peersWords.value.threads}: ${name}`} value={threads.used} of={threads.total} />
    </span>
  );
}

function Seen({ member }: { member: MemberView }): VNode {
  if (isOnline(member)) return <>{peersWords.value.now}</>;
  return <span class={isGone(member) ? 'dim' : 'amber'}>{span(member.lastSeenMs)}</span>;
}

function Row({ member, hasLeft }: { member: MemberView; hasLeft: boolean }): VNode {
  const w = peersWords.value;
  const { peerId, givenName, self, agreement, version } = member;
  const name = shownName(member);
  const older = version !== null && status.value !== undefined && isOlder(version, status.value.version);
  const odd = agreement !== null && agreement < AGREEMENT_LEAST;
  return (
    <tr
      class={`${place.value.id === peerId ? 'selected' : ''}${isOnline(member) ? '' : ' off'}${hasLeft ? ' left' : ''}`}
    >
      <th scope="row">
        <span class="peer-name">
          <Icon name={osIcon(member.os)} />
          <span>
            <a href={pathOf('peers', peerId)} aria-label={w.openPeer(name)} class={self ? 'accent' : ''}>
              {name}
            </a>
            <span class="sub">
              {givenName === null ? '' : `${member.name} · `}
              {shortId(peerId)}
              <LeftMark hasLeft={hasLeft} />
            </span>
          </span>
        </span>
      </th>
      <td title={member.reason ?? undefined}>
        <MemberMark state={member.state} />
      </td>
      <td class="low">
        <Threads member={member} />
      </td>
      <td class="number">{short(member.backtestsPerSecond)}</td>
      <td class="number low">{count(member.unitsDone)}</td>
      <td class={`number low${odd ? ' amber' : ''}`} title={w.agreementHint}>
        {share(agreement)}
      </td>
      <td class="lower">{pathWord(member)}</td>
      <td class="number lower">{member.rttMs === null ? '—' : `${count(member.rttMs)}\u00a0ms`}</td>
      <td class="number low">
        <Seen member={member} />
      </td>
      <td class={`lower ${older ? 'amber' : 'dim'}`} title={older ? w.olderVersion : undefined}>
        {version ?? '—'}
      </td>
    </tr>
  );
}

function Head(): VNode {
  const w = peersWords.value;
  const columns: [string, string][] = [
    [w.peer, ''],
    [w.state, ''],
    [w.threads, 'low'],
    [w.rate, 'number'],
    [w.units, 'number low'],
    [w.agreement, 'number low'],
    [w.path, 'lower'],
    [w.rtt, 'number lower'],
    [w.seen, 'number low'],
    [w.version, 'lower'],
  ];
  return <TableHead columns={columns} />;
}

export function PeersTable(): VNode {
  const w = peersWords.value;
  const [withGone, setWithGone] = useState(false);
  const gone = members.value.length - present.value.length;
  const shown = sorted(withGone ? members.value : present.value);
  const { rows, hasLeft, waiting, handlers } = useHeld(shown, idOf, String(withGone), members.value);
  return (
    <Panel
      id="peers"
      title={w.tableTitle}
      note={`${count(online.value.length)}/${count(present.value.length)}`}
      flush
      side={<MovedChip of={waiting} />}
    >
      <TableBox label={w.tableTitle}>
        <table>
          <Head />
          <tbody class="live-numbers rows-open" {...handlers}>
            {rows.map((member) => (
              <Row key={member.peerId} member={member} hasLeft={hasLeft(member)} />
            ))}
          </tbody>
        </table>
      </TableBox>
      <p class="table-foot dim">
        {w.agreement}: {w.agreementHint}.{' '}
        {gone === 0 ? null : (
          <button type="button" class="link" aria-pressed={withGone} onClick={() => setWithGone(!withGone)}>
            {withGone ? w.hideGone : `${w.showGone} (${count(gone)})`}
          </button>
        )}
      </p>
    </Panel>
  );
}
