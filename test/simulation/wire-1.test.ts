// A mesh with one member of wire version 1: what the others say to it is what it can read, to the last key.
import t from 'tap';
import { decode, encode, toHex } from '../../src/protocol/bytes.ts';
import { decodePresence, type Presence } from '../../src/protocol/messages.ts';
import { WIRE_1 } from '../protocol/support/wire-1.ts';
import { type History, play } from './history.ts';
import { checkAgreement } from './invariants.ts';
import type { Machine } from './machine.ts';
import type { Way } from './network.ts';
import { loadProduct } from './product.ts';

type Value = Record<string, unknown>;

const product = await loadProduct();

function decoderOf(protocol: string, bytes: Uint8Array): ((bytes: Uint8Array) => unknown) | undefined {
  const said = (): Value => decode(bytes, 1 << 20) as Value;
  if (protocol.endsWith('/presence/1')) return WIRE_1.presence;
  if (protocol.includes('/hello/')) return WIRE_1.hello;
  if (protocol.includes('/sync/')) return said().ask === undefined ? WIRE_1.syncReply : WIRE_1.syncRequest;
  if (protocol.includes('/join/')) return said().ok === undefined ? WIRE_1.joinRequest : WIRE_1.joinReply;
  return undefined;
}

/** Gossip goes round: what it said itself, as the later program that it really is, is no news to it. */
function isBy({ key }: Machine, protocol: string, bytes: Uint8Array): boolean {
  return protocol.endsWith('/presence/1') && toHex(decodePresence(bytes)!.member) === key;
}

/** From now on `old` says that it speaks version 1 only, and reads as strictly as such a program did. */
function makeOld(history: History, old: Machine, unread: string[]): { read: Map<string, number> } {
  const read = new Map<string, number>();
  history.network.carry = ({ from, to, protocol }: Way, bytes) => {
    if (from === old.host && /\/(hello|join)\//.test(protocol)) {
      return encode({ ...(decode(bytes, 4096) as Value), wire: [1, 1] });
    }
    const decoder = to === old.host ? decoderOf(protocol, bytes) : undefined;
    if (decoder === undefined || isBy(old, protocol, bytes)) return bytes.slice();
    const what = protocol.split('/').at(-2)!;
    read.set(what, (read.get(what) ?? 0) + 1);
    try {
      decoder(bytes);
    } catch (error) {
      unread.push(`${what}: ${(error as Error).message}`);
    }
    return bytes.slice();
  };
  return { read };
}

const rulesSaid = (at: Machine, by: Machine): Presence['rules'] =>
  at.session!.mesh.presences.get(by.key)?.presence.rules;

t.test('a member of wire version 1 joins, works and agrees with members of version 2', async (t) => {
  await play(product, 21, async (history) => {
    const [ada, bob] = (await history.found(['ada', 'bob'])) as [Machine, Machine];
    await history.world.run(60_000);
    t.strictSame([rulesSaid(ada, bob), rulesSaid(bob, ada)], [1, 1], 'among themselves they say more');
    const old = history.add('old');
    const unread: string[] = [];
    const { read } = makeOld(history, old, unread);
    const ticket = (await history.wait(ada.invite(1)))!;
    await history.wait(old.join(ticket));
    history.machines.push(old);
    await history.wait(old.createJob({ units: 2 }));
    await history.world.run(400_000);
    t.strictSame([...new Set(unread)], [], 'it reads all that is said to it');
    for (const what of ['hello', 'sync', 'join', 'presence']) t.ok(read.get(what), `${what} was said to it`);
    t.strictSame([rulesSaid(old, ada), rulesSaid(bob, ada)], [undefined, undefined]);
    const states = [...old.session!.ledger.state().units.values()].map(({ verdict }) => verdict.state);
    t.strictSame(states, ['validated', 'validated']);
    t.strictSame(checkAgreement(history.machines, new Set()), []);

    // It is updated.
    history.network.carry = (_way, bytes) => bytes.slice();
    await history.wait(old.stop());
    await history.restart(old);
    await history.world.run(200_000);
    t.strictSame([rulesSaid(ada, bob), rulesSaid(old, ada)], [1, 1], 'and the others say more again');
    t.strictSame(checkAgreement(history.machines, new Set()), []);
  });
});
