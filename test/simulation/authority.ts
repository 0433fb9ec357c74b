// What those who stand above others say: members removed, logs sealed, tickets taken back.
import { pinnedAt } from '../../src/ledger/pins.ts';
import { fromHex } from '../../src/protocol/bytes.ts';
import { type Entry, NOTHING, signEntry } from '../../src/protocol/entry.ts';
import { createSigner } from '../../src/protocol/keys.ts';
import type { Kind, Revoke } from '../../src/protocol/kinds.ts';
import type { History } from './history.ts';
import type { Machine } from './machine.ts';
import { seedOf } from './network.ts';

/** Removes a machine by the word of another. `share`: of what is known of its logs, how much still counts. */
export function remove(by: Machine, machine: Machine, share = 1): Promise<Entry | undefined> {
  return by.act(async ({ ledger }) => {
    const logs = [...ledger.logs()].filter(({ author }) => author === machine.key);
    const pinned = pinnedAt(logs).flatMap(([log, count]): ReturnType<typeof pinnedAt> => {
      const kept = Math.floor(share * count);
      const head = logs.find((each) => each.log === Buffer.from(log).toString('hex'))?.entries.at(kept - 1);
      return head === undefined ? [] : [[log, kept, fromHex(head.id)]];
    });
    return ledger.append('revoke', { member: fromHex(machine.key), pinned });
  });
}

/**
 * Of a log of the machine, some place is said to be its end: on either side of a fork, where there is one. By another
 * machine, or by whoever holds the recovery phrase.
 */
export async function sealSome(history: History, by: Machine, machine: Machine): Promise<void> {
  const logs = [...(by.session?.ledger.logs() ?? [])].filter(
    ({ author, entries }) => author === machine.key && entries.length > 0,
  );
  if (logs.length === 0) return;
  const log = history.chance.of(logs);
  const ends = [...log.entries, ...(log.fork?.proof ?? []), ...(log.fork?.proof ?? [])];
  const end = history.chance.of(ends);
  // Who wrote beyond it without knowing has lost that, as with a fork.
  history.mayFork.add(machine.key);
  const pin: Revoke['pinned'][number] = [fromHex(log.log), end.seq + 1, fromHex(end.id)];
  if (history.chance.is(0.3)) {
    await sayAsRoot(history, by, 'seal', { member: fromHex(machine.key), pinned: [pin] });
  } else await sealAt(by, machine, pin);
}

/** What the holder of the recovery phrase says, each time in a new log, at some machine. */
function sayAsRoot(history: History, at: Machine, kind: Kind, data: unknown): Promise<unknown> {
  const draft = { mesh: fromHex(history.mesh), log: history.chance.bytes(16), seq: 0, prev: NOTHING, time: 1 };
  const { block } = signEntry({ ...draft, kind, data }, createSigner(seedOf('root')));
  return at.act(({ ledger }) => ledger.ingest([block]));
}

export function cancelSome(history: History, machine: Machine): Promise<Entry | undefined> {
  return machine.act(async ({ ledger }) => {
    const invites = [...ledger.state().invites.keys()];
    return ledger.append('cancel', { invite: fromHex(history.chance.of(invites)) });
  });
}

/** Of a log of the machine, this is the end. */
export function sealAt(by: Machine, machine: Machine, pin: Revoke['pinned'][number]): Promise<Entry | undefined> {
  return by.append('seal', { member: fromHex(machine.key), pinned: [pin] });
}
