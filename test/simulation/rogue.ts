// What no honest machine says: two entries at one place of a log, and entries of kinds that nobody knows yet.
import type { Log } from '../../src/ledger/log.ts';
import { topicsOf } from '../../src/node/gossip.ts';
import { fromHex } from '../../src/protocol/bytes.ts';
import { type Entry, NOTHING, signEntry } from '../../src/protocol/entry.ts';
import type { History } from './history.ts';
import type { Machine } from './machine.ts';

type Place = Pick<Entry, 'id' | 'seq'>;

/** An entry that stands, at `place` or anywhere, where another one of the same author does. */
export async function fork(history: History, machine: Machine, place?: number): Promise<void> {
  const { session } = machine;
  if (session === undefined) return;
  history.mayFork.add(machine.key);
  const own = [...session.ledger.logs()].filter(({ author, entries }) => author === machine.key && entries.length > 1);
  if (own.length === 0) return;
  const log = history.chance.of(own);
  const seq = place ?? 1 + history.chance.whole(log.entries.length - 1);
  const entry = sayInstead(history, machine, log, seq);
  const victim = history.chance.of(history.machines);
  await machine.act(() => gossipOf(history, machine).publish(topicsOf(history.mesh).entries, entry.block));
  await victim.act(({ ledger }) => ledger.ingest([entry.block]));
}

/** What would stand at a place of a log where something else does. */
export function sayInstead(history: History, machine: Machine, { log, entries }: Readonly<Log>, seq: number): Entry {
  return sign(history, machine, log, entries.at(seq - 1), 'note', { instead: history.chance.whole(1000) });
}

/** Three histories of one new log, each told to some: they part at different places. */
export async function tellStories(history: History, machine: Machine): Promise<void> {
  history.mayFork.add(machine.key);
  const log = Buffer.from(history.chance.bytes(16)).toString('hex');
  const grow = (stem: readonly Entry[], mark: string): Entry[] => {
    const story = [...stem];
    while (story.length < 5) story.push(sign(history, machine, log, story.at(-1), 'note', `${mark} ${story.length}`));
    return story;
  };
  const main = grow([], 'main');
  const stories = [main, grow(main.slice(0, 3), 'high'), grow(main.slice(0, 1), 'low')];
  for (const victim of history.machines) {
    const story = history.chance.of(stories).slice(0, 2 + history.chance.whole(4));
    await victim.act(({ ledger }) => ledger.ingest(story.map(({ block }) => block)));
  }
}

/** What a later version of the program would write, in a log of its own. */
export async function sayFromTheFuture(history: History, machine: Machine): Promise<void> {
  const log = Buffer.from(history.chance.bytes(16)).toString('hex');
  const entry = sign(history, machine, log, undefined, 'note-from-the-future', history.chance.whole(1000));
  await machine.act(({ ledger }) => ledger.ingest([entry.block]));
}

function gossipOf(history: History, machine: Machine) {
  return history.network.instances.get(`/ip4/${machine.host}/tcp/22071`)!.services.pubsub;
}

function sign(
  history: History,
  { signer }: Machine,
  log: string,
  below: Place | undefined,
  kind: string,
  data: unknown,
): Entry {
  return signEntry(
    {
      ...{ mesh: fromHex(history.mesh), log: fromHex(log), time: 1, kind, data },
      seq: below === undefined ? 0 : below.seq + 1,
      prev: below === undefined ? NOTHING : fromHex(below.id),
    },
    signer,
  );
}
