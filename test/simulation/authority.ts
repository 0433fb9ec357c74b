// What those who stand above others say: members removed, logs sealed, tickets taken back.
import { pinnedAt } from '../../src/ledger/pins.ts';
import { fromHex } from '../../src/protocol/bytes.ts';
import type { Entry } from '../../src/protocol/entry.ts';
import type { History } from './history.ts';
import type { Machine } from './machine.ts';

/** Removes a machine by the word of another. `share`: of what is known of its logs, how much still counts. */
export function remove(by: Machine, machine: Machine, share = 1): Promise<Entry | undefined> {
  return by.act(async ({ ledger }) => {
    const logs = [...ledger.logs()].filter(({ author }) => author === machine.key);
    const pinned = pinnedAt(logs).flatMap(([log, count]): ReturnType<typeof pinnedAt> => {
      const kept = Math.floor(share * count);
      const head = logs.find((each) => each.log === Buffer.from(log).toString('hex'))?.entries[kept - 1];
      return head === undefined ? [] : [[log, kept, fromHex(head.id)]];
    });
    return ledger.append('revoke', { member: fromHex(machine.key), pinned });
  });
}

/** Of a log of the machine, some place is said to be its end: on either side of a fork, where there is one. */
export function sealSome(history: History, machine: Machine): Promise<Entry | undefined> {
  return history.machines[0]!.act(async ({ ledger }) => {
    const logs = [...ledger.logs()].filter(({ author, entries }) => author === machine.key && entries.length > 0);
    if (logs.length === 0) return undefined as never;
    const log = history.chance.of(logs);
    const ends = [...log.entries, ...(log.fork?.proof ?? []), ...(log.fork?.proof ?? [])];
    const end = history.chance.of(ends);
    // Who wrote beyond it without knowing has lost that, as with a fork.
    history.mayFork.add(machine.key);
    const pinned = [[fromHex(log.log), end.seq + 1, fromHex(end.id)]];
    return ledger.append('seal', { member: fromHex(machine.key), pinned });
  });
}

export function cancelSome(history: History, machine: Machine): Promise<Entry | undefined> {
  return machine.act(async ({ ledger }) => {
    const invites = [...ledger.state().invites.keys()];
    return ledger.append('cancel', { invite: fromHex(history.chance.of(invites)) });
  });
}
