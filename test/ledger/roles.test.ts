// What counts, by the role of who says it: each kind of entry, for each role, once.
import t, { type Test } from 'tap';
import { deriveState } from '../../src/ledger/derive.ts';
import { fromHex } from '../../src/protocol/bytes.ts';
import type { Entry } from '../../src/protocol/entry.ts';
import { KINDS } from '../../src/protocol/kinds.ts';
import { admitBy, admitPlain, genesisBy, hexOf, invite, job, keyOf, result, scribe } from './support/people.ts';

const genesis = genesisBy('ada');
const MESH = genesis.id;
const ada = scribe(MESH, 'ada', '0', genesis);
/** ada is above all of them. */
const admits = [
  ada('admit', admitPlain('bob', 'admin')),
  ada('admit', admitPlain('cy', 'member')),
  ada('admit', admitPlain('dan', 'worker')),
];
const invites = [
  ada('invite', invite(MESH, 'ada', 'ticket', 'worker', 9)),
  ada('invite', invite(MESH, 'ada', 'other', 'worker')),
];
const work = ada('job', job());
const ground: Entry[] = [genesis, ...admits, ...invites, work];

const PEOPLE = { founder: 'ada', admin: 'bob', member: 'cy', worker: 'dan', stranger: 'zed' } as const;
type Who = keyof typeof PEOPLE;

interface Row {
  kind: keyof typeof KINDS;
  what: string;
  /** What each says; each says it alone. */
  said(name: string): unknown;
  /** Whose word counts. */
  counts: readonly Who[];
  /** Why not, where a member's word does not. */
  why: string;
}

const ADMINS = ['founder', 'admin'] as const;
const WRITERS = [...ADMINS, 'member'] as const;
const MEMBERS = [...WRITERS, 'worker'] as const;
const control = (action: string) => ({ job: fromHex(work.id), action, turn: 1 });

const TABLE: readonly Row[] = [
  { kind: 'job', what: 'a job', said: () => job(), counts: WRITERS, why: 'role' },
  { kind: 'control', what: 'steering the job of another', said: () => control('stop'), counts: ADMINS, why: 'role' },
  { kind: 'result', what: 'an answer', said: () => result(work.id, 0, 'x'), counts: MEMBERS, why: '' },
  {
    kind: 'invite',
    what: 'a ticket',
    said: (name) => invite(MESH, name, `by ${name}`, 'member'),
    counts: ADMINS,
    why: 'role',
  },
  {
    kind: 'admit',
    what: 'letting in by one’s own word',
    said: () => admitPlain('eve', 'member'),
    counts: ADMINS,
    why: 'role',
  },
  {
    kind: 'admit',
    what: 'letting an admin in by one’s own word',
    said: () => admitPlain('eve', 'admin'),
    counts: ADMINS,
    why: 'role',
  },
  {
    kind: 'admit',
    what: 'letting in by a ticket',
    said: () => admitBy(MESH, 'ticket', 'eve', 'worker'),
    counts: WRITERS,
    why: 'role',
  },
  {
    kind: 'cancel',
    what: 'taking back the ticket of another',
    said: () => ({ invite: keyOf('other') }),
    counts: ADMINS,
    why: 'role',
  },
  {
    kind: 'revoke',
    what: 'removing who is below ada',
    said: () => ({ member: keyOf('dan'), pinned: [] }),
    counts: ['founder'],
    why: 'role',
  },
  { kind: 'revoke', what: 'removing ada', said: () => ({ member: keyOf('ada'), pinned: [] }), counts: [], why: 'role' },
  {
    kind: 'seal',
    what: 'closing the logs of who is below ada',
    said: () => ({ member: keyOf('cy'), pinned: [] }),
    counts: ['founder'],
    why: 'role',
  },
  { kind: 'policy', what: 'the version of the rules', said: () => ({ rules: 2 }), counts: ADMINS, why: 'role' },
  { kind: 'leave', what: 'leaving', said: () => ({}), counts: MEMBERS, why: '' },
];

t.test('each kind of entry, for each role', async (t) => {
  const covered = new Set(TABLE.map(({ kind }) => kind));
  t.same(
    Object.keys(KINDS).filter((kind) => kind !== 'genesis' && !covered.has(kind as never)),
    [],
    'no kind is left out',
  );
  const before = deriveState(MESH, ground).root;
  for (const row of TABLE) for (const who of Object.keys(PEOPLE) as Who[]) judge(t, row, who, before);
});

function judge(t: Test, { kind, what, said, counts, why }: Row, who: Who, before: string): void {
  const name = PEOPLE[who];
  const write = name === 'ada' ? scribe(MESH, name, '0', work) : scribe(MESH, name);
  const entry = write(kind, said(name));
  const { refused, root } = deriveState(MESH, [...ground, entry]);
  const should = counts.includes(who);
  const reason = refused.get(entry.id);
  t.equal(reason === undefined, should, `${what}, by ${who}: ${should ? 'counts' : 'does not'}`);
  if (who === 'stranger') t.equal(root, before, 'of a stranger’s word nothing is left, not even in the root');
  // An admin who is not above may say such things, and this one changes nothing.
  else if (!should) t.ok([why, 'no_effect'].includes(reason!), `because ${reason}`);
}

t.test(
  'who came in as a worker through a ticket has the role of the ticket, whatever the one at the door wrote',
  async (t) => {
    const cy = scribe(MESH, 'cy');
    const good = cy('admit', admitBy(MESH, 'ticket', 'eve', 'worker'));
    const bold = scribe(MESH, 'cy', '2')('admit', admitBy(MESH, 'ticket', 'fay', 'admin'));
    const { members } = deriveState(MESH, [...ground, good, bold]);
    t.equal(members.get(hexOf(keyOf('eve')))?.role, 'worker');
    t.equal(members.get(hexOf(keyOf('fay'))), undefined);
  },
);
