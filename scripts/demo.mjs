// The product's main job on this machine: three nodes in processes of their own, joined by a bootstrap file, mine the
// built-in sample candles and agree. Runs until Ctrl-C; with --once it ends when the results are validated and the
// state roots are equal, with exit code 0, or after two minutes with 1.
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const PROGRAM = join(dirname(dirname(fileURLToPath(import.meta.url))), 'dist', 'node.js');
const NAMES = ['north', 'middle', 'south'];
const UNITS = 6;
const LIMIT_MS = 120_000;
const once = process.argv.includes('--once');
const say = (line) => process.stdout.write(`${line}\n`);

const home = mkdtempSync(join(tmpdir(), 'stratmesh-demo-'));
const dataDir = (name) => join(home, name);
const children = [];
let stopping;

/** Starts one node and waits for its first word. */
async function startNode(name, bootstrap) {
  const log = openSync(join(home, `${name}.log`), 'w');
  const ports = ['--ui-port', '0', '--mesh-port', '0', '--lobby-port', '0', '--mesh-host', '127.0.0.1', '--no-mdns'];
  const args = ['start', '--json', '--name', name, '--data-dir', dataDir(name), '--bootstrap', bootstrap, ...ports];
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', log] });
  child.exited = new Promise((resolve) => child.once('exit', resolve));
  children.push(child);
  for await (const line of createInterface({ input: child.stdout })) {
    const word = JSON.parse(line);
    if (word.error !== undefined) throw new Error(`${name}: ${word.error.message}`);
    if (word.event === 'ready') return { name, ...word };
  }
  throw new Error(`${name} ended before it was ready; its log: ${readFileSync(join(home, `${name}.log`), 'utf8')}`);
}

/** One command of the product, on one node. */
async function run(name, ...args) {
  const call = promisify(execFile)(process.execPath, [PROGRAM, ...args, '--json', '--data-dir', dataDir(name)]);
  const { stdout } = await call.catch((failure) => {
    throw new Error(JSON.parse(failure.stdout).error?.message ?? failure.message);
  });
  return JSON.parse(stdout);
}

async function api(name, path) {
  const { url, token } = JSON.parse(readFileSync(join(dataDir(name), 'api.json'), 'utf8'));
  const answer = await fetch(new URL(`/api/v1/${path}`, url), { headers: { authorization: `Bearer ${token}` } });
  return answer.json();
}

function stop() {
  stopping ??= (async () => {
    for (const child of children) child.kill('SIGINT');
    await Promise.all(children.map((child) => child.exited));
    rmSync(home, { recursive: true, force: true });
  })();
  return stopping;
}

function bar(done, running, total) {
  return `${'█'.repeat(done)}${'▒'.repeat(running)}${'·'.repeat(Math.max(0, total - done - running))}`;
}

/** Watches until every node says the same; false when time is over. */
async function watch(jobId, deadline) {
  for (let last = ''; Date.now() < deadline && stopping === undefined; await delay(500)) {
    const views = await Promise.all(
      NAMES.map(async (name) => ({
        status: await api(name, 'status'),
        job: (await api(name, 'jobs')).items.find((job) => job.id === jobId),
        shown: (await api(name, 'results')).items.length,
      })),
    );
    const counts = views[0].job?.counts;
    if (counts === undefined) continue;
    const work = views.map(
      ({ status }) =>
        `${status.name} ${status.unit === null ? status.mode : `unit ${status.unit.index + 1} gen ${status.unit.generation}/${status.unit.generations}`}`,
    );
    const line = `  ${bar(counts.validated, counts.running, UNITS)}  ${counts.validated}/${UNITS} units validated   ${work.join(' · ')}`;
    if (process.stdout.isTTY) process.stdout.write(`\r\u001b[K${line}`);
    else if (counts.validated !== last) say(line);
    last = counts.validated;
    const done = views.every(({ job, shown }) => job?.counts.validated === UNITS && shown > 0);
    if (done && new Set(views.map(({ status }) => status.ledger.root)).size === 1) return views[0].status.ledger.root;
  }
  return undefined;
}

async function demo() {
  const deadline = Date.now() + LIMIT_MS;
  const none = join(home, 'none.json');
  writeFileSync(none, '{}');
  const bootstrap = join(home, 'bootstrap.json');
  say('Starting three nodes on this machine …');
  const first = await startNode(NAMES[0], none);
  const { ticket } = await run(NAMES[0], 'invite', '--uses', '2');
  writeFileSync(bootstrap, JSON.stringify({ ticket, peers: first.mesh }, null, 2), { mode: 0o600 });
  const others = await Promise.all(NAMES.slice(1).map((name) => startNode(name, bootstrap)));
  for (const node of [first, ...others]) say(`  ${node.name.padEnd(7)} page ${node.ui}`);
  const [{ hash }] = await Promise.all(NAMES.map((name) => run(name, 'data', 'sample')));
  const job = await run(
    NAMES[0],
    'job',
    'create',
    '--data',
    hash,
    '--preset',
    'quick',
    '--units',
    String(UNITS),
    '--seed',
    'demo',
    '--permutations',
    '0',
  );
  say(`Mining “${job.name}” on SAMPLE data (synthetic, see docs/engine.md): ${UNITS} units, each on 2 of 3 machines.`);
  const root = await watch(job.id, deadline);
  if (process.stdout.isTTY) say('');
  if (root === undefined) {
    if (stopping === undefined) process.stderr.write('The results were not validated within two minutes.\n');
    return false;
  }
  say(
    `All ${UNITS} units are validated: two machines gave the same bits for each. State root on all three: ${root.slice(0, 16)}…`,
  );
  say('Best strategies on SAMPLE data, out of sample, after fees (past results of a synthetic market):');
  for (const result of (await api(NAMES[0], 'results')).items.slice(0, 3)) {
    const percent = (100 * result.outOfSample.return).toFixed(2).replace('-', '−');
    say(
      `  ${result.codeName.padEnd(18)} ${percent.padStart(7)} %   ${result.outOfSample.trades} trades   ${result.sentence}`,
    );
  }
  await tellVerdict(job.id);
  return true;
}

/** Every node judges alone; from the same entries they come to the same. */
async function tellVerdict(job) {
  const views = await Promise.all(NAMES.map((name) => run(name, 'job', 'verdict', job)));
  const [first] = views.map(({ judgement, why }) => judgement?.summary.en ?? [why]);
  if (new Set(views.map(({ judgement }) => JSON.stringify(judgement))).size > 1) {
    throw new Error('the three nodes judge differently');
  }
  say('The verdict, the same on all three:');
  for (const sentence of first) say(`  ${sentence}`);
}

const interrupted = new Promise((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => resolve(stop()));
});
let reached = false;
try {
  reached = await demo();
  if (reached && !once) {
    say('The nodes keep running. Open a page; Ctrl-C stops all three.');
    await interrupted;
  }
} catch (error) {
  if (stopping === undefined) process.stderr.write(`${error.message}\n`);
} finally {
  await stop();
}
process.exitCode = reached ? 0 : 1;
