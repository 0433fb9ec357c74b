// Settings, bootstrap.json and the data directory: what wins, what is named when it is wrong, what is never overwritten.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, uptime } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { DEFAULT_THRESHOLDS } from '../../src/engine/statistics/thresholds.ts';
import { readBootstrap } from '../../src/node/bootstrap.ts';
import { readConfig, settingOptions } from '../../src/node/config.ts';
import {
  archiveLedger,
  loadSecret,
  lockDataDirectory,
  openDataDirectory,
  readAddressBook,
  readApiAddress,
  removeApiAddress,
  writeAddressBook,
  writeApiAddress,
} from '../../src/node/data-directory.ts';
import { findPort } from '../../src/node/ports.ts';

function folder(t: Test): string {
  const path = mkdtempSync(join(tmpdir(), 'stratmesh-config-'));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const modeOf = (path: string): number => statSync(path).mode & 0o777;

t.test('flag before variable before file before default', async (t) => {
  const path = folder(t);
  t.equal(readConfig(path, {}, {}).uiPort, 22_070);
  writeFileSync(join(path, 'config.json'), JSON.stringify({ 'ui-port': 1, name: 'file', 'no-mdns': true }));
  t.match(readConfig(path, {}, {}), { uiPort: 1, name: 'file', mdns: false });
  const environment = { STRATMESH_UI_PORT: '2', STRATMESH_NO_MDNS: 'false', STRATMESH_NAME: '' };
  t.match(readConfig(path, {}, environment), { uiPort: 2, mdns: true, name: 'file' }, 'an empty variable is not set');
  t.match(readConfig(path, { 'ui-port': '3' }, environment), { uiPort: 3 });
  t.match(readConfig(path, { 'mesh-port': '0' }, {}).fixedPorts, { mesh: true, lobby: false });
  t.equal(readConfig(path, {}, { STRATMESH_NO_MDNS: '1' }).mdns, false);
  t.same(readConfig(path, {}, {}).meshHosts, ['0.0.0.0', '::']);
  t.same(readConfig(path, { 'mesh-host': '127.0.0.1' }, {}).meshHosts, ['127.0.0.1']);
});

t.test('every bad value names its field, wherever it stands', async (t) => {
  const bad: Record<string, unknown[]> = {
    'ui-port': ['', '-1', '65536', '1.5', 'x', true, null, [], '0x10'],
    'mesh-port': ['70000'],
    'lobby-port': ['a'],
    'host-names': ['*.tail', 'http://nas', 'a,b c', 7],
    'mesh-host': ['localhost', '', '1.2.3'],
    threads: ['0', '257', '1e1', false],
    thresholds: ['', '/nowhere/thresholds.json'],
    'data-quota': ['-1', '1.5', 'much'],
    name: ['', 'x'.repeat(41)],
    'log-level': ['loud'],
    priority: ['high', ''],
    'log-file': [''],
    'no-mdns': ['yes'],
    join: [''],
    bootstrap: [''],
    host: [''],
  };
  t.same(new Set(Object.keys(bad)), new Set(Object.keys(settingOptions())), 'all settings are looked at');
  for (const [name, values] of Object.entries(bad)) {
    for (const value of values) {
      const path = folder(t);
      if (value !== null) t.throws(() => readConfig(path, { [name]: value }, {}), { code: 'bad_config', field: name });
      writeFileSync(join(path, 'config.json'), JSON.stringify({ [name]: value }));
      t.throws(
        () => readConfig(path, {}, {}),
        { code: 'bad_config', field: name },
        `${name} = ${JSON.stringify(value)}`,
      );
    }
  }
});

t.test('thresholds of verdicts are the owner’s, read whole or not at all', async (t) => {
  const path = folder(t);
  const file = join(path, 'thresholds.json');
  t.same(readConfig(path, {}, {}).thresholds, DEFAULT_THRESHOLDS);
  writeFileSync(file, '{"level": 0.01, "unseenTrades": 50}');
  const wanted = { ...DEFAULT_THRESHOLDS, level: 0.01, unseenTrades: 50 };
  t.same(readConfig(path, { thresholds: file }, {}).thresholds, wanted);
  t.same(readConfig(path, {}, { STRATMESH_THRESHOLDS: file }).thresholds, wanted);
  for (const text of ['{"level": 2}', '{"levle": 0.01}', '[]', '{', 'null']) {
    writeFileSync(file, text);
    t.throws(() => readConfig(path, { thresholds: file }, {}), { code: 'bad_config', field: 'thresholds' }, text);
  }
});

t.test('a config.json that is none', async (t) => {
  for (const text of ['{', '[]', 'null', '"x"', '{"toString": 1}', '{"ui_port": 1}']) {
    const path = folder(t);
    writeFileSync(join(path, 'config.json'), text);
    t.throws(() => readConfig(path, {}, {}), { code: 'bad_config' }, text);
  }
  const path = folder(t);
  mkdirSync(join(path, 'config.json'));
  t.throws(
    () => readConfig(path, {}, {}),
    { code: 'bad_config' },
    'one that cannot be read is not one that is missing',
  );
});

t.test('bootstrap.json', async (t) => {
  const path = folder(t);
  const file = join(path, 'bootstrap.json');
  t.same(readBootstrap(file, { required: false }), { ticket: undefined, peers: [] }, 'a missing one is an empty one');
  t.throws(() => readBootstrap(file, { required: true }), { code: 'bad_bootstrap' }, 'unless somebody named it');
  const write = (content: unknown) =>
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  const id = '12D3KooWA768LzHMatxkjD1f9DrYW375GZJr6MHPCNEdDtHeTNRt';
  write({ ticket: null, peers: ['/ip4/10.0.0.1/tcp/5', `/dns4/desk/tcp/6/p2p/${id}`] });
  t.same(readBootstrap(file, { required: false }), {
    ticket: undefined,
    peers: [
      { address: '/ip4/10.0.0.1/tcp/5', peerId: undefined },
      { address: '/dns4/desk/tcp/6', peerId: id },
    ],
  });
  write('\uFEFF{"peers":[]}');
  t.same(readBootstrap(file, { required: true }).peers, [], 'a byte order mark is no part of it');
  write({ ticket: '' });
  t.equal(readBootstrap(file, { required: false }).ticket, undefined);
  const cases: [unknown, string | undefined][] = [
    ['{', undefined],
    [[], undefined],
    ['null', undefined],
    [{ ticket: 5 }, 'ticket'],
    [{ peers: 'x' }, 'peers'],
    [{ peers: ['/ip4/10.0.0.1/tcp/5', '10.0.0.1:5'] }, 'peers.1'],
    [{ peers: ['/ip4/10.0.0.1'] }, 'peers.0'],
    [{ peers: [`/p2p/${id}`] }, 'peers.0'],
    [{ peers: new Array(201).fill('/ip4/10.0.0.1/tcp/5') }, 'peers'],
  ];
  for (const [content, field] of cases) {
    write(content);
    t.throws(
      () => readBootstrap(file, { required: false }),
      { code: 'bad_bootstrap', field },
      JSON.stringify(content).slice(0, 60),
    );
  }
  write({ peer: [] });
  t.throws(() => readBootstrap(file, { required: false }), { code: 'bad_bootstrap' }, 'a misspelt key is no setting');
});

t.test('folders and keys are for their owner alone, and keys are never overwritten', async (t) => {
  const path = join(folder(t), 'deep', 'node');
  const directory = openDataDirectory(path);
  for (const each of [path, directory.data, directory.checkpoints]) t.equal(modeOf(each), 0o700, each);
  const seed = loadSecret(directory, 'node.key');
  t.same(loadSecret(directory, 'node.key'), seed, 'the same key at the next start');
  t.notSame(loadSecret(directory, 'recovery.key'), seed);
  const file = join(path, 'node.key');
  t.equal(modeOf(file), 0o600);
  for (const damaged of ['', 'x', 'ab'.repeat(31), `${'ab'.repeat(32)} ${'ab'.repeat(32)}`, 'AB'.repeat(32)]) {
    writeFileSync(file, damaged);
    t.throws(() => loadSecret(directory, 'node.key'), { code: 'data_dir_unusable' });
    t.equal(readFileSync(file, 'utf8'), damaged, 'nothing was changed');
  }
  writeApiAddress(directory, { url: 'http://127.0.0.1:1/', token: 'secret' });
  t.equal(modeOf(join(path, 'api.json')), 0o600);
  t.same(readApiAddress(path), { url: 'http://127.0.0.1:1/', token: 'secret' });
  writeFileSync(join(path, 'api.json'), '{"url":5}');
  t.equal(readApiAddress(path), undefined);
  removeApiAddress(directory);
  t.equal(readApiAddress(path), undefined);
  writeFileSync(join(path, 'blocked'), '');
  t.throws(() => openDataDirectory(join(path, 'blocked', 'x')), { code: 'data_dir_unusable', field: 'data-dir' });
});

t.test('the address book is a convenience', async (t) => {
  const directory = openDataDirectory(folder(t));
  t.same(readAddressBook(directory), {});
  writeAddressBook(directory, { a: ['/ip4/10.0.0.1/tcp/1'] });
  t.same(readAddressBook(directory), { a: ['/ip4/10.0.0.1/tcp/1'] });
  for (const [text, left] of [
    ['{', {}],
    ['null', {}],
    ['{"a":5,"b":["x"],"c":[1]}', { b: ['x'] }],
  ] as const) {
    writeFileSync(join(directory.path, 'peers.json'), text);
    t.same(readAddressBook(directory), left, text);
  }
});

t.test('one node at a time', async (t) => {
  const directory = openDataDirectory(folder(t));
  const file = join(directory.path, 'lock');
  const started = Math.round(Date.now() / 1000 - uptime());
  writeFileSync(file, `${process.ppid}\n${started}\n`);
  t.throws(() => lockDataDirectory(directory), {
    code: 'already_running',
    field: 'data-dir',
    message: new RegExp(`process ${process.ppid}`),
  });
  writeFileSync(file, `${process.ppid}`);
  t.throws(() => lockDataDirectory(directory), { code: 'already_running' }, 'also one written before');
  const dead = spawnSync(process.execPath, ['-e', '']).pid;
  for (const [what, text] of [
    ['a process that has ended', `${dead}\n${started}\n`],
    ['a number that another program has got since this machine was started', `${process.ppid}\n${started - 3600}\n`],
    ['a lock that a crash left empty', ''],
    ['something else', 'x'],
  ] as const) {
    writeFileSync(file, text);
    const release = lockDataDirectory(directory);
    t.match(readFileSync(file, 'utf8'), new RegExp(`^${process.pid}\n`), what);
    t.equal(modeOf(file), 0o600 & modeOf(file));
    release();
    t.notOk(existsSync(file));
  }
});

t.test('an old ledger is kept under another name', async (t) => {
  const directory = openDataDirectory(folder(t));
  const archives = [1, 2, 3].map((n) => {
    mkdirSync(directory.ledger);
    writeFileSync(join(directory.ledger, 'content'), String(n));
    return archiveLedger(directory, 'ab'.repeat(32));
  });
  t.equal(new Set(archives).size, 3);
  t.same(
    archives.map((path) => readFileSync(join(path, 'content'), 'utf8')),
    ['1', '2', '3'],
  );
});

t.test('ports', async (t) => {
  const server = createServer();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
  t.teardown(() => server.close());
  const hosts = ['127.0.0.1'];
  t.equal(await findPort(hosts, 0, { fixed: true, avoid: [] }), 0);
  await t.rejects(findPort(hosts, port, { fixed: true, avoid: [] }), { code: 'mesh_port_in_use' });
  const next = await findPort(hosts, port, { fixed: false, avoid: [port + 1] });
  t.ok(next > port + 1, 'a default port moves on, past those that are promised to others');
});
