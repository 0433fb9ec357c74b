// The invariants, by name, checked from the bytes on the disks by code that uses nothing of what it checks: its own
// decoding, hashing and verification, and the rules of docs/protocol.md written out once more.
import { createHash, createPublicKey, verify } from 'node:crypto';
import * as dagCbor from '@ipld/dag-cbor';
import type { State } from '../../src/ledger/derive.ts';
import type { Vote } from '../../src/ledger/verdict.ts';
import type { Entry } from '../../src/protocol/entry.ts';
import { type Control, type Job, KINDS, type Kind, type Result } from '../../src/protocol/kinds.ts';
import { membersOf, type ReferenceMember, verdictOf } from '../ledger/support/reference.ts';

export interface Plain {
  id: string;
  mesh: string;
  author: string;
  log: string;
  seq: number;
  prev: string;
  kind: string;
  data: unknown;
  isSigned: boolean;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const hash = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');
const PREFIX = Buffer.from('stratmesh/entry/1\n');
const byText = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
const read = new Map<string, Plain>();

export function forgetBlocks(): void {
  read.clear();
}

export function plainOf(block: Uint8Array): Plain {
  const id = hex(hash(block));
  const known = read.get(id);
  if (known !== undefined) return known;
  const [body, signature] = dagCbor.decode<[Uint8Array, Uint8Array]>(block);
  const [, mesh, author, log, seq, prev, , kind, data] =
    dagCbor.decode<[number, Uint8Array, Uint8Array, Uint8Array, number, Uint8Array, number, string, unknown]>(body);
  const key = createPublicKey({ key: Buffer.concat([SPKI, author]), format: 'der', type: 'spki' });
  const isSigned = verify(null, Buffer.concat([PREFIX, hash(body)]), key, signature);
  const plain = { id, mesh: hex(mesh), author: hex(author), log: hex(log), seq, prev: hex(prev), kind, data, isSigned };
  read.set(id, plain);
  return plain;
}

/** Each log from its start until nothing follows, or two things do (L1, L2). */
export function countingOf(blocks: Iterable<Uint8Array>): { counting: Plain[]; forks: Map<string, number> } {
  const below = new Map<string, Plain[]>();
  const seen = new Set<string>();
  for (const block of blocks) {
    const plain = plainOf(block);
    if (seen.has(plain.id)) continue;
    seen.add(plain.id);
    const place = `${plain.author}/${plain.log}/${plain.prev}`;
    below.set(place, [...(below.get(place) ?? []), plain]);
  }
  const counting: Plain[] = [];
  const forks = new Map<string, number>();
  for (const [place, first] of below) {
    if (!place.endsWith('/')) continue;
    for (let next = first; next.length > 0; ) {
      const only = next[0]!;
      if (next.length > 1) {
        forks.set(place.slice(0, -1), only.seq);
        break;
      }
      counting.push(only);
      next = below.get(`${place}${only.id}`) ?? [];
    }
  }
  return { counting, forks };
}

interface Said<T> {
  plain: Plain;
  data: T;
}

function saidOf<T>(plains: readonly Plain[], kind: Kind): Said<T>[] {
  return plains.flatMap((plain) => {
    if (plain.kind !== kind) return [];
    const parsed = KINDS[kind].safeParse(plain.data);
    return parsed.success ? [{ plain, data: parsed.data as T }] : [];
  });
}

/** What the rules make of a set, as texts that a state must say too. */
export function truthOf(mesh: string, counting: readonly Plain[]): string[] {
  const genesis = counting.find(({ id }) => id === mesh);
  if (genesis === undefined) return ['no genesis'];
  const { members, gone } = membersOf(genesis as unknown as Entry, counting as unknown as Entry[]);
  const jobs = new Map(
    saidOf<Job>(counting, 'job')
      .filter(({ plain }) => ['admin', 'member'].includes(members.get(plain.author)?.role ?? ''))
      .map((said) => [said.plain.id, said]),
  );
  return [
    ...[...members].map(([key, { role, parent }]) => `member ${key} ${role} ${parent} ${gone.get(key) ?? 'in'}`),
    ...[...jobs.values()].map((job) => `job ${job.plain.id} ${steeredBy(job, counting, members)}`),
    ...unitsOf(counting, jobs, members),
  ].sort(byText);
}

/** C1. */
function steeredBy(job: Said<Job>, counting: readonly Plain[], members: ReadonlyMap<string, ReferenceMember>): string {
  const may = ({ plain }: Said<Control>): boolean => {
    const role = members.get(plain.author)?.role;
    return role === 'admin' || (role === 'member' && plain.author === job.plain.author);
  };
  const controls = saidOf<Control>(counting, 'control').filter(
    (said) => hex(said.data.job) === job.plain.id && may(said),
  );
  controls.sort((a, b) => a.data.turn - b.data.turn || byText(a.plain.id, b.plain.id));
  const taken: Said<Control>[] = [];
  for (const control of controls) if (control.data.turn <= taken.length + 1) taken.push(control);
  const last = taken.at(-1)?.data;
  return `${last?.action ?? ''} ${last?.turn ?? 0}`;
}

function unitsOf(
  counting: readonly Plain[],
  jobs: ReadonlyMap<string, Said<Job>>,
  members: ReadonlyMap<string, ReferenceMember>,
): string[] {
  const votes = new Map<string, Said<Result>[]>();
  for (const said of saidOf<Result>(counting, 'result')) {
    const job = jobs.get(hex(said.data.job))?.data;
    if (job === undefined || !members.has(said.plain.author) || said.data.index >= job.units) continue;
    if (hex(said.data.fingerprint) !== hex(job.fingerprint)) continue;
    const unit = `${hex(said.data.job)} ${said.data.index}`;
    votes.set(unit, [...(votes.get(unit) ?? []), said]);
  }
  return [...votes].map(([unit, said]) => {
    said.sort((a, b) => byText(a.plain.log, b.plain.log) || a.plain.seq - b.plain.seq);
    const first = said.filter(({ plain }, i) => said.findIndex((other) => other.plain.author === plain.author) === i);
    const { state, agreeing } = verdictOf(first.map(voteOf), jobs.get(unit.split(' ')[0]!)!.data.validation);
    return `unit ${unit} ${state} ${[...agreeing].sort(byText).join()}`;
  });
}

function voteOf({ plain, data }: Said<Result>): Vote {
  const answer = hex(hash(dagCbor.encode([data.digest, data.champions, data.trials])));
  return { entry: plain.id, author: plain.author, time: 0, answer, result: data };
}

/** The same texts, from what the product says. */
export function statedBy(state: State): string[] {
  return [
    ...[...state.members.values()].map(
      ({ key, role, parent, gone }) => `member ${key} ${role} ${parent} ${gone?.how ?? 'in'}`,
    ),
    ...[...state.jobs.values()].map(({ id, action, turn }) => `job ${id} ${action ?? ''} ${turn}`),
    ...[...state.units.values()].map(
      ({ job, index, verdict }) => `unit ${job} ${index} ${verdict.state} ${[...verdict.agreeing].sort(byText).join()}`,
    ),
  ].sort(byText);
}
