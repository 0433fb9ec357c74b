// Random histories: several authors, members and strangers, honest and not, with logs that fork; and the slow, obvious
// answer to the question of what counts of a set of entries.
import fc from 'fast-check';
import { fromHex } from '../../../src/protocol/bytes.ts';
import type { Entry } from '../../../src/protocol/entry.ts';
import type { Role } from '../../../src/protocol/schema.ts';
import { admitBy, admitPlain, genesisBy, hash, hexOf, invite, job, keyOf, result, write } from './people.ts';
import { membersOf, type ReferenceEnd } from './reference.ts';

export const FOUNDER = 'ada';
const PEOPLE = [FOUNDER, 'bob', 'cy', 'dee', 'eve'];
/** Who holds the recovery phrase. */
const ROOT = 'root';
const TICKETS = ['ticket 1', 'ticket 2'];
const ROLES: Role[] = ['admin', 'member', 'worker'];
export const GENESIS = genesisBy(FOUNDER);
export const MESH = GENESIS.id;

const admitBob = write(MESH, FOUNDER, 'ground', undefined, { kind: 'admit', data: admitPlain('bob', 'member') });
const admitCy = write(MESH, FOUNDER, 'ground', admitBob, { kind: 'admit', data: admitPlain('cy', 'member') });
/** What makes bob and cy members, in a log of the founder's that no history uses. */
export const GROUND = [admitBob, admitCy];

/** A mesh that lives, so that much of what follows can count. */
const PRELUDE = [
  { kind: 'admit', data: admitPlain('bob', 'admin') },
  { kind: 'admit', data: admitPlain('cy', 'member') },
  { kind: 'job', data: job() },
  { kind: 'invite', data: invite(MESH, FOUNDER, 'ticket 1', 'member', 1) },
];

interface Step {
  author: number;
  log: number;
  /** Places to go back before writing: more than 0 forks the log. */
  back: number;
  what: number;
  a: number;
  b: number;
  c: number;
}

/** Mostly what a living mesh writes, so that some of it counts, and some of everything else. */
export const arbitraryHistory = (steps: number): fc.Arbitrary<Entry[]> =>
  fc
    .array(
      fc.record<Step>({
        author: fc.oneof(
          { weight: 12, arbitrary: fc.nat({ max: PEOPLE.length - 1 }) },
          { weight: 1, arbitrary: fc.constant(PEOPLE.length) },
        ),
        log: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constant(1) }),
        back: fc.oneof(
          { weight: 12, arbitrary: fc.constant(0) },
          { weight: 1, arbitrary: fc.integer({ min: 1, max: 3 }) },
        ),
        what: fc.nat({ max: 119 }),
        a: fc.nat({ max: 7 }),
        b: fc.nat({ max: 7 }),
        c: fc.nat({ max: 7 }),
      }),
      { minLength: 1, maxLength: steps, size: 'max' },
    )
    .map(buildHistory);

function buildHistory(steps: readonly Step[]): Entry[] {
  const entries = [GENESIS];
  const heads = new Map<string, Entry>([[`${FOUNDER}/0`, GENESIS]]);
  const byId = new Map([[GENESIS.id, GENESIS]]);
  for (const said of PRELUDE) {
    const entry = write(MESH, FOUNDER, '0', entries.at(-1), said);
    entries.push(entry);
    byId.set(entry.id, entry);
    heads.set(`${FOUNDER}/0`, entry);
  }
  for (const step of steps) {
    const author = authorOf(step);
    const place = `${author}/${step.log}`;
    let below = heads.get(place);
    for (let i = 0; i < step.back && below !== undefined && below.kind !== 'genesis'; i += 1)
      below = byId.get(below.prev);
    const entry = write(MESH, author, String(step.log), below, { ...sayOf(step, author, entries), time: step.c });
    if (byId.has(entry.id)) continue;
    entries.push(entry);
    byId.set(entry.id, entry);
    heads.set(place, entry);
  }
  return entries;
}

/** Who pins a log stands above its author more often than not. */
function authorOf({ author, what, c }: Step): string {
  if (what < 106 || c > 5) return PEOPLE[author] ?? ROOT;
  return c < 4 ? FOUNDER : ROOT;
}

interface Said {
  kind: string;
  data: unknown;
}

function sayOf(step: Step, author: string, entries: readonly Entry[]): Said {
  const { what, a, b } = step;
  if (what < 43) return sayMembership(step, author);
  if (what < 90) return sayWork(step, entries);
  if (what >= 100) return sayAuthority(step, entries);
  if (what < 95) return { kind: 'note-from-the-future', data: { a, b } };
  return { kind: 'admit', data: { member: 'not a key', a, b } };
}

function sayMembership({ what, a, b, c }: Step, author: string): Said {
  const member = PEOPLE[a % PEOPLE.length]!;
  const role = ROLES[b % ROLES.length]!;
  const ticket = TICKETS[c % TICKETS.length]!;
  // One in eight announces a ticket that somebody else made.
  const maker = b === 7 ? FOUNDER : author;
  if (what < 10) return { kind: 'invite', data: invite(MESH, maker, ticket, role, 1 + (a % 2)) };
  if (what < 25) return { kind: 'admit', data: admitBy(MESH, ticket, member, role) };
  if (what < 40) return { kind: 'admit', data: admitPlain(member, role) };
  return { kind: 'admit', data: { ...admitBy(MESH, ticket, member, role), member: keyOf('stranger') } };
}

/** Words about members, logs, tickets and rules: those of somebody above, and those of anybody else. */
function sayAuthority({ what, a, b, c }: Step, entries: readonly Entry[]): Said {
  if (what < 102) return { kind: 'leave', data: {} };
  if (what < 105) return { kind: 'cancel', data: { invite: keyOf(TICKETS[b % TICKETS.length]!) } };
  if (what < 106) return { kind: 'policy', data: { rules: 1 + b } };
  const member = PEOPLE[a % PEOPLE.length]!;
  const own = entries.filter(({ author }) => author === hexOf(keyOf(member)));
  const forked = own.filter(({ log, seq, id }) =>
    own.some((other) => other.log === log && other.seq === seq && other.id !== id),
  );
  const ends = forked.length > 0 && b % 2 === 0 ? forked : own;
  const end = ends[(b * 8 + c) % Math.max(1, ends.length)];
  const pinned = end === undefined || b === 7 ? [] : [[fromHex(end.log), end.seq + 1, fromHex(end.id)]];
  return { kind: what < 112 ? 'seal' : 'revoke', data: { member: keyOf(member), pinned } };
}

function sayWork({ what, a, b, c }: Step, entries: readonly Entry[]): Said {
  const jobs = entries.filter((entry) => entry.kind === 'job');
  const jobId = (a < 5 ? jobs[0] : jobs.at(-1))?.id ?? MESH;
  const mode = b < 4 ? 'replicate' : 'fuzzy';
  if (what < 52) {
    return { kind: 'job', data: job({ seed: String(a), validation: { mode, replicas: 2, quorum: 2, most: 3 } }) };
  }
  if (what < 60) return { kind: 'control', data: { job: fromHex(jobId), action: b < 4 ? 'pause' : 'stop', turn: c } };
  const lineage = b > 5 ? { lineage: [keyOf(PEOPLE[a % PEOPLE.length]!)] } : {};
  const changes = a > 6 ? { fingerprint: hash('other') } : lineage;
  return { kind: 'result', data: result(jobId, b % 2, c < 5 ? 'right' : 'wrong', changes) };
}

/** What counts, from the rules as they are written: of each log the history that a pin asks for, or all up to a fork. */
export function countingOf(entries: Iterable<Entry>): Entry[] {
  const all = [...new Map([...entries].map((entry) => [entry.id, entry])).values()];
  const names = new Set(all.map((entry) => `${entry.author}/${entry.log}`));
  const logs = [...names].map((name) => all.filter((entry) => `${entry.author}/${entry.log}` === name));
  let counting: Entry[] = [];
  // Who may pin what depends on what counts, one generation of members after the other.
  for (let turn = 0; turn < PEOPLE.length + 2; turn += 1) {
    const people = membersOf(GENESIS, counting);
    counting = logs.flatMap((log) => countingOfLog(log, people.endOf(log[0]!.author, log[0]!.log)));
  }
  return counting;
}

function countingOfLog(log: readonly Entry[], end: ReferenceEnd | undefined): Entry[] {
  const byId = new Map(log.map((entry) => [entry.id, entry]));
  const pinned: Entry[] = [];
  for (let at = byId.get(end?.head ?? ''); at !== undefined; at = byId.get(at.prev)) pinned.unshift(at);
  if (end !== undefined && pinned.length === end.count) return pinned;
  const counting: Entry[] = [];
  for (let below = ''; counting.length < (end?.count ?? log.length); ) {
    const next = log.filter((entry) => entry.prev === below);
    const [only] = next;
    if (only === undefined || next.length > 1) break;
    counting.push(only);
    below = only.id;
  }
  return counting;
}
