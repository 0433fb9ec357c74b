// A process that founds or reopens a mesh in the directory it is given, appends for ever, and says on stdout what it
// has been promised is safe. The test kills it in the middle.
import { writeSync } from 'node:fs';
import { foundMesh } from '../../../src/ledger/found.ts';
import { openLedger } from '../../../src/ledger/ledger.ts';
import { openStore } from '../../../src/ledger/store.ts';
import { depsFor } from './disk.ts';
import { job, keyOf } from './people.ts';

const store = await openStore(process.argv[2]!);
const deps = depsFor('ada', store);
if ((await store.meta('mesh')) === undefined) {
  await foundMesh(deps, { name: 'home', firstName: 'desk', root: keyOf('root') });
}
const ledger = await openLedger(deps);
for (let i = 0; ; i += 1) {
  // Several at once, as a busy node has them.
  const entries = await Promise.all([0, 1, 2].map((n) => ledger.append('job', job({ seed: `${i} ${n}` }))));
  writeSync(1, entries.map((entry) => `${entry.id}\n`).join(''));
}
