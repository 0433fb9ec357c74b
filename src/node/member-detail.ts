// One member as page, API and command line see it: how it is reached from here, when it was there, how it came in.
import type { Ledger } from '../ledger/ledger.ts';
import type { Member } from '../ledger/membership.ts';
import { fromHex, type Hex, toHex } from '../protocol/bytes.ts';
import { peerIdText } from '../protocol/keys.ts';
import type { AdmissionView, MemberDetail, SayerView } from '../ui/api-members.ts';
import type { Attendance } from './attendance.ts';
import type { Contact } from './contact.ts';
import type { OwnNames } from './own-names.ts';
import type { Session } from './session.ts';
import { isoTime, memberViews, nameOf, removerOf } from './views.ts';

export interface DetailDeps {
  names: OwnNames;
  attendance: Pick<Attendance, 'week'>;
  /** ms since 1970. */
  now(): number;
  /** Monotonic, ms. */
  monotonic(): number;
}

export function memberDetail(deps: DetailDeps, { ledger, mesh, world }: Session, { key }: Member): MemberDetail {
  const peerId = peerIdText(fromHex(key));
  const member = memberViews(world(), deps.names.of).find((each) => each.peerId === peerId)!;
  const admission = admissionOf(ledger, world(), ledger.state().members.get(key)!);
  if (member.self) {
    return { member, admission, connection: null, ways: [], attempts: null, traffic: null, week: null };
  }
  return { member, admission, ...reached(deps, mesh.contact(peerId)), week: deps.attendance.week(peerId) };
}

type Reached = Pick<MemberDetail, 'connection' | 'ways' | 'attempts' | 'traffic'>;

function reached({ now, monotonic }: DetailDeps, contact: Contact): Reached {
  const { ways, attempts, connection, traffic, trafficSince } = contact;
  const at = (moment: number): string => isoTime(now() + moment - monotonic());
  const used = connection?.remoteAddr.toString().split('/p2p/')[0];
  const openedHere = connection?.direction === 'outbound';
  return {
    connection:
      connection === undefined ? null : { address: used ?? '', since: isoTime(connection.timeline.open), openedHere },
    ways: ways.map(({ address, heardAt, triedAt, problem }) => ({
      address,
      heardAt: at(heardAt),
      triedAt: triedAt === undefined ? null : at(triedAt),
      problem: problem ?? null,
      inUse: openedHere && address === used,
    })),
    attempts:
      attempts === undefined || connection !== undefined
        ? null
        : {
            failed: attempts.failed,
            nextAt: attempts.nextAt === undefined ? null : at(attempts.nextAt),
            dialling: attempts.dialling,
          },
    traffic: traffic === undefined ? null : { ...traffic, since: isoTime(trafficSince) },
  };
}

type World = ReturnType<Session['world']>;

function admissionOf(ledger: Ledger, world: World, { entry, time, parent }: Member): AdmissionView {
  const place = { entry, at: isoTime(time) };
  if (parent === '') return { ...place, by: null, invitedBy: null };
  const { author, data } = entryOf(ledger, entry);
  const hadTicket = (data as { invite?: unknown }).invite !== undefined;
  return { ...place, by: sayer(world, author), invitedBy: hadTicket ? sayer(world, parent) : null };
}

function entryOf(ledger: Ledger, id: Hex) {
  for (const { author, log, entries } of ledger.logs()) {
    for (const seq of entries.withDigits(id)) return ledger.entry(author, log, seq);
  }
  throw new Error(`the ledger does not hold ${id}, by which a member is in`);
}

function sayer(world: World, key: Hex): SayerView {
  const isRoot = key === toHex(world.state.mesh.genesis.root);
  return isRoot
    ? { peerId: null, name: removerOf(world, key) }
    : { peerId: peerIdText(fromHex(key)), name: nameOf(world, key) };
}
