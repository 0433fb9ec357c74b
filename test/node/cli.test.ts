// The command line: help, exit codes, one line for a person or one document for a program, over a stub of the API.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import t, { type Test } from 'tap';
import { runCommand } from '../../src/node/cli/main.ts';
import { VERBS } from '../../src/node/cli/verbs.ts';
import { writeApiAddress } from '../../src/node/data-directory.ts';
import { resultOf, snapshotOf } from '../ui/fixture-data.ts';

interface Said {
  code: number;
  out: string;
  err: string;
}

async function run(argv: readonly string[], environment: Record<string, string> = {}): Promise<Said> {
  const said: { out: string[]; err: string[] } = { out: [], err: [] };
  const streams = {
    stdout: { write: (text: string) => said.out.push(text) },
    stderr: { write: (text: string) => said.err.push(text), isTTY: false },
    environment,
  };
  const code = await runCommand(argv, streams as never, new AbortController().signal);
  return { code, out: said.out.join(''), err: said.err.join('') };
}

function folder(t: Test): string {
  const path = mkdtempSync(join(tmpdir(), 'stratmesh-cli-'));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

interface Request {
  method: string;
  path: string;
  body: unknown;
}

/** A data directory whose node answers what `answer` says. */
async function stub(t: Test, answer: (request: Request) => { status?: number; body: unknown }) {
  const dataDir = folder(t);
  const requests: (Request & { token: string | undefined })[] = [];
  const server = createServer(async (incoming, outgoing) => {
    let text = '';
    for await (const chunk of incoming) text += String(chunk);
    const request = {
      method: incoming.method!,
      path: incoming.url!.replace('/api/v1/', ''),
      body: text === '' ? undefined : (JSON.parse(text) as unknown),
    };
    requests.push({ ...request, token: incoming.headers.authorization });
    const { status = 200, body } = answer(request);
    outgoing.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  writeApiAddress({ path: dataDir } as never, { url: `http://127.0.0.1:${port}/`, token: 'secret' });
  return { dataDir, requests, run: (...argv: string[]) => run([...argv, '--data-dir', dataDir]) };
}

t.test('every verb explains itself', async (t) => {
  const overview = await run(['--help']);
  t.equal(overview.code, 0);
  for (const verb of VERBS) {
    t.match(overview.out, `  ${verb.name} `, 'the overview names it');
    const help = await run([...verb.name.split(' '), '--help']);
    t.equal(help.code, 0, verb.name);
    t.match(help.out, new RegExp(`^stratmesh ${verb.name}`));
    for (const option of ['json', 'data-dir', 'help', ...Object.keys(verb.options)]) t.match(help.out, `--${option}`);
    t.equal(help.err, '');
  }
  t.match((await run(['--version'])).out, /^\d+\.\d+\.\d+\n$/);
  t.same((await run(['help'])).out, overview.out);
  t.same((await run(['status', '-h'])).code, 0);
});

t.test('wrong usage: exit code 2, and what to do', async (t) => {
  const cases: [string[], code: string, RegExp][] = [
    [['frobnicate'], 'unknown_verb', /“frobnicate” is not a command/],
    [['job'], 'unknown_verb', /There are: job create, job list, job show/],
    [['status', '--frob'], 'usage', /'--frob'.*See “stratmesh status --help”/],
    [['status', 'extra'], 'usage', /Use: stratmesh status/],
    [['job', 'show'], 'usage', /Use: stratmesh job show <JOB>/],
    [['members', '--data-dir'], 'usage', /argument missing/],
    [['start', '--ui-port', 'x', '--data-dir', '/nowhere'], 'bad_config', /ui-port/],
  ];
  for (const [argv, code, message] of cases) {
    const plain = await run(argv);
    t.equal(plain.code, 2, argv.join(' '));
    t.match(plain.err, message);
    t.match(plain.err, /^stratmesh: [^\n]+\n$/, 'in one line');
    t.equal(plain.out, '');
    const json = await run([...argv, '--json']);
    const { error } = JSON.parse(json.out) as { error: { code: string; message: string } };
    if (argv.at(-1) !== '--data-dir') t.match(error, { code, message }, 'and one document');
    t.equal(json.code, 2);
    t.equal(json.err, '');
  }
  const variable = await run(['start', '--data-dir', folder(t), '--json'], { STRATMESH_THREADS: 'many' });
  t.equal(variable.code, 2);
  t.match(JSON.parse(variable.out), { error: { code: 'bad_config', field: 'threads' } }, 'variables count as flags do');
});

t.test('no node, one that is gone, one that runs already', async (t) => {
  const dataDir = folder(t);
  for (const verb of ['status', 'members', 'results', 'pause', 'ledger root']) {
    const said = await run([...verb.split(' '), '--data-dir', dataDir]);
    t.equal(said.code, 4, verb);
    t.match(said.err, /No node runs on .*Start one with “stratmesh start”/);
  }
  writeApiAddress({ path: dataDir } as never, { url: 'http://127.0.0.1:1/', token: 'x' });
  const gone = await run(['status', '--json'], { STRATMESH_DATA_DIR: dataDir });
  t.equal(gone.code, 4);
  t.match(JSON.parse(gone.out), { error: { code: 'not_reachable', message: /does not answer/ } });
  writeFileSync(join(dataDir, 'lock'), String(process.ppid));
  const second = await run(['start', '--data-dir', dataDir, '--bootstrap', join(dataDir, 'none'), '--json']);
  t.equal(second.code, 3);
  t.match(JSON.parse(second.out), {
    error: { code: 'already_running', field: 'data-dir', message: /already runs on/ },
  });
});

t.test('what the node refuses', async (t) => {
  let refusal = {
    status: 422,
    body: { code: 'bad_ticket', detail: 'the ticket is cut short', field: 'ticket' } as unknown,
  };
  const node = await stub(t, () => refusal);
  const json = await node.run('join', 'smesh1x', '--json');
  t.same(
    [json.code, JSON.parse(json.out)],
    [2, { error: { code: 'bad_ticket', message: 'the ticket is cut short', field: 'ticket' } }],
  );
  t.match(node.requests[0], { method: 'POST', path: 'join', body: { ticket: 'smesh1x' }, token: 'Bearer secret' });
  refusal = { status: 403, body: { code: 'role', detail: 'Only an admin of this mesh can invite.' } };
  t.match(await node.run('invite'), { code: 1, err: 'stratmesh: Only an admin of this mesh can invite.\n' });
  refusal = { status: 500, body: 'not what was expected' };
  t.match(await node.run('status'), { code: 1, err: /the node answered 500/ });
  t.match(await node.run('invite', '--uses', 'many'), { code: 2, err: /--uses .* a number, not/ });
});

t.test('what people see, and what programs get', async (t) => {
  const snapshot = snapshotOf();
  const hostile = '\u001b[2J\u202eevil\u0007\nname';
  const members = snapshot.members.map((member, i) => (i === 1 ? { ...member, name: hostile } : member));
  const results = Array.from({ length: 3 }, (_, i) => resultOf(i));
  const lists: Record<string, { id?: string; peerId?: string }[]> = { members, jobs: snapshot.jobs, results };
  const whole: Record<string, unknown> = {
    status: snapshot.status,
    ledger: { root: 'ab', entries: 3, meshId: 'cd' },
    'ledger/verify': { ok: false, entries: 3, root: 'ab', faults: [{ entry: 'e', message: 'forged' }] },
    leaderboard: { items: results, pages: 1 },
    units: { items: [], next: null },
  };
  const node = await stub(t, ({ path }) => {
    const [name, query] = path.split('?');
    if (name! in whole) return { body: whole[name!] };
    const items = lists[name!];
    if (items === undefined) return { status: 404, body: { code: 'unknown_path', detail: 'nothing there' } };
    // Pages of one, so that they have to be followed.
    const cursor = new URLSearchParams(query).get('cursor');
    const at = cursor === null ? 0 : Number(cursor) + 1;
    return { body: { items: items.slice(at, at + 1), next: at + 1 < items.length ? String(at) : null } };
  });
  const status = await node.run('status');
  t.equal(status.code, 0);
  for (const word of [snapshot.status.name, snapshot.status.peerId, 'ledger', 'threads']) t.match(status.out, word);
  t.same(JSON.parse((await node.run('status', '--json')).out), snapshot.status);

  const table = await node.run('members');
  t.equal(table.out.trim().split('\n').length, members.length + 1, 'a line for each');
  t.notMatch(table.out.replaceAll('\n', ''), /\p{Cc}|\u202e/u, 'no name steers the terminal');
  t.match(table.out, '[2Jevilname');
  t.same(JSON.parse((await node.run('members', '--json')).out), { items: members, next: null }, 'all pages');

  t.match((await node.run('results')).out, results[2]!.codeName);
  t.match((await node.run('result', 'show', results[0]!.id)).out, results[0]!.sentence);
  t.same(JSON.parse((await node.run('result', 'show', results[0]!.id, '--json')).out), results[0]);
  t.match(await node.run('result', 'show', 'zzz'), { code: 2, err: /There is no result zzz/ });
  const [job] = snapshot.jobs;
  t.match((await node.run('job', 'list')).out, job!.name);
  t.match((await node.run('job', 'show', job!.id)).out, job!.id);
  t.equal((await node.run('ledger', 'root')).out, 'ab\n');
  const verify = await node.run('ledger', 'verify');
  t.match(verify, { code: 1, out: /e: forged/ }, 'a fault is a failure');
});

t.test('who takes part: what is for good is asked for twice', async (t) => {
  const invite = {
    inviteId: 'c3'.repeat(32),
    role: 'member',
    uses: 5,
    usesLeft: 2,
    expiresAt: '2026-01-01',
    issuer: 'desk',
  };
  const node = await stub(t, ({ path }) => {
    if (path.startsWith('members/')) return { body: { name: 'old pc', kept: 40, discarded: 2, root: 'ab' } };
    if (path === 'leave') return { body: { told: 0, admins: 0 } };
    return { body: path.endsWith('/cancel') ? invite : { items: [invite], next: null } };
  });
  for (const argv of [['revoke', 'old pc'], ['leave']]) {
    t.match(await node.run(...argv), { code: 2, err: /Say --yes if that is meant/ });
  }
  t.match(await node.run('revoke', '--yes'), { code: 2 }, 'whom');
  t.match(await node.run('revoke', 'x', '--yes', '--discard-since', '-1'), { code: 2 });
  t.equal(node.requests.length, 0, 'nothing was said yet');
  t.match(await node.run('revoke', 'old pc', '--yes'), { code: 0, out: /^old pc is removed. 40 of its .*, 2 do not/ });
  t.match(node.requests.at(-1), { method: 'POST', path: 'members/old%20pc/revoke', body: {} });
  const before = Date.now();
  await node.run('revoke', 'old pc', '--yes', '--discard-since', '2.5');
  const { discardSince } = node.requests.at(-1)!.body as { discardSince: string };
  t.ok(Math.abs(Date.parse(discardSince) - (before - 2.5 * 3_600_000)) < 60_000);
  t.match(await node.run('leave', '--yes'), { out: /nobody was connected to hear it/, err: /no admin any more/ });
  t.match((await node.run('invite', '--list')).out, /c3c3c3c3c3c3c3c3 .*2 of 5/);
  t.match(await node.run('invite', '--cancel', 'c3c3c3c3'), { out: /Taken back. 3 of 5/ });
  t.match(node.requests.at(-1), { method: 'POST', path: 'invites/c3c3c3c3/cancel' });
});

t.test('the recovery phrase: shown once, read from stdin', async (t) => {
  const dataDir = folder(t);
  writeFileSync(join(dataDir, 'recovery.key'), '00'.repeat(32));
  const show = (...argv: string[]) => run(['recovery', 'show', '--data-dir', dataDir, ...argv]);
  t.match(await show(), { code: 2, err: /Say --yes/ });
  const { code, out } = await show('--yes', '--json');
  t.same([code, JSON.parse(out)], [0, { words: [...Array<string>(23).fill('abandon'), 'art'] }]);
  t.match(await show('--yes', '--json'), { code: 1, out: /"code":\s*"recovery_shown"/ });
  const node = await stub(t, () => ({ body: { name: 'a', kept: 1, discarded: 0, root: 'ab' } }));
  const stdin = Object.getOwnPropertyDescriptor(process, 'stdin')!;
  t.teardown(() => Object.defineProperty(process, 'stdin', stdin));
  Object.defineProperty(process, 'stdin', { ...stdin, get: () => Readable.from(['zoo ', 'vote\n']) });
  t.match(await node.run('revoke', 'a', '--yes', '--phrase'), { code: 0 });
  t.match(node.requests[0], { path: 'members/a/revoke', body: { phrase: 'zoo vote\n' } });
});

t.test('machines of the local network: digits, windows, one or all', async (t) => {
  const who = { os: 'linux', version: '0.1.0', meshName: 'attic mesh', members: 1, state: 'waiting', canJoin: false };
  const pending = [
    { ...who, peerId: 'peer-1', name: 'attic', digits: '042137', canAdmit: true },
    { ...who, peerId: 'peer-2', name: 'barn', digits: '700001', canAdmit: true },
    { ...who, peerId: 'peer-3', name: 'other mesh', digits: '100000', canAdmit: false },
  ];
  const view = { hostUntil: '2026-01-01T00:00:00.000Z', guestUntil: null, reason: null, pending };
  const node = await stub(t, ({ path }) => {
    if (path === 'pending/peer-2/admit')
      return { status: 409, body: { code: 'pending_gone', detail: 'barn is gone.' } };
    if (path.endsWith('/admit')) return { body: { peerId: 'peer-1', name: 'attic', role: 'worker' } };
    return { body: view };
  });
  const shown = await node.run('pending');
  t.match(shown, { code: 0, out: /attic +042 137 +admit +attic mesh \(1\) +peer-1/, err: /Until 2026.* let in here/ });
  t.match(shown.out, /other mesh +100 000 +to be let in there/);
  t.same(JSON.parse((await node.run('pending', '--json')).out), view);
  t.match(await node.run('pending', '--open', '0'), { code: 2, err: /from 1 to 60/ });
  await node.run('pending', '--open', '30');
  t.match(node.requests.at(-1), { method: 'POST', path: 'pairing', body: { as: 'host', minutes: 30 } });
  await node.run('pending', '--close');
  t.match(node.requests.at(-1), { method: 'POST', path: 'pairing/close' });
  await node.run('join', '--lan', '--minutes', '5');
  t.match(node.requests.at(-1), { path: 'pairing', body: { as: 'guest', minutes: 5 } });
  t.match(await node.run('join'), { code: 2, err: /ticket, or --lan/ });
  t.match(await node.run('join', 'smesh1x', '--lan'), { code: 2 });
  t.match(await node.run('admit', 'attic', '--role', 'worker'), { code: 0, out: 'attic is in, as worker.\n' });
  t.match(node.requests.at(-1), { path: 'pending/attic/admit', body: { role: 'worker' } });
  t.match(await node.run('admit'), { code: 2, err: /by name or id, or --all/ });
  t.match(await node.run('admit', 'attic', '--all', '--yes'), { code: 2 });
  const before = node.requests.length;
  t.match(await node.run('admit', '--all'), { code: 2, err: /Compare the digits/ });
  t.equal(node.requests.length, before, 'nobody is let in unseen');
  t.match(await node.run('admit', '--all', '--yes'), { code: 1, out: /attic is in/, err: /barn is gone/ });
  t.match(await node.run('refuse', 'other mesh', '--json'), { code: 0 });
  t.match(node.requests.at(-1), { method: 'POST', path: 'pending/other%20mesh/refuse', body: {} });
  t.notOk(
    node.requests.some(({ path }) => path.includes('peer-3/admit')),
    'who does not ask is left alone',
  );
});
