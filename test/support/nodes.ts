// Real nodes for tests: built processes with own data directories on free loopback ports, driven over their API.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type {
  CreateJobInput,
  JobView,
  LedgerView,
  MemberView,
  NodeStatus,
  Page,
  ResultView,
  UnitView,
} from '../../src/ui/api.ts';
import type { InviteView } from '../../src/ui/api-members.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PROGRAM = join(ROOT, 'dist', 'node.js');
const ASKER = join(ROOT, 'test', 'support', 'asker.mjs');
/** Real candles lie beside the project on the machines of its makers; elsewhere the tests that want them say so. */
export const BTC_5M = join(ROOT, '..', 'shared', 'data', 'BTC-USD_5m_coinbase.csv.gz');

export interface Ready {
  ui: string;
  peerId: string;
  meshId: string;
  mesh: string[];
}

export interface NodeOptions {
  /** Path of a bootstrap file; none by default. */
  bootstrap?: string;
  join?: string;
  threads?: number;
  args?: readonly string[];
  /** Another program than the product, for liars. */
  program?: string;
  /** Words before the program: a network namespace. */
  prefix?: readonly string[];
  environment?: Readonly<Record<string, string>>;
  /** Do not wait for the node to be in a mesh. */
  waiting?: boolean;
  /** Port of its page, where it has to be the one that it had; any by default. */
  uiPort?: number;
}

export class TestNode {
  readonly name: string;
  readonly dataDir: string;
  readonly logFile: string;
  readonly #prefix: readonly string[];
  #child: ChildProcess | undefined;
  #asking: Asker | undefined;
  #exit: Promise<number | null> = Promise.resolve(null);
  ready!: Ready;

  constructor(name: string, home: string, prefix: readonly string[] = []) {
    this.name = name;
    this.dataDir = join(home, name);
    this.logFile = join(home, `${name}.log`);
    this.#prefix = prefix;
  }

  async start(options: NodeOptions = {}): Promise<Ready> {
    const log = openSync(this.logFile, 'a');
    const bootstrap = options.bootstrap ?? emptyBootstrap(this.dataDir);
    const args = [
      ...['start', '--json', '--name', this.name, '--data-dir', this.dataDir, '--bootstrap', bootstrap],
      ...(options.args ?? ['--mesh-host', '127.0.0.1', '--no-mdns', '--mesh-port', '0', '--lobby-port', '0']),
      ...['--ui-port', String(options.uiPort ?? 0), '--threads', String(options.threads ?? 1)],
      ...(options.join === undefined ? [] : ['--join', options.join]),
    ];
    const [command, ...rest] = [...this.#prefix, process.execPath, options.program ?? PROGRAM, ...args];
    const child = spawn(command!, rest, {
      stdio: ['ignore', 'pipe', log],
      env: { ...process.env, STRATMESH_PRIORITY: 'normal', ...options.environment },
    });
    closeSync(log);
    this.#child = child;
    this.#exit = new Promise((resolve) => child.once('exit', (code) => resolve(code)));
    const wanted = options.waiting === true ? ['ready', 'waiting'] : ['ready'];
    for await (const line of createInterface({ input: child.stdout! })) {
      const word = JSON.parse(line) as Ready & { event: string; error?: { code: string; message: string } };
      if (word.error !== undefined) throw new Error(`${this.name}: ${word.error.code}: ${word.error.message}`);
      if (wanted.includes(word.event)) {
        this.ready = word;
        return word;
      }
    }
    throw new Error(`${this.name} ended before it was ready:\n${this.log()}`);
  }

  log(): string {
    return readFileSync(this.logFile, 'utf8');
  }

  /** As a crash or a pulled plug would: no handler of the process runs. */
  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#exit;
  }

  /** As closing the lid does to a process. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  async stop(): Promise<number | null> {
    this.#child?.kill('SIGTERM');
    return this.#exit;
  }

  /** Whatever still runs, without waiting for its good manners. */
  async end(): Promise<void> {
    this.#asking?.end();
    this.#asking = undefined;
    if (this.#child?.exitCode === null && this.#child.signalCode === null) await this.kill();
  }

  /** One command of the product on this node's data directory. */
  async command<T>(...args: string[]): Promise<T> {
    const [command, ...rest] = [
      ...this.#prefix,
      process.execPath,
      PROGRAM,
      ...args,
      '--json',
      '--data-dir',
      this.dataDir,
    ];
    const stdout = await new Promise<string>((resolve, reject) => {
      execFile(command!, rest, (error, out) => (error !== null && out === '' ? reject(error) : resolve(out)));
    });
    return JSON.parse(stdout) as T;
  }

  status(): Promise<NodeStatus> {
    return this.#call('GET', 'status');
  }

  async members(): Promise<MemberView[]> {
    return (await this.#call<Page<MemberView>>('GET', 'members')).items;
  }

  async jobs(): Promise<JobView[]> {
    return (await this.#call<Page<JobView>>('GET', 'jobs')).items;
  }

  async units(job: string): Promise<UnitView[]> {
    return (await this.#call<Page<UnitView>>('GET', `units?job=${job}`)).items;
  }

  async results(): Promise<ResultView[]> {
    return (await this.#call<Page<ResultView>>('GET', 'results')).items;
  }

  get<T>(path: string): Promise<T> {
    return this.#call('GET', path);
  }

  post<T>(path: string, body: object): Promise<T> {
    return this.#call('POST', path, body);
  }

  ledger(): Promise<LedgerView> {
    return this.#call('GET', 'ledger');
  }

  invite(uses: number): Promise<InviteView> {
    return this.#call('POST', 'invites', { uses });
  }

  createJob(input: CreateJobInput): Promise<JobView> {
    return this.#call('POST', 'jobs', input);
  }

  verify(): Promise<{ ok: boolean; entries: number; root: string; faults: unknown[] }> {
    return this.#call('POST', 'ledger/verify', {});
  }

  async #call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const { status, text } = await this.#asker().ask({ data: this.dataDir, method, path, body });
    if (status < 200 || status > 299) throw new Error(`${this.name} ${path}: ${status} ${text}`);
    return JSON.parse(text) as T;
  }

  #asker(): Asker {
    this.#asking ??= new Asker(this.#prefix);
    return this.#asking;
  }
}

interface Question {
  data: string;
  method: string;
  path: string;
  body: unknown;
}

/** A process on the node's host that asks its API: a command of the product takes a second and more each time. */
class Asker {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: { status: number; text: string }) => void>();
  #id = 0;

  constructor(prefix: readonly string[]) {
    const [command, ...rest] = [...prefix, process.execPath, ASKER];
    this.#child = spawn(command!, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
    createInterface({ input: this.#child.stdout! }).on('line', (line) => {
      const { id, ...answer } = JSON.parse(line) as { id: number; status: number; text: string };
      this.#waiting.get(id)?.(answer);
      this.#waiting.delete(id);
    });
    this.#child.once('exit', () => {
      for (const answer of this.#waiting.values()) answer({ status: 0, text: 'the asker has ended' });
    });
  }

  ask(question: Question): Promise<{ status: number; text: string }> {
    this.#id += 1;
    const id = this.#id;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#child.stdin!.write(`${JSON.stringify({ id, ...question })}\n`);
    });
  }

  end(): void {
    this.#child.kill();
  }
}

function emptyBootstrap(directory: string): string {
  const file = join(directory, 'no-bootstrap.json');
  writeFileSync(file, '{}');
  return file;
}

/** A folder for the nodes of one test; everything in it ends and goes with the test. */
export class TestHome {
  readonly path = mkdtempSync(join(tmpdir(), 'stratmesh-test-'));
  readonly #nodes: TestNode[] = [];

  node(name: string, prefix?: readonly string[]): TestNode {
    const node = new TestNode(name, this.path, prefix);
    mkdirSync(node.dataDir, { recursive: true });
    this.#nodes.push(node);
    return node;
  }

  bootstrapFile(name: string, content: { ticket?: string; peers?: string[] }): string {
    const file = join(this.path, name);
    writeFileSync(file, JSON.stringify(content));
    return file;
  }

  async close(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.end()));
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Asks again and again until there is an answer. Fails with `what` when the time is over. */
export async function until<T>(what: string, ask: () => Promise<T | undefined | false>, limitMs = 60_000): Promise<T> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadline) throw new Error(`not within ${limitMs / 1000} s: ${what}`);
    await delay(50);
  }
}

/** Unit → digest of what is validated. */
export function digestsOf(units: readonly UnitView[]): Record<number, string> {
  const validated = units.filter((unit) => unit.state === 'validated' && unit.digest !== null);
  return Object.fromEntries(validated.map((unit) => [unit.index, unit.digest!]));
}

export async function allValidated(node: TestNode, job: string, count: number): Promise<UnitView[] | undefined> {
  const units = await node.units(job).catch(() => []);
  return units.length === count && units.every((unit) => unit.state === 'validated') ? units : undefined;
}
