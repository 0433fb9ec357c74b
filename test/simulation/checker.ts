// The invariants, by name, checked from the bytes on the disks by code that uses nothing of what it checks: its own
// decoding, hashing and verification, and the rules of docs/protocol.md written out once more.
import { createHash, createPublicKey, verify } from 'node:crypto';
import * as dagCbor from '@ipld/dag-cbor';
import type { State } from '../../src/ledger/derive.ts';
import type { Vote } from '../../src/ledger/verdict.ts';
import type { Entry } from '../../src/protocol/entry.ts';
import { type Control, type Job, KINDS, type Kind, type Result } from '../../src/protocol/kinds.ts';
import { membersOf, type ReferenceEnd, type ReferenceMember, verdictOf } from '../ledger/support/reference.ts';

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

/** What counts of a set, and the places at which logs are frozen: turn by turn, since who pins what counts of it too. */
export function countingOf(
  mesh: string,
  blocks: Iterable<Uint8Array>,
): { counting: Plain[]; forks: Map<string, number> } {
  const logs = new Map<string, Map<string, Plain>>();
  for (const block of blocks) {
    const plain = plainOf(block);
    const place = `${plain.author}/${plain.log}`;
    logs.set(place, (logs.get(place) ?? new Map()).set(plain.id, plain));
  }
  let counting: Plain[] = [];
  for (let before = ''; ; before = idsOf(counting)) {
    const genesis = counting.find(({ id }) => id === mesh);
    const people =
      genesis === undefined ? undefined : membersOf(genesis as unknown as Entry, counting as unknown as Entry[]);
    const forks = new Map<string, number>();
    counting = [...logs].flatMap(([place, log]) => {
      const [author, id] = place.split('/') as [string, string];
      const { history, fork } = historyOf([...log.values()], people?.endOf(author, id));
      if (fork !== undefined) forks.set(place, fork);
      return history;
    });
    if (idsOf(counting) === before) return { counting, forks };
  }
}

const idsOf = (plains: readonly Plain[]): string => plains.map(({ id }) => id).join();

/** L1, L2, P3: the history that ends at the pin, else from the start until nothing follows, or two things do. */
function historyOf(log: readonly Plain[], end: ReferenceEnd | undefined): { history: Plain[]; fork?: number } {
  const pinned: Plain[] = [];
  for (let at = log.find(({ id }) => id === end?.head); at !== undefined; ) {
    pinned.unshift(at);
    const { prev } = at;
    at = log.find(({ id }) => id === prev);
  }
  if (end !== undefined && pinned.length === end.count) return { history: pinned };
  const history: Plain[] = [];
  for (let below = ''; history.length < (end?.count ?? log.length); ) {
    const next = log.filter(({ prev }) => prev === below);
    if (next.length === 0) break;
    if (next.length > 1) return { history, fork: history.length };
    history.push(next[0]!);
    below = next[0]!.id;
  }
  return { history };
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
  const lineage = (data.lineage ?? []).map(hex);
  return { entry: plain.id, author: plain.author, time: 0, answer, lineage, trials: data.trials.count, result: data };
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
