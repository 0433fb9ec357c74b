// How a node is started, changed from page and command line: what counts, what wins over it, and that nothing is saved
// which would keep the node from starting.
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { runCommand } from '../../src/node/cli/main.ts';
import { readConfig } from '../../src/node/config.ts';
import { openSettings } from '../../src/node/own-settings.ts';

interface Given {
  flags?: Record<string, unknown>;
  environment?: Record<string, string>;
  tokens?: string[];
  ports?: number[];
}

function settingsOf(t: Test, { flags = {}, environment = {}, tokens = [], ports = [] }: Given = {}) {
  const path = mkdtempSync(join(tmpdir(), 'stratmesh-settings-'));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  const settings = openSettings({
    ...{ dataDirectory: path, config: readConfig(path, flags, environment), tokenHashes: () => tokens },
    ...{ ownAddresses: () => ['127.0.0.1', '192.168.1.10'], ownPorts: () => ports },
  });
  return { path, file: join(path, 'config.json'), settings, next: () => readConfig(path, flags, environment) };
}

t.test('what is saved is what the next start takes, and says so', async (t) => {
  const { file, settings, next } = settingsOf(t, { ports: [22_081] });
  writeFileSync(file, JSON.stringify({ 'log-level': 'warn', 'mesh-port': 22_081 }));
  const before = settings.settings();
  t.match(before.settings.meshPort, { now: 22_071, saved: 22_081, usual: 22_071, heldBy: null });
  t.equal(before.restart, true, 'it runs with another one than the file says');
  const changes = { name: 'attic', mdns: false, hostNames: ['Nas.tail', 'box'], dataQuota: 900, meshPort: null };
  const view = await settings.setSettings(changes);
  t.match(next(), {
    ...{ name: 'attic', mdns: false, hostNames: ['nas.tail', 'box'], dataQuotaMb: 900, meshPort: 22_071 },
    ...{ logLevel: 'warn', fixedPorts: { mesh: false } },
  });
  t.match(view.settings.mdns, { now: true, saved: false });
  t.equal(view.settings.meshPort.saved, null);
  t.equal(view.restart, true);
  t.equal(statSync(file).mode & 0o777, 0o600);
  t.same(view.addresses, ['192.168.1.10'], 'where others could reach it');
  const back = await settings.setSettings({ name: null, mdns: null, hostNames: null, dataQuota: null });
  t.equal(back.restart, false, 'as it runs already');
  t.same(JSON.parse(readFileSync(file, 'utf8')), { 'log-level': 'warn' }, 'what nobody changed stays');
});

t.test('a flag or a variable wins, and is named', async (t) => {
  const { settings, next } = settingsOf(t, {
    flags: { 'mesh-port': '22095' },
    environment: { STRATMESH_NAME: 'box', STRATMESH_HOST: '' },
  });
  const view = await settings.setSettings({ name: 'attic', meshPort: 0 });
  t.match(view.settings, {
    name: { now: 'box', saved: 'attic', heldBy: 'STRATMESH_NAME' },
    meshPort: { now: 22_095, saved: 0, heldBy: '--mesh-port' },
    host: { heldBy: null },
  });
  t.equal(view.restart, false, 'the next start is the same as this one');
  t.match(next(), { name: 'box', meshPort: 22_095 });
});

t.test('what would keep the node from starting is refused, and nothing of it is saved', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  t.teardown(() => taken.close());
  const { port } = taken.address() as AddressInfo;
  const { settings, file } = settingsOf(t);
  for (const [changes, code, field] of [
    [{ host: '0.0.0.0' }, 'token_missing', 'host'],
    [{ host: '192.168.1.10' }, 'token_missing', 'host'],
    [{ host: '10.9.8.7' }, 'bad_value', 'host'],
    [{ host: 'nas.tail' }, 'bad_value', 'host'],
    [{ uiPort: port }, 'mesh_port_in_use', 'uiPort'],
    [{ uiPort: 22_071 }, 'bad_value', 'uiPort'],
    [{ meshPort: 22_095, lobbyPort: 22_095 }, 'bad_value', 'meshPort'],
    [{ hostNames: ['*.tail'] }, 'bad_value', 'hostNames'],
    [{ hostNames: ['http://nas'] }, 'bad_value', 'hostNames'],
    [{ name: 'x'.repeat(41) }, 'bad_value', 'name'],
  ] as const)
    await t.rejects(
      settings.setSettings({ dataQuota: 7, ...changes } as never),
      { code, field },
      JSON.stringify(changes),
    );
  t.notOk(existsSync(file), 'all or none');
  t.equal((await settings.setSettings({ meshPort: 0, lobbyPort: 0, host: '::1' })).settings.meshPort.saved, 0);
  const own = settingsOf(t, { ports: [port] });
  t.equal((await own.settings.setSettings({ uiPort: port })).settings.uiPort.saved, port, 'it holds that one itself');
  const open = settingsOf(t, { tokens: ['ab'.repeat(32)] });
  for (const host of ['0.0.0.0', '::', '192.168.1.10', 'localhost'])
    t.equal((await open.settings.setSettings({ host })).settings.host.saved, host, `${host}, with a token`);
});

t.test('a config.json that somebody broke meanwhile is told, not overwritten', async (t) => {
  const { settings, file } = settingsOf(t);
  writeFileSync(file, '{ "name": ');
  await t.rejects(settings.setSettings({ name: 'attic' }), { code: 'bad_config', status: 409 });
  writeFileSync(file, '{ "ui-port": "many" }');
  t.throws(() => settings.settings(), { code: 'bad_value', field: 'uiPort' });
  await t.rejects(settings.setSettings({ name: 'attic' }), { code: 'bad_value' });
  t.equal(readFileSync(file, 'utf8'), '{ "ui-port": "many" }');
});

t.test('the command line does the same with the same words', async (t) => {
  const { path, next } = settingsOf(t);
  const run = async (...argv: string[]) => {
    let out = '';
    const streams = {
      stdout: { write: (text: string) => (out += text) },
      stderr: { write: () => undefined, isTTY: false },
    };
    const all = [...argv, '--data-dir', path];
    const code = await runCommand(all, { ...streams, environment: {} } as never, new AbortController().signal);
    return { code, out };
  };
  t.equal((await run('config', '--name', 'attic', '--mdns', 'off', '--host-names', 'nas.tail,box')).code, 0);
  t.match(next(), { name: 'attic', mdns: false, hostNames: ['nas.tail', 'box'] });
  t.match((await run('config')).out, /name +attic +\/.*config\.json[\s\S]*meshPort +22071 +default[\s\S]*mdns +off/);
  const refused = await run('config', '--host', '0.0.0.0', '--json');
  t.match(JSON.parse(refused.out), { error: { code: 'token_missing', field: 'host' } });
  t.equal(refused.code, 2);
  await run('token', 'new');
  t.equal((await run('config', '--host', '0.0.0.0')).code, 0);
  t.equal(next().host, '0.0.0.0');
  t.equal((await run('config', '--host', 'default', '--name', 'default', '--mdns', 'default')).code, 0);
  t.match(next(), { host: '127.0.0.1', mdns: true });
  t.equal((await run('config', '--mdns', 'maybe')).code, 2);
  t.equal((await run('config', '--ui-port', '70000')).code, 2);
});
