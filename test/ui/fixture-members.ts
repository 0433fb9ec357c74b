// Who may come in and who goes, of the node in memory: what is asked is noted, and the picture follows.
import { type MemberView, RequestError, type Snapshot } from '../../src/ui/api.ts';
import type { MemberDetail, MembersPort, WeekView } from '../../src/ui/api-members.ts';

type Part = Pick<
  MembersPort,
  'pairing' | 'openPairing' | 'closePairing' | 'admit' | 'refuse' | 'revoke' | 'rename' | 'ping' | 'memberDetail'
>;

interface Inside {
  state: Snapshot;
  calls: string[];
  change(edit: (snapshot: Snapshot) => void): void;
}

const HOUR_MS = 3_600_000;
const HOURS = 168;
/** An address that tries to be more than text. */
const HOSTILE_ADDRESS = '/dns4/<b>evil</b>\u202egro.live/tcp/1';

/** Unknown for two days, then there by day and off by night, gone for half an hour at one noon; the hour of now is half over. */
function weekOf(now: number): WeekView {
  const isThere = (hour: number): boolean => hour % 24 >= 8 && hour % 24 < 22;
  const ms = (hour: number): number => (hour < 48 ? 0 : hour === HOURS - 1 ? HOUR_MS / 2 : HOUR_MS);
  const share = (hour: number): number => (!isThere(hour) ? 0 : hour === 60 ? 0.5 : 1);
  const hours = Array.from({ length: HOURS }, (_, hour) => hour);
  return {
    from: new Date((Math.floor(now / HOUR_MS) - HOURS + 1) * HOUR_MS).toISOString(),
    online: hours.map((hour) => ms(hour) * share(hour)),
    offline: hours.map((hour) => ms(hour) * (1 - share(hour))),
  };
}

/** Of a connected member the connection, of another one what became of the attempts. */
function detailOf(members: readonly MemberView[], member: MemberView): MemberDetail {
  const now = Date.now();
  const at = (ms: number): string => new Date(now + ms).toISOString();
  const founder = { peerId: members[0]!.peerId, name: members[0]!.name };
  const admission = { entry: 'ad'.repeat(32), at: member.admittedAt, by: founder, invitedBy: founder };
  const nothing = { connection: null, ways: [], attempts: null, traffic: null, week: null };
  if (member.self) return { member, admission: { ...admission, by: null, invitedBy: null }, ...nothing };
  const address = '/ip4/192.168.1.24/tcp/22071';
  const isHere = member.connected;
  const dialsItself = member.peerId === members[3]!.peerId;
  const refused = { code: 'connection_refused', message: 'Connection refused: nothing listens there.' } as const;
  const other = { code: 'dial_failed', message: 'SomethingError: <i>no</i>' } as const;
  return {
    ...{ member, admission },
    connection: isHere ? { address, since: at(-7_200_000), openedHere: !dialsItself } : null,
    ways: [
      {
        address,
        heardAt: at(-4000),
        triedAt: at(isHere ? -7_200_000 : -36_000),
        problem: isHere ? null : refused,
        inUse: isHere,
      },
      { address: '/ip4/100.64.0.7/tcp/22071', heardAt: at(-120_000), triedAt: null, problem: null, inUse: false },
      { address: HOSTILE_ADDRESS, heardAt: at(-900_000), triedAt: at(-61_000), problem: other, inUse: false },
    ],
    attempts: isHere ? null : { failed: 5, nextAt: at(24_000), dialling: dialsItself },
    traffic: { in: 4_812_000, out: 934_000, since: at(-86_400_000) },
    week: weekOf(now),
  };
}

const ROOT_AFTER = 'ab'.repeat(32);

export function fixtureMembers({ state, calls, change }: Inside): Part {
  const pairing = () => structuredClone(state.pairing);
  const leaves = (who: string): void => {
    if (!state.pairing.pending.some(({ peerId }) => peerId === who))
      throw new RequestError('pending_unknown', 'No such machine is here.', { status: 404 });
    change((snapshot) => {
      snapshot.pairing.pending = snapshot.pairing.pending.filter(({ peerId }) => peerId !== who);
    });
  };
  return {
    pairing,
    async openPairing({ as = 'host', minutes = 10 }) {
      calls.push(`openPairing ${as} ${minutes}`);
      const until = new Date(Date.now() + minutes * 60_000).toISOString();
      change((snapshot) => {
        Object.assign(snapshot.pairing, { hostUntil: null, guestUntil: null, [`${as}Until`]: until });
      });
      return pairing();
    },
    async closePairing() {
      calls.push('closePairing');
      change((snapshot) => {
        snapshot.pairing = { hostUntil: null, guestUntil: null, reason: null, pending: [] };
      });
      return pairing();
    },
    async admit(who, { role = 'member' }) {
      calls.push(`admit ${who} ${role}`);
      leaves(who);
      return { peerId: who, name: 'attic', role };
    },
    async refuse(who) {
      calls.push(`refuse ${who}`);
      leaves(who);
      return pairing();
    },
    rename(who, { name }) {
      calls.push(`rename ${who} ${name}`);
      const given = name === '' ? null : name;
      change(({ members }) => {
        members.find(({ peerId }) => peerId === who)!.givenName = given;
      });
      return { peerId: who, name: state.members.find(({ peerId }) => peerId === who)!.name, givenName: given };
    },
    memberDetail(who) {
      const member = state.members.find(({ peerId }) => peerId === who);
      if (member === undefined) throw new RequestError('member_unknown', 'No member has this id.', { status: 404 });
      return detailOf(structuredClone(state.members), structuredClone(member));
    },
    async ping(who) {
      calls.push(`ping ${who}`);
      const { name, connected } = state.members.find(({ peerId }) => peerId === who)!;
      if (!connected) throw new RequestError('not_connected', 'There is no connection.', { status: 409 });
      return { peerId: who, name, ms: 3.4 };
    },
    async revoke(member, { discardSince }) {
      calls.push(`revoke ${member}${discardSince === undefined ? '' : ' and discard'}`);
      change(({ members, status }) => {
        const gone = members.find(({ peerId }) => peerId === member)!;
        Object.assign(gone, { state: 'blocked', connected: false, path: null });
        status.ledger.root = ROOT_AFTER;
        members.find(({ self }) => self)!.root = ROOT_AFTER;
      });
      const discarded = discardSince === undefined ? 0 : 12;
      return { peerId: member, name: 'tablet', entry: 'e-1', kept: 40 - discarded, discarded, root: ROOT_AFTER };
    },
  };
}
