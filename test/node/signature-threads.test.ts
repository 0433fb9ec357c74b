// Signatures on threads of their own: the same answers as here, and a thread that ends is no answer that never comes.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { benchLog, madeHash } from '../../src/node/bench/entries.ts';
import { signaturesOnThreads } from '../../src/node/signature-threads.ts';
import { createSigner } from '../../src/protocol/keys.ts';

const WORKER = new URL('../../dist/node/signature-worker.js', import.meta.url);
const needsBuild = existsSync(WORKER) ? false : 'dist/ is not built';
const entries = benchLog(11, createSigner(madeHash('one')));
const other = createSigner(madeHash('another'));

t.test('each its own answer, in order, however many threads there are', { skip: needsBuild }, async (t) => {
  const mixed = entries.map((entry, i) =>
    i % 3 === 1 ? { ...entry, signature: other.sign('entry', entry.block) } : entry,
  );
  const expected = mixed.map((_, i) => i % 3 !== 1);
  for (const threads of [1, 2, 4]) {
    const answers = await signaturesOnThreads(
      WORKER,
      threads,
    )(async (areSigned) => [await areSigned(mixed), await areSigned(mixed.slice(0, 2)), await areSigned([])]);
    t.strictSame(answers, [expected, expected.slice(0, 2), []], `${threads} threads`);
  }
});

t.test('a thread that ends', async (t) => {
  const file = join(t.testdir(), 'ends.mjs');
  writeFileSync(
    file,
    "import { parentPort } from 'node:worker_threads';\nparentPort.on('message', () => process.exit());\n",
  );
  const work = signaturesOnThreads(
    pathToFileURL(file),
    2,
  )(async (areSigned) => {
    await t.rejects(areSigned(entries), { name: 'SignatureThreadError', code: 'verifying_failed' });
    return areSigned(entries);
  });
  await t.rejects(work, { code: 'verifying_failed' }, 'whoever asks later hears of it too');
});
