// One machine: a disk, a clock that may be wrong, and at most one running node, which is the product itself from the
// session down to the wire. Only the engine, libp2p and LevelDB are stood in for.

import type { UnitOutcome } from '../../src/engine/outcome.ts';
import { presetSpec } from '../../src/engine/search-spec.ts';
import { DEFAULT_THRESHOLDS } from '../../src/engine/statistics/thresholds.ts';
import type { UnitTask } from '../../src/engine/unit-task.ts';
import { adoptMesh, foundMesh } from '../../src/ledger/found.ts';
import type { LedgerDeps } from '../../src/ledger/ledger.ts';
import type { Host } from '../../src/node/address-book.ts';
import { createEvents } from '../../src/node/events.ts';
import type { Session, SessionDeps } from '../../src/node/session.ts';
import { fromHex, type Hex, sha256, toHex, utf8 } from '../../src/protocol/bytes.ts';
import type { Entry } from '../../src/protocol/entry.ts';
import { createSigner, peerIdText, type Signer } from '../../src/protocol/keys.ts';
import type { Job, Kind } from '../../src/protocol/kinds.ts';
import type { Role } from '../../src/protocol/schema.ts';
import { decodeTicket, encodeTicket, inviteStatement } from '../../src/protocol/ticket.ts';
import { Disk } from './disk.ts';
import { hostOf, type Network, seedOf } from './network.ts';
import { putDisk } from './standins.ts';
import type { Chance, Process } from './time.ts';

/** The parts of the product that a machine runs, on the stand-ins. */
export interface Product {
  startSession: typeof import('../../src/node/session.ts').startSession;
  knock: typeof import('../../src/node/join.ts').knock;
}

const SEARCH = { ...presetSpec({ preset: 'quick', risk: 'medium' }) };
const FINGERPRINT = 'ab'.repeat(32);
const DATASET = sha256(utf8('candles'));
const SILENT = { info: () => undefined, warn: () => undefined, debug: () => undefined };
const GENERATIONS = 4;
const NO_PLACES: never[] = [];

export interface Surroundings {
  product: Product;
  network: Network;
  chance: Chance;
}

export class Machine {
  readonly name: string;
  readonly host: string;
  readonly disk: Disk;
  readonly seed: Uint8Array;
  readonly signer: Signer;
  readonly key: Hex;
  readonly peerId: string;
  /** Wall clock less virtual time, ms. */
  skew = 0;
  /** Answers wrong on purpose. */
  lies = false;
  /** ms that a generation takes here. */
  pace: number;
  process: Process | undefined;
  session: Session | undefined;
  /** Entries whose append has resolved, by any process on this disk since it was last put back. */
  acknowledged: Entry[] = [];
  /** What it told its owner, by code. */
  readonly problems = new Map<string, string>();
  readonly #around: Surroundings;
  readonly #chance: Chance;

  constructor(around: Surroundings, n: number, name: string, seed = seedOf(name)) {
    this.#around = around;
    this.#chance = around.chance.fork();
    this.name = name;
    this.host = hostOf(n);
    this.disk = new Disk(around.network.world, this.#chance.fork());
    this.seed = seed;
    this.signer = createSigner(seed);
    this.key = toHex(this.signer.publicKey);
    this.peerId = peerIdText(this.signer.publicKey);
    this.pace = this.#chance.between(2000, 15_000);
    putDisk(this.#path, this.disk);
  }

  get #path(): string {
    return `/nonexistent/${this.host}/${this.name}`;
  }

  get isUp(): boolean {
    return this.session !== undefined && this.process?.ended === false;
  }

  async found(): Promise<Hex> {
    const process = this.#boot();
    const mesh = { name: 'home', firstName: this.name, root: createSigner(seedOf('root')).publicKey };
    return this.inside(process, () => foundMesh(this.#ledgerDeps(process), mesh));
  }

  /** Comes in by a ticket, like a person's second machine. */
  async join(ticket: string): Promise<void> {
    const process = this.#boot();
    const { seed, signer, name } = this;
    const admission = await this.inside(process, () =>
      this.#around.product.knock({ seed, signer, name }, decodeTicket(ticket), [], new AbortController().signal),
    );
    await this.inside(process, () => adoptMesh(this.#ledgerDeps(process), admission.mesh, admission.genesis));
    await this.start({ peerId: admission.host, addresses: admission.addresses, places: admission.places });
  }

  async start(host?: Host): Promise<void> {
    const process = this.#boot();
    this.process = process;
    const session = await this.inside(process, () =>
      this.#around.product.startSession(this.#sessionDeps(process), {
        ...{ places: () => NO_PLACES, host },
        goTo: () => Promise.reject(new Error('nobody pairs here')),
      }),
    ).catch((error: unknown) => {
      process.ended = true;
      if (this.process === process) this.process = undefined;
      throw error;
    });
    if (this.process === process && !process.ended) this.session = session;
  }

  crash(): void {
    if (this.process === undefined) return;
    this.process.ended = true;
    this.#around.network.drop(this.process);
    this.process = undefined;
    this.session = undefined;
    this.disk.crash();
  }

  async stop(): Promise<void> {
    const { session, process } = this;
    this.session = undefined;
    if (process === undefined) return;
    await this.inside(process, () => session?.close());
    process.ended = true;
    this.process = undefined;
  }

  sleep(ms: number): void {
    if (this.process !== undefined) this.process.sleepsUntil = this.#around.network.world.now + ms;
  }

  #boot(): Process {
    return { ended: false, sleepsUntil: 0, host: this.host };
  }

  inside<T>(process: Process, work: () => T): T {
    return this.#around.network.world.inside(process, work);
  }

  /** What a person does on this machine; undefined when it could not be done. */
  async act<T>(work: (session: Session) => Promise<T>): Promise<T | undefined> {
    const { session, process } = this;
    if (session === undefined || process === undefined || process.sleepsUntil > this.#around.network.world.now) return;
    return this.inside(process, () => work(session).catch(() => undefined));
  }

  append(kind: Kind, data: unknown): Promise<Entry | undefined> {
    return this.act(({ ledger }) => ledger.append(kind, data));
  }

  async createJob(changes: Partial<Job>): Promise<Entry | undefined> {
    const validation = { mode: 'replicate', replicas: 2, quorum: 2, most: 5 } as const;
    return this.append('job', {
      ...{
        name: 'a job',
        dataset: DATASET,
        fingerprint: fromHex(FINGERPRINT),
        search: SEARCH,
        validation,
        priority: 5,
      },
      market: { symbol: 'BTC', quote: 'USD', barMs: 60_000, sample: true },
      ...{ seed: String(this.#chance.whole(1e9)), units: 2 },
      ...changes,
    });
  }

  /** A ticket, or undefined when this machine may not make one. */
  async invite(uses: number, role: Role = 'member'): Promise<string | undefined> {
    return this.act(async ({ ledger, lobby }) => {
      const secret = this.#chance.bytes(32);
      const throwAway = createSigner(secret);
      const mesh = fromHex(ledger.meshId);
      const expires = this.#now() + 3_600_000;
      const proof = throwAway.sign('invite', inviteStatement(mesh, this.signer.publicKey));
      const said = { key: throwAway.publicKey, role, uses, expires, proof };
      await ledger.append('invite', said);
      await lobby.update();
      const addresses = lobby.addresses();
      return encodeTicket({ mesh, issuer: this.signer.publicKey, secret, role, uses, expires, addresses });
    });
  }

  #now(): number {
    return Math.max(0, Math.round(1.8e12 + this.#around.network.world.now + this.skew));
  }

  #ledgerDeps(process: Process): LedgerDeps {
    const store = this.disk.open(process);
    return {
      store,
      signer: this.signer,
      now: () => this.#now(),
      randomBytes: (length) => this.#chance.bytes(length),
    };
  }

  #sessionDeps(process: Process): SessionDeps {
    const { world } = this.#around.network;
    const events = createEvents(SILENT, () => 0);
    const none = async (): Promise<undefined> => undefined;
    const data = { list: () => [], has: () => true, candles: async () => ({}), refresh: none };
    const stubs = {
      pool: { threads: 1, backtests: 0, loads: () => [] },
      config: {
        ...{
          name: this.name,
          meshHosts: [this.host],
          meshPort: 0,
          lobbyPort: 0,
          mdns: false,
          threads: 1,
          dataQuotaMb: 0,
          thresholds: DEFAULT_THRESHOLDS,
        },
        fixedPorts: { mesh: true, lobby: true },
      },
      directory: { path: this.#path, checkpoints: this.#path, data: this.#path, verdicts: this.#path },
      data,
    } as unknown as Pick<SessionDeps, 'pool' | 'config' | 'directory' | 'data'>;
    const deps: SessionDeps = {
      ...this.#ledgerDeps(process),
      ...stubs,
      seed: this.seed,
      fingerprint: FINGERPRINT,
      events: {
        ...events,
        problem: (code, message) => {
          this.problems.set(code, message);
          events.problem(code, message);
        },
        solved: (code) => {
          this.problems.delete(code);
          events.solved(code);
        },
      },
      mine: (mining, task) => this.#mine(mining, task),
      judge: () => Promise.reject(new Error('nothing is judged here')),
      backtestsPerSecond: () => null,
      isAsleep: () => false,
      allowance: () => ({ run: 'run', threads: 1, share: 100, reason: '', hot: false }),
      monotonic: () => world.now,
      random: () => this.#chance.next(),
      uptime: () => world.now,
      interfaces: () => '',
    };
    return deps;
  }

  async #mine({ signal, onGeneration }: Parameters<SessionDeps['mine']>[0], task: UnitTask): Promise<UnitOutcome> {
    for (let generation = 1; generation <= GENERATIONS; generation += 1) {
      await this.#around.network.world.delay(this.pace);
      if (signal.aborted) throw Object.assign(new Error('aborted'), { name: 'AbortError' });
      onGeneration({ generation, generations: GENERATIONS, bestInSample: null, backtests: generation } as never);
    }
    const answer = `${task.seed} ${task.unit}${this.lies ? ` as ${this.name} has it` : ''}`;
    return {
      digest: toHex(sha256(utf8(answer))),
      secret: toHex(sha256(utf8(`secret ${answer}`))),
      champions: [],
      trials: { count: 40, meanSharpe: null, varianceSharpe: null },
      score: null,
    } as unknown as UnitOutcome;
  }
}
