// One member, with all that this node knows of it.
import type { VNode } from 'preact';
import type { MemberView } from '../../api.ts';
import { copy } from '../commands.ts';
import { count, share, short, shortHash, span, stamp } from '../format.ts';
import { Icon } from '../icons.tsx';
import { Button, Facts, MemberMark, Notice, Panel } from '../parts.tsx';
import { go, place } from '../router.ts';
import { canWrite, members, memberToRemove, shownName, status } from '../store.ts';
import { words } from '../words/words.ts';
import { roleWord } from './identity.tsx';
import { pathWord } from './map.tsx';
import { OwnName, Ping } from './own-name.tsx';
import { Reach } from './reach.tsx';
import { WhoKnows } from './who-knows.tsx';
import { peersWords } from './words.ts';

const ENGINE_DIGITS = 16;

/** Mean over its threads. */
function loadOf({ threadLoads }: MemberView): string {
  if (threadLoads === null || threadLoads.length === 0) return '—';
  return share(threadLoads.reduce((sum, load) => sum + load, 0) / threadLoads.length, 0);
}

function facts(member: MemberView): [string, VNode | string][] {
  const w = peersWords.value;
  const here = status.value!;
  const { fingerprint, root, threads } = member;
  const engine = fingerprint === null ? '—' : fingerprint.slice(0, ENGINE_DIGITS) === here.fingerprint;
  return [
    ...(member.givenName === null ? [] : [[w.itsName, member.name] as [string, string]]),
    [w.state, <MemberMark key="state" state={member.state} />],
    [w.role, roleWord(member.role)],
    [w.admitted, stamp(member.admittedAt)],
    [w.path, `${pathWord(member)}${member.rttMs === null ? '' : ` · ${count(member.rttMs)}\u00a0ms`}`],
    [w.seen, member.self ? w.now : span(member.lastSeenMs)],
    [w.threads, threads === null ? '—' : `${count(threads.used)}/${count(threads.total)}`],
    [w.loads, loadOf(member)],
    [w.currentUnit, member.unitId === null ? '—' : shortHash(member.unitId)],
    [w.rate, short(member.backtestsPerSecond)],
    [w.units, count(member.unitsDone)],
    [w.agreement, share(member.agreement)],
    [w.version, member.version ?? '—'],
    [
      w.engine,
      typeof engine === 'string' ? engine : `${shortHash(fingerprint!)} · ${engine ? w.sameEngine : w.otherEngine}`,
    ],
    [
      w.ledgerHead,
      root === null ? '—' : `${shortHash(root)} · ${root === here.ledger.root ? w.sameRoot : w.otherRoot}`,
    ],
    [w.rules, member.rules === null ? '—' : count(member.rules)],
  ];
}

function Detail({ member }: { member: MemberView }): VNode {
  const w = peersWords.value;
  const off = canWrite.value ? undefined : words.value.writesOff;
  const there = member.state !== 'left' && member.state !== 'blocked';
  return (
    <Panel id="peer" title={w.detailTitle} note={shownName(member)} side={<CloseDetail />}>
      <div class="live-numbers peer-detail">
        {member.reason === null ? null : (
          <Notice tone="info" icon="info">
            <span lang="en">{member.reason}</span>
          </Notice>
        )}
        <p class="peer-id">{member.peerId}</p>
        <Facts rows={facts(member)} />
        <Reach key={`reach ${member.peerId}`} member={member} />
        {member.state === 'blocked' ? <WhoKnows /> : null}
        <div class="actions">
          <Button onClick={() => void copy(member.peerId)}>
            <Icon name="copy" /> {w.copyId}
          </Button>
          {member.self ? null : <OwnName key={member.peerId} member={member} />}
          {member.self || !there ? null : <Ping key={`ping ${member.peerId}`} member={member} />}
          {member.self || !there ? null : (
            <Button kind="danger" off={off} onClick={() => (memberToRemove.value = member)}>
              <Icon name="remove" /> {w.remove}
            </Button>
          )}
        </div>
      </div>
    </Panel>
  );
}

function CloseDetail(): VNode {
  return (
    <Button kind="icon" label={peersWords.value.closeDetail} onClick={() => go('/peers')}>
      <Icon name="close" />
    </Button>
  );
}

/** Beside the map: whichever member the address names. */
export function PeerDetail(): VNode | null {
  const { id } = place.value;
  if (id === undefined) return null;
  const member = members.value.find(({ peerId }) => peerId === id);
  if (member !== undefined) return <Detail member={member} />;
  return (
    <Panel id="peer" title={peersWords.value.detailTitle} side={<CloseDetail />}>
      <Notice tone="caution" icon="warning">
        {peersWords.value.unknownPeer}
      </Notice>
    </Panel>
  );
}
