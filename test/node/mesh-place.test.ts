// What a node says while it comes into its mesh.
import '../../src/node/polyfill.ts';
import { setImmediate as turn } from 'node:timers/promises';
import { Level } from 'level';
import t from 'tap';
import { homeOf, machine } from './support/machine.ts';

const ENTRIES = 300;

t.test('while the index is made anew it says so, and how far it has come', async (t) => {
  const home = homeOf(t);
  const seed = new Uint8Array(32).fill(5);
  const before = machine(t, home, 'reader', { seed });
  const { ledger } = await before.place.enter(undefined);
  for (let turn = 1; turn <= ENTRIES; turn += 1) {
    await ledger.append('control', { job: new Uint8Array(32), action: 'stop', turn });
  }
  await before.stop();
  const db = new Level<string, Uint8Array>(before.directory.ledger, { valueEncoding: 'view' });
  await db.put('schema', Uint8Array.of(2));
  await db.close();

  const { place } = machine(t, home, 'reader', { seed });
  const said = new Set<string>();
  const entering = place.enter(undefined);
  while (place.session === undefined) {
    said.add(place.waiting);
    await turn();
  }
  await entering;
  t.match(
    [...said],
    ['Starting.', 'Starting: the index of the ledger is made anew from its entries, 256 of them so far.'],
  );
  t.equal(place.waiting, '');
});
