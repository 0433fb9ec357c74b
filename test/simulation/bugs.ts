// Bugs to plant in the product, each in one place of its compiled text, and the seed whose history found it. Where the
// product has changed since, that history may be another one, and a later seed finds it.
import type { Bug } from './product.ts';

export interface Planted extends Bug {
  seed: number;
}

const LOG = 'src/ledger/log.ts';
const LIVE = 'src/ledger/live-state.ts';
const UNITS = 'src/ledger/unit-table.ts';
const SYNC = 'src/ledger/sync.ts';
const PINS = 'src/ledger/pins.ts';
const OWN = 'src/ledger/own-log.ts';

export const BUGS: readonly Planted[] = [
  {
    what: 'forks are ignored',
    file: LOG,
    from: "{ verdict: 'frozen' } : { verdict: 'fork' }",
    to: "{ verdict: 'frozen' } : { verdict: 'frozen' }",
    seed: 1,
  },
  {
    what: 'a log freezes at the first fork that is found, not at the lowest',
    file: LOG,
    from: 'log?.fork !== undefined && entry.seq >= log.fork.seq',
    to: 'log?.fork !== undefined',
    seed: 54,
  },
  {
    what: 'what stands at a fork may come in again',
    file: LOG,
    from: 'entry.seq >= log.fork.seq',
    to: 'entry.seq > log.fork.seq',
    seed: 3,
  },
  {
    what: 'what is above a fork goes on counting',
    file: LOG,
    from: 'log.entries.truncate(fork.seq);',
    to: '',
    seed: 37,
  },
  { what: 'the chain is not checked', file: LOG, from: 'below !== entry.prev', to: 'false', seed: 2 },
  {
    what: 'an own entry is acknowledged before it is synced to the disk',
    file: 'src/ledger/stored-ledger.ts',
    from: 'index: staging.index(), meta }, { sync: true });',
    to: 'index: staging.index(), meta }, { sync: false });',
    seed: 1,
  },
  {
    what: 'a member votes twice',
    file: UNITS,
    from: 'votes.set(vote.author, vote);',
    to: 'votes.set(vote.entry, vote);',
    seed: 5,
  },
  {
    what: 'of two votes the one that came last counts',
    file: UNITS,
    from: 'compareText(a.log, b.log) || a.head.seq - b.head.seq',
    to: '0',
    seed: 5,
  },
  {
    what: 'of two controls with one turn the one that came last decides',
    file: LIVE,
    from: 'a.data.turn - b.data.turn || compareText(a.entry.id, b.entry.id)',
    to: 'a.data.turn - b.data.turn',
    seed: 40,
  },
  {
    what: 'answers that came before their job are forgotten',
    file: LIVE,
    from: 'const early = this.#early.get(id) ?? [];',
    to: 'const early = [];',
    seed: 1,
  },
  {
    what: 'the turn of a job is no fact',
    file: 'src/ledger/facts.ts',
    from: "['job', id, action ?? null, turn]",
    to: "['job', id, action ?? null]",
    seed: 1,
  },
  {
    what: 'one answer makes a verdict',
    file: 'src/ledger/verdict.ts',
    from: 'count >= validation.quorum',
    to: 'count >= 1',
    seed: 1,
  },
  {
    what: 'a copied disk goes on in the log of the original',
    file: OWN,
    from: "return 'unsafe';",
    to: "return 'unconfirmed';",
    seed: 1,
  },
  {
    what: 'a node goes on in its own log after it forked',
    file: OWN,
    from: 'fork === undefined && pin === undefined',
    to: 'pin === undefined',
    seed: 5,
  },
  { what: 'proofs of forks do not travel', file: SYNC, from: 'if (!remote.frozen ||', to: 'if (true ||', seed: 3 },
  { what: 'nothing is pulled', file: SYNC, from: 'for (const log of left)', to: 'for (const log of [])', seed: 1 },
  {
    what: 'another head at the same place is not looked into',
    file: SYNC,
    from: 'const isKnown = local.entries.at(remote.count - 1)?.id === toHex(remote.head)',
    to: 'const isKnown = local.entries.at(remote.count - 1) !== undefined',
    seed: 19,
  },
  {
    what: 'a frontier does not tell that a log is frozen',
    file: 'src/ledger/log-set.ts',
    from: 'frozen: isFrozen(log)',
    to: 'frozen: false',
    seed: 3,
  },
  {
    what: 'a frontier does not tell the heads',
    file: 'src/ledger/log-set.ts',
    from: 'head: head === undefined ? NOTHING : fromHex(head.id)',
    to: 'head: NOTHING',
    seed: 1,
  },
  {
    what: 'a member that could not be reached once is never dialled again',
    file: 'src/node/keeper.ts',
    from: 'target.nextAt > deps.now()',
    to: 'target.failures > 0',
    seed: 32,
  },
  {
    what: 'a unit with one answer is left alone for ever',
    file: 'src/node/open-work.ts',
    from: 'return unit.verdict.wanted > 0;',
    to: 'return false;',
    seed: 1,
  },
  {
    what: 'what stands beyond a cut counts',
    file: PINS,
    from: 'return pin !== undefined && seq >= pin.count;',
    to: 'return false;',
    seed: 1,
  },
  {
    what: 'anybody removes anybody',
    file: 'src/ledger/membership.ts',
    from: 'above.includes(entry.author) && ',
    to: '',
    seed: 16,
  },
  {
    what: 'a removal leaves alone the logs that it does not name',
    file: PINS,
    from: '(pinning.removes ? NOTHING : undefined)',
    to: 'undefined',
    seed: 9,
  },
  {
    what: 'of several pins the one that leaves fewest counts, whoever said it',
    file: PINS,
    from: 'a.depth - b.depth || a.pin.count',
    to: 'a.pin.count',
    seed: 17,
  },
  {
    what: 'of two pins by one member the one with the smaller id counts',
    file: PINS,
    from: 'a.pin.count - b.pin.count || ',
    to: '',
    seed: 5,
  },
  {
    what: 'who leaves is not gone',
    file: 'src/ledger/membership.ts',
    from: "gone: goneBy('left', entry)",
    to: 'gone: undefined',
    seed: 3,
  },
  {
    what: 'logs change with a pin and the state does not',
    file: 'src/ledger/pin-follower.ts',
    from: 'if (again)\n                this.#deps.live.rebuild();',
    to: '',
    seed: 7,
  },
  {
    what: 'after a restart all votes are for the first unit of their job',
    file: 'src/ledger/head-page.ts',
    from: 'return this.#page.readUInt32LE(this.#at(row) + INDEX_AT);',
    to: 'return 0;',
    seed: 5,
  },
  {
    what: 'the sum that was saved is taken for other logs than it was saved for',
    file: 'src/ledger/idle-work.ts',
    from: ' || !equalBytes(digest, digestOf(logs))',
    to: '',
    seed: 2,
  },
];
