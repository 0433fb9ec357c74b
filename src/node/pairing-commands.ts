// What a person says of pairing on the local network.
import { RequestError } from '../ui/api.ts';
import type { AdmittedView, MembersPort, PairingView, PendingView } from '../ui/api-members.ts';
import type { Met } from './pairing.ts';
import { PairRefusedError } from './pairing-talk.ts';
import type { Session } from './session.ts';

const MINUTES_DEFAULT = 10;

interface PairingRules {
  /** Throws RequestError `role` where this node is no admin. */
  requireAdmin(session: Session, what: string): void;
}

type PairingPort = Pick<MembersPort, 'pairing' | 'openPairing' | 'closePairing' | 'admit' | 'refuse'>;

/** `need`: the session, or a RequestError that says why there is none. */
export function pairingCommands({ requireAdmin }: PairingRules, need: () => Session): PairingPort {
  return {
    pairing: () => pairingView(need()),
    async openPairing({ as = 'host', minutes = MINUTES_DEFAULT }) {
      const session = need();
      if (!session.pairing.isPossible) {
        const why = 'The local network is not searched on this machine (--no-mdns). Use a ticket.';
        throw new RequestError('pairing_off', why, { status: 409 });
      }
      if (as === 'host') requireAdmin(session, 'let machines in');
      else requireAlone(session);
      session.pairing.open(as, minutes);
      await session.lobby.update();
      return pairingView(session);
    },
    async closePairing() {
      const session = need();
      session.pairing.close();
      await session.lobby.update();
      return pairingView(session);
    },
    async admit(who, { role = 'member' }): Promise<AdmittedView> {
      const session = need();
      requireAdmin(session, 'let machines in');
      if (session.pairing.hostUntil() === undefined) {
        const message = 'Nobody is let in at the moment. Open the window first (stratmesh pending --open MINUTES).';
        throw new RequestError('pairing_closed', message, { status: 409 });
      }
      const met = find(session.pairing.met(), who);
      if (!met.canAdmit)
        throw new RequestError('pending_gone', `${met.who.name} does not ask any more.`, { status: 409 });
      try {
        return { peerId: met.peerId, name: await session.pairing.admit(met, role), role };
      } catch (error) {
        throw asRequestError(met.who.name, error);
      }
    },
    async refuse(who) {
      const session = need();
      session.pairing.refuse(find(session.pairing.met(), who));
      return pairingView(session);
    },
  };
}

function pairingView({ pairing }: Session): PairingView {
  const iso = (until: number | undefined): string | null =>
    until === undefined ? null : new Date(until).toISOString();
  return {
    hostUntil: iso(pairing.hostUntil()),
    guestUntil: iso(pairing.guestUntil()),
    reason: reasonOf(pairing),
    pending: pairing.met().map(pendingView),
  };
}

function reasonOf({ isPossible, isFull }: Session['pairing']): string | null {
  if (!isPossible) return 'The local network is not searched on this machine (--no-mdns).';
  return isFull ? 'As many machines were met as one window can hold. For others close it and open it again.' : null;
}

function pendingView({ peerId, who, digits, canAdmit, canJoin, admitting }: Met): PendingView {
  const { name, os, version, meshName, members } = who;
  const state = admitting ? 'admitting' : 'waiting';
  return { peerId, name, os, version, meshName, members, digits, canAdmit, canJoin, state };
}

/** A mesh of others is left with all that it knows of this machine, which nobody does by a click. */
function requireAlone({ ledger }: Session): void {
  const { members, mesh } = ledger.state();
  if (members.size === 1) return;
  throw new RequestError(
    'already_member',
    `This machine is a member of “${mesh.genesis.name}” together with others. Use another --data-dir to join a second mesh.`,
    { status: 409 },
  );
}

/** By peer id, or by the name that it shows. */
function find(met: readonly Met[], who: string): Met {
  const named = met.filter(({ peerId, key, who: { name } }) => peerId === who || key === who || name === who);
  const [only] = named;
  if (only === undefined) {
    throw new RequestError('pending_unknown', `No machine with the name or id ${who} is here.`, {
      status: 404,
    });
  }
  if (named.length > 1) {
    const ids = named.map(({ peerId, digits }) => `${peerId} (${digits})`).join(', ');
    throw new RequestError('pending_ambiguous', `${named.length} machines call themselves ${who}. Say which: ${ids}.`, {
      status: 409,
    });
  }
  return only;
}

const CODES = new Set(['pairing_busy', 'pairing_closed', 'pending_gone', 'removed']);

/** What the other machine says is no word of this program. */
function asRequestError(name: string, error: unknown): RequestError {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof PairRefusedError && CODES.has(error.code) ? error.code : 'pending_gone';
  return new RequestError(code, `${name} was not let in: ${message}`, { status: 409 });
}
