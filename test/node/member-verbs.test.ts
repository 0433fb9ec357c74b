// `member show`, `member rename`, `member ping` and `result show --neighbours`, from the command line over the real server: to
// machines that are connected or gone, and to the invented mesh.
import '../../src/node/polyfill.ts';
import { createHash } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { runCommand } from '../../src/node/cli/main.ts';
import { writeApiAddress } from '../../src/node/data-directory.ts';
import { detailLines } from '../../src/node/verbs/member-show.ts';
import { decodeTicket } from '../../src/protocol/ticket.ts';
import type { NodePort } from '../../src/ui/api.ts';
import type { MemberDetail } from '../../src/ui/api-members.ts';
import { startServer } from '../../src/ui/server.ts';
import { careOf } from '../ui/fixture-care.ts';
import { resultOf } from '../ui/fixture-data.ts';
import { createFixtureNode } from '../ui/fixture-node.ts';
import { homeOf, machine } from './support/machine.ts';
import { until } from './support/worker.ts';

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined, debug: () => undefined };
const TOKEN = 'x'.repeat(43);

/** How to run a command on a node's API. */
async function commandsOf(t: Test, node: NodePort) {
  const server = await startServer(
    { node, log: SILENT, clock: { now: Date.now, after: () => () => undefined }, ...careOf(t) },
    { host: '127.0.0.1', port: 0, ownHash: createHash('sha256').update(TOKEN).digest('hex') },
  );
  t.teardown(() => server.stop());
  const dataDir = mkdtempSync(join(homeOf(t), 'cli-'));
  writeApiAddress({ path: dataDir } as never, { url: server.url, token: TOKEN });
  return async (...argv: string[]) => {
    const said = { out: '', err: '' };
    const streams = {
      stdout: { write: (text: string) => (said.out += text) },
      stderr: { write: (text: string) => (said.err += text), isTTY: false },
    };
    const args = [...argv, '--data-dir', dataDir];
    const code = await runCommand(args, { ...streams, environment: {} } as never, new AbortController().signal);
    return { code, ...said };
  };
}

t.test('two machines, of which one goes away', async (t) => {
  const home = homeOf(t);
  const a = machine(t, home, 'attic');
  await a.place.enter(undefined);
  const b = machine(t, home, 'barn');
  await b.place.enter(decodeTicket((await a.port.invite({})).ticket));
  await until('they are connected', () => a.port.members().some(({ self, connected }) => !self && connected), 20_000);
  const run = await commandsOf(t, a.port);

  const pinged = await run('member', 'ping', 'barn');
  t.match(pinged, { code: 0, out: /^barn answered after \d+(\.\d+)? ms\.\n$/ });
  const document = JSON.parse((await run('member', 'ping', b.peerId, '--json')).out) as { ms: number };
  t.match(document, { peerId: b.peerId, name: 'barn' });
  t.ok(document.ms >= 0 && document.ms < 5000);

  t.match(await run('member', 'rename', 'barn', 'the shed'), { code: 0, out: 'barn is called the shed here.\n' });
  t.equal(a.port.members().find(({ self }) => !self)?.givenName, 'the shed');
  t.equal(b.port.members().find(({ self }) => self)?.givenName, null, 'and only here');
  t.match((await run('members')).out, /^the shed \(barn\)/m);
  t.match((await run('member', 'show', 'barn')).out, /^name +the shed \(barn\)\nid +12D3/);
  t.match(await run('member', 'rename', 'barn'), { code: 0, out: 'barn is called by its own name.\n' });
  t.equal(a.port.members().find(({ self }) => !self)?.givenName, null);

  const shown = await run('member', 'show', 'barn');
  t.match(shown.out, /^role +member, since 2.*: let in by attic, with a ticket of attic \(entry [0-9a-f]{16}\)$/m);
  t.match(shown.out, /^connected +\/ip4\/127\.0\.0\.1\/tcp\/\d+, since 2.*, opened by (this node|the other)$/m);
  t.match(shown.out, /^traffic +\d+ k?B in, \d+ k?B out since 2/m);
  t.match((await run('member', 'show', 'attic')).out, /attic \(this node\)[\s\S]*the first member/);

  for (const verb of ['show', 'ping', 'rename'])
    t.match(await run('member', verb, 'nobody'), { code: 2, err: /No member has the name or id nobody/ }, verb);
  t.equal((await run('member', 'ping')).code, 2, 'whom?');

  const port = /\/tcp\/(\d+)/.exec(b.session().mesh.addresses()[0]!)![1];
  await b.stop();
  await until('it is gone', () => a.session().mesh.peers().length === 0);
  t.match(await run('member', 'ping', 'barn'), { code: 1, err: /no connection to barn/ });
  await until('it was called', () => a.port.memberDetail('barn').ways.some(({ problem }) => problem !== null), 20_000);
  const gone = await run('member', 'show', 'barn');
  t.match(gone.out, /^connected +no; attempts that failed in a row: \d+; (one is under way|the next one in \d+ s)$/m);
  t.match(gone.out, new RegExp(`/tcp/${port} .*connection_refused: Connection refused: nothing listens there`));
  const { ways } = JSON.parse((await run('member', 'show', 'barn', '--json')).out) as MemberDetail;
  t.match(ways[0], { problem: { code: 'connection_refused' }, inUse: false });
});

t.test('what is not known is said so; what others wrote moves no cursor', async (t) => {
  const node = createFixtureNode();
  const run = await commandsOf(t, node);
  const [, , pc, , away] = node.snapshot().members;
  const { out } = await run('member', 'show', away!.peerId);
  t.match(out, /^speed +—$/m);
  t.match(out, /^\/ip4\/100\.64\.0\.7\/tcp\/22071 +2 min ago +not yet +—$/m, 'an address that was not tried');
  t.match(out, /^connected +no; attempts that failed in a row: 5; the next one in 2\d s$/m);
  t.notOk(out.includes('\u202e'));
  t.match(out, /<b>evil<\/b>gro\.live/);
  t.match((await run('member', 'show', pc!.peerId)).out, /in use$/m);

  const nothing = { ...node.memberDetail(away!.peerId), traffic: null, attempts: null, ways: [], week: null };
  const lines = detailLines(nothing, Date.now());
  t.ok(lines.includes('traffic    —') && lines.includes('connected  no'), lines.join('\n'));
});

t.test('a week as text', async (t) => {
  const node = createFixtureNode();
  const detail = node.memberDetail(node.snapshot().members[4]!.peerId);
  const [online, offline] = [Array.from({ length: 168 }, () => 0), Array.from({ length: 168 }, () => 0)];
  Object.assign(online, { 0: 3_600_000, 1: 1, 167: 600_000 });
  Object.assign(offline, { 1: 2, 2: 3_600_000 });
  const week = { from: '2026-11-15T13:00:00.000Z', online, offline };
  const lines = detailLines({ ...detail, week }, Date.now());
  const first = lines.findIndex((line) => line.startsWith('seven days'));
  t.equal(lines[first], 'seven days 1 h 10 min online, 1 h 0 min offline, 165 h 50 min unknown, as this node saw it');
  t.equal(lines[first + 1], `           2026-11-15T13:00Z |█▄·${' '.repeat(21)}|`);
  t.equal(lines[first + 7], `           2026-11-21T13:00Z |${' '.repeat(23)}█|`);
});

t.test('result show --neighbours', async (t) => {
  const run = await commandsOf(t, createFixtureNode());
  const { id } = resultOf(0);
  const { code, out } = await run('result', 'show', id.slice(0, 12), '--neighbours');
  t.equal(code, 0);
  t.match(out, /In sample it earns \+9\.40 %\. With one number changed:\nNUMBER +IS +× 0\.8 +× 0\.9 +× 1\.1 +× 1\.2\n/);
  t.match(out, /^entry\.0\.0\.left\.period +14 +−2\.10 % +\+7\.10 % +\+8\.30 % +\+3\.80 %$/m);
  t.match(out, /^stopLoss\.percent +2 +\+5\.50 % +\+8\.00 % +— +\+9\.00 %$/m, 'what could not be run is a dash');
  t.notMatch((await run('result', 'show', id)).out, /With one number changed/, 'only when asked for');
  const { neighbours } = JSON.parse((await run('result', 'show', id, '--neighbours', '--json')).out) as {
    neighbours: { own: object };
  };
  t.match(neighbours.own, { return: 0.094, trades: 44 });
  t.match(await run('result', 'show', 'f00f', '--neighbours'), { code: 2 });
});
