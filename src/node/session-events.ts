// What mesh and worker of a session tell the rest of the node.
import { fromHex, toHex } from '../protocol/bytes.ts';
import { peerIdText } from '../protocol/keys.ts';
import type { Presence } from '../protocol/messages.ts';
import type { MeshEvents } from './mesh.ts';
import type { Session, SessionDeps } from './session.ts';
import type { CurrentWork } from './unit-run.ts';
import type { WorkEvents } from './work-loop.ts';

type TellDeps = Pick<SessionDeps, 'events' | 'signer'>;

export function meshEvents({ events, signer }: TellDeps, parts: Partial<Session>): MeshEvents {
  const self = toHex(signer.publicKey);
  const name = (peerId: string): string => {
    const members = parts.ledger?.state().members.values() ?? [];
    return [...members].find(({ key }) => peerIdText(fromHex(key)) === peerId)?.name ?? peerId.slice(-6);
  };
  const lookAround = (): void => {
    parts.lobby?.lookAround().catch((error: Error) => {
      const message = `The local network cannot be searched for machines to pair with: ${error.message}`;
      events.problem('discovery_failed', message);
    });
  };
  return {
    connected(peerId) {
      events.emit('member.connected', `Connected with ${name(peerId)}.`, { peerId });
      parts.travel?.data.look();
    },
    disconnected: (peerId) =>
      events.emit('member.disconnected', `The connection with ${name(peerId)} ended.`, { peerId }),
    presence: (presence: Presence) => {
      if (toHex(presence.member) === self) return;
      parts.work?.nudge();
    },
    woke(sleptMs) {
      lookAround();
      events.emit('node.mode', `Woke up after ${Math.round(sleptMs / 1000)} s.`, { moved: true });
    },
    moved() {
      lookAround();
      events.emit('node.mode', 'The addresses of this machine changed.', { moved: true });
    },
    problem: (code, message) => events.problem(code, message),
    solved: (code) => events.solved(code),
  };
}

export function workEvents({ events }: TellDeps, parts: Partial<Session>): WorkEvents {
  const label = ({ job, index }: CurrentWork): string => `unit ${index + 1} of ${job.job.units} of “${job.job.name}”`;
  const ids = (unit: CurrentWork) => ({ unit: unit.unit, job: unit.job.id });
  return {
    changed() {
      if (parts.work === undefined) return;
      parts.mesh?.announce();
      events.emit('node.mode', parts.work.reason ?? 'Mining.');
    },
    generation(unit) {
      const { generation, generations } = unit.report!;
      events.emit('unit.progress', `Generation ${generation} of ${generations}.`, {
        ...ids(unit),
        generation,
        generations,
      });
    },
    started(unit) {
      parts.mesh?.announce();
      events.emit('unit.started', `Took ${label(unit)}.`, ids(unit));
    },
    finished(unit, outcome) {
      events.emit('unit.finished', `Finished ${label(unit)}.`, { ...ids(unit), digest: outcome.digest });
    },
    problem: (code, message) => events.problem(code, message),
    solved: (code) => events.solved(code),
  };
}
