// Who may come in and who goes, of the node in memory: what is asked is noted, and the picture follows.
import { RequestError, type Snapshot } from '../../src/ui/api.ts';
import type { MembersPort } from '../../src/ui/api-members.ts';

type Part = Pick<MembersPort, 'pairing' | 'openPairing' | 'closePairing' | 'admit' | 'refuse' | 'revoke'>;

interface Inside {
  state: Snapshot;
  calls: string[];
  change(edit: (snapshot: Snapshot) => void): void;
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
