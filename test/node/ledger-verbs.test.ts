// `ledger log`, `ledger export`, `ledger verify`, `ledger root --at`, `status --at`: from the command line over the API to a ledger and back.
import '../../src/node/polyfill.ts';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { deriveState } from '../../src/ledger/derive.ts';
import { runCommand } from '../../src/node/cli/main.ts';
import { writeApiAddress } from '../../src/node/data-directory.ts';
import { decodeEntry, verifyEntry } from '../../src/protocol/entry.ts';
import type { EntryView, LedgerMoment } from '../../src/ui/api.ts';
import { startServer } from '../../src/ui/server.ts';
import { admitPlain, job } from '../ledger/support/people.ts';
import { careOf } from '../ui/fixture-care.ts';
import { homeOf, type Machine, machine } from './support/machine.ts';

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined, debug: () => undefined };

/** A node that is alone in its mesh, with its API. */
async function openNode(t: { teardown(handler: () => unknown): void }) {
  const home = homeOf(t);
  const node = machine(t, home, 'desk');
  await node.place.enter(undefined);
  const token = 'x'.repeat(43);
  const clock = { now: Date.now, after: () => () => undefined };
  const server = await startServer(
    { node: node.port, log: SILENT, clock, ...careOf(t) },
    { host: '127.0.0.1', port: 0, ownHash: createHash('sha256').update(token).digest('hex') },
  );
  t.teardown(() => server.stop());
  mkdirSync(join(home, 'cli'));
  const dataDir = join(home, 'cli');
  writeApiAddress({ path: dataDir } as never, { url: server.url, token });
  const run = async (...argv: string[]) => {
    const said = { out: '', err: '' };
    const streams = {
      stdout: { write: (text: string) => (said.out += text) },
      stderr: { write: (text: string) => (said.err += text), isTTY: false },
    };
    const args = [...argv, '--data-dir', dataDir];
    const code = await runCommand(args, { ...streams, environment: {} } as never, new AbortController().signal);
    return { code, ...said };
  };
  return { node, home, run };
}

async function fill(node: Machine, jobs: number): Promise<string[]> {
  const { ledger } = node.session();
  const ids: string[] = [];
  await ledger.append('admit', admitPlain('bob', 'worker'));
  for (let i = 0; i < jobs; i += 1) ids.push((await ledger.append('job', job({ name: `job ${i}`, seed: `${i}` }))).id);
  return ids;
}

t.test('the log shows the last entries, newest first', async (t) => {
  const { node, run } = await openNode(t);
  const ids = await fill(node, 5);
  t.equal((await run('ledger', 'log', '--last', '2')).err, '');
  const few = JSON.parse((await run('ledger', 'log', '--last', '2', '--json')).out) as { items: EntryView[] };
  t.equal(few.items.length, 2);
  t.ok(few.items.every(({ id }) => ids.includes(id)));
  const all = await run('ledger', 'log');
  t.equal(all.code, 0);
  t.match(all.out, /^TIME +BY +KIND +LOG +SEQ +COUNTS +ENTRY\n/);
  t.equal(all.out.trim().split('\n').length, 1 + 7, 'genesis, admission and five jobs');
  const wrong = await run('ledger', 'log', '--last', '0');
  t.equal(wrong.code, 2);
});

t.test('an export holds every entry, byte for byte: whoever reads it derives the same root', async (t) => {
  const { node, home, run } = await openNode(t);
  await fill(node, 3);
  // Larger than any sentence that the API would let through whole.
  await node.session().ledger.append('job', job({ search: { long: 'x'.repeat(3000) } }));
  const { ledger } = node.session();
  const file = join(home, 'ledger.jsonl');
  const said = await run('ledger', 'export', file);
  t.equal(said.err, '');
  t.match(said, { code: 0, out: `Wrote 6 entries to ${file}.\n` });
  const [head, ...lines] = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  t.match(head, { format: 'stratmesh-ledger', version: 1, meshId: ledger.meshId, root: ledger.state().root });
  const entries = (lines as EntryView[]).map(({ block }) => decodeEntry(new Uint8Array(Buffer.from(block, 'base64'))));
  t.ok(entries.every(verifyEntry));
  t.equal(deriveState(ledger.meshId, entries).root, ledger.state().root);
  t.match(
    await run('ledger', 'export', file),
    { code: 2, err: /cannot be written/ },
    'never over a file that is there',
  );
});

t.test('pages of entries follow each other', async (t) => {
  const { node } = await openNode(t);
  await fill(node, 6);
  const ids: string[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = node.port.entries({ limit: 3, ...(cursor === undefined ? {} : { cursor }) });
    ids.push(...page.items.map(({ id }) => id));
    if (page.next === null) break;
    cursor = page.next;
  }
  const all = [...node.session().ledger.logs()].flatMap(({ entries }) => [...entries]);
  t.same(
    ids,
    all.sort((a, b) => b.time - a.time || (a.id < b.id ? 1 : -1)).map(({ id }) => id),
    'the newest first, each once',
  );
  t.equal(ids.length, 8);
  t.throws(() => node.port.entries({ limit: 3, cursor: 'nothing' }), { code: 'unknown_cursor' });
  t.equal(node.port.entries({ limit: 100 }).items.find(({ kind }) => kind === 'admit')?.refused, null);
});

t.test('root and status at an earlier moment', async (t) => {
  const { node, run } = await openNode(t);
  const ids = await fill(node, 3);
  const { ledger } = node.session();
  const [mine] = [...ledger.logs()];
  t.equal([...ledger.logs()].length, 1);
  const place = mine!.entries.findIndex(({ id }) => id === ids[1]);
  const until = Array.from({ length: place + 1 }, (_, seq) => ledger.entry(mine!.author, mine!.log, seq));
  const expected = deriveState(ledger.meshId, until).root;
  t.equal((await run('ledger', 'root', '--at', ids[1]!)).out, `${expected}\n`);
  t.equal((await run('ledger', 'root', '--at', ids[1]!.slice(0, 12))).out, `${expected}\n`, 'by its first digits');
  t.equal((await run('ledger', 'root', '--at', ids[2]!)).out, (await run('ledger', 'root')).out, 'the last is now');
  const status = await run('status', '--at', ids[1]!);
  t.match(status.out, new RegExp(`when entry ${ids[1]} was written\n.*4 entries, root ${expected}`, 's'));
  t.match(status.out, /job 0: 0 of 4 validated/);
  t.notMatch(status.out, /job 2/);
  const moment = JSON.parse((await run('status', '--at', ids[0]!, '--json')).out) as LedgerMoment;
  t.match(moment, { entries: 3, jobs: [{ id: ids[0], action: null }], members: [{ role: 'admin' }, { name: 'bob' }] });
  t.match(await run('ledger', 'root', '--at', 'ffffffffffff'), { code: 2, err: /There is no entry/ });
  t.match(await run('status', '--at', 'xyz'), { code: 2, err: /six digits/ });
});

t.test('the whole ledger is verified from scratch, and says how far it has come', async (t) => {
  const { node, run } = await openNode(t);
  await fill(node, 5);
  const { ledger } = node.session();
  t.equal(node.port.verification(), null);
  const running = node.port.verifyLedger();
  t.strictSame(node.port.verification(), { entries: 0, total: 7 });
  t.match(await running, { ok: true, entries: 7, faults: [] });
  t.equal(node.port.verification(), null);
  const heard: number[] = [];
  await ledger.verify({ onProgress: (entries) => heard.push(entries) });
  t.strictSame(heard, [7], 'page by page');
  const said = await run('ledger', 'verify');
  t.match(said, {
    code: 0,
    out: /^7 entries read. Every signature, chain and the state root hold.\nroot [0-9a-f]{64}\n$/,
  });
  t.match(JSON.parse((await run('ledger', 'verify', '--json')).out), { ok: true, root: ledger.state().root });
});
