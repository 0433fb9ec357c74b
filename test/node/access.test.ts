// Tokens and sessions: shown once, kept as hashes, good until taken back, and the node listens for others only with one.
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { openAccess } from '../../src/node/access.ts';
import { runCommand } from '../../src/node/cli/main.ts';
import { createLogRing, redact } from '../../src/node/log-ring.ts';
import { SESSION_MS } from '../../src/ui/limits.ts';
import { careOf, logLine } from '../ui/fixture-care.ts';

async function run(...argv: string[]) {
  const said = { out: '', err: '' };
  const streams = {
    stdout: { write: (text: string) => (said.out += text) },
    stderr: { write: (text: string) => (said.err += text), isTTY: false },
  };
  const code = await runCommand(argv, { ...streams, environment: {} } as never, new AbortController().signal);
  return { code, ...said };
}

t.test('T5 a token is on the disk as its hash, for its owner alone', async (t) => {
  const { access, dataDir } = careOf(t);
  const made = access.newToken('backup script');
  t.match(made, { name: 'backup script', token: /^[\w-]{43}$/ });
  const file = join(dataDir, 'tokens.json');
  t.equal(statSync(file).mode & 0o777, 0o600);
  t.notOk(readFileSync(file, 'utf8').includes(made.token));
  t.equal(access.tokenHashes().length, 1);
  const other = openAccess(dataDir, Date.now);
  t.same(other.tokens(), access.tokens(), 'another process reads the same');
  other.newToken('phone');
  t.equal(access.tokens().length, 2, 'and what it writes counts at once');
  writeFileSync(file, '{');
  t.same(access.tokenHashes(), [], 'nobody is let in by a damaged file, and the node lives on');
  t.throws(() => openAccess(dataDir, Date.now), { code: 'data_dir_unusable' });
});

t.test('a session: by a token or by a link that is good once', async (t) => {
  let now = 1_000_000;
  const { access } = careOf(t, () => now);
  const { id, token } = access.newToken('phone');
  t.equal(access.openSession({ token: 'wrong' }, 'x'), undefined);
  const byToken = access.openSession({ token }, 'a phone')!;
  t.match(byToken, /^[\w-]{43}$/);
  const { code } = access.newSignIn();
  const byLink = access.openSession({ code }, 'a tablet')!;
  t.equal(access.openSession({ code }, 'a thief'), undefined, 'a link is good once');
  t.same(
    access.sessions().map(({ device }) => device),
    ['a phone', 'a tablet'],
  );
  access.dropToken(id);
  t.same(
    access.sessions().map(({ device }) => device),
    ['a tablet'],
    'what a token opened ends with it',
  );
  t.throws(() => access.dropToken(id), { code: 'token_unknown', status: 404 });
  access.closeSession(byLink);
  t.same(access.sessionHashes(), []);
  const late = access.newSignIn();
  now += 10 * 60_000;
  t.equal(access.openSession({ code: late.code }, 'x'), undefined, 'a link ends after ten minutes');
  access.openSession({ code: access.newSignIn().code }, 'a laptop');
  t.throws(() => access.endSession('none'), { code: 'session_unknown' });
  now += SESSION_MS;
  t.same(access.sessionHashes(), [], 'a session ends after thirty days');
});

t.test('the same on the command line', async (t) => {
  const { access, dataDir } = careOf(t);
  const made = await run('token', 'new', '--name', 'script', '--data-dir', dataDir);
  t.match(made, { code: 0, out: /^[\w-]{43}\n$/, err: /Shown this once/ });
  const [{ id } = { id: '' }] = access.tokens();
  t.match(await run('token', 'list', '--data-dir', dataDir), { code: 0, out: new RegExp(`${id} +token +script`) });
  t.match(await run('token', 'drop', id, '--data-dir', dataDir), { code: 0 });
  t.match(await run('token', 'drop', id, '--data-dir', dataDir), { code: 2, err: /No token and no session/ });
  t.same(access.tokens(), []);
});

t.test('S2 without a token the page does not listen for others', async (t) => {
  const { dataDir } = careOf(t);
  const start = ['start', '--data-dir', dataDir, '--host', '0.0.0.0', '--ui-port', '0', '--mesh-host', '127.0.0.1'];
  const ports = ['--mesh-port', '0', '--lobby-port', '0', '--no-mdns', '--threads', '1', '--log-level', 'silent'];
  t.match(await run(...start, ...ports, '--json'), { code: 2, out: /"token_missing"/ });
});

t.test('the log keeps the latest lines, and no secret leaves it', async (t) => {
  const ring = createLogRing(3);
  const ticket = `smesh1${'3yQ'.repeat(40)}`;
  const token = 'k'.repeat(43);
  ring.write(logLine(30, 'one', { type: 'unit.finished', hash: 'ab' }));
  ring.write(logLine(40, `joined by ${ticket} with Bearer ${token}`, { remoteAddress: '10.0.0.9', given: token }));
  const error = Object.assign(new Error('boom'), { stack: 'Error: boom\n    at mine (/home/ana/x.js:1:1)' });
  ring.write(logLine(50, 'a request failed', { err: { stack: error.stack } }));
  ring.write(logLine(20, 'four'));
  const { lines, last, missed } = ring.logs({ limit: 10 });
  t.equal(last, 4);
  t.equal(missed, 0);
  t.match(lines, [
    { seq: 2, level: 'warn', part: 'page', message: 'joined by smesh1… with Bearer …' },
    { seq: 3, level: 'error', part: 'node', detail: ['Error: boom', /at mine/] },
    { seq: 4, level: 'debug', message: 'four', detail: [] },
  ]);
  t.notOk(JSON.stringify(lines).includes(token));
  t.match(ring.logs({ after: 0, limit: 1 }), { lines: [{ seq: 2 }], last: 2, missed: 1 });
  t.match(ring.logs({ after: 3, limit: 10 }), { lines: [{ seq: 4 }], last: 4, missed: 0 });
  t.match(ring.logs({ after: 4, limit: 10 }), { lines: [], last: 4, missed: 0 });
  t.equal(redact('/home/ana/.local/share', '/home/ana'), '~/.local/share');
  const hash = 'ab'.repeat(32);
  t.equal(redact(hash), hash, 'hashes are no secrets');
});
