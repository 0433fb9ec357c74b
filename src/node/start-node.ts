// Starts a node: data directory, identity, engine, page, mesh, in this order, each registered to stop in the reverse one.
import { createHash, randomBytes } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { engineFingerprint } from '../engine/fingerprint.ts';
import { toHex } from '../protocol/bytes.ts';
import { createSigner, peerIdText } from '../protocol/keys.ts';
import { decodeTicket, type Ticket } from '../protocol/ticket.ts';
import { type NodePort, RequestError } from '../ui/api.ts';
import { startServer } from '../ui/server.ts';
import { readBootstrap } from './bootstrap.ts';
import { openCandleCache } from './candle-cache.ts';
import type { Config } from './config.ts';
import {
  loadSecret,
  lockDataDirectory,
  openDataDirectory,
  removeApiAddress,
  writeApiAddress,
} from './data-directory.ts';
import { type DatasetInfo, openDataStore } from './data-store.ts';
import {
  adopt,
  type EnterDeps,
  type Entered,
  foundOwn,
  joinPatiently,
  knockOnce,
  openExisting,
  ticketOf,
} from './enter-mesh.ts';
import { createEvents, type EventLog } from './events.ts';
import { JoinError } from './join.ts';
import { mineUnit } from './mine-unit.ts';
import { createNodePort } from './node-port.ts';
import { startPool } from './pool.ts';
import { createScope, type Scope } from './scope.ts';
import { type Session, type SessionDeps, startSession } from './session.ts';
import { createRate, startThroughput } from './throughput.ts';
import type { WorkDeps } from './work-loop.ts';

export interface NodeDeps {
  log: EventLog & { error(fields: object, message: string): void };
  /** How a unit is mined; tests put a liar here. */
  mine?: WorkDeps['mine'];
  /** Compiled worker of the pool; by default beside the built pool. */
  workerUrl?: URL;
  /** Called once the command line or the page asked the node to stop. */
  onStopRequest(): void;
}

export interface RunningNode {
  port: NodePort;
  /** Address of the page. */
  ui: string;
  peerId: string;
  /** Resolves once the node is in a mesh: at once, or when a member has let it in. */
  entered: Promise<Session>;
  stop(): Promise<void>;
}

export async function startNode(deps: NodeDeps, dataDirectory: string, config: Config): Promise<RunningNode> {
  const scope = createScope();
  try {
    return await start(deps, dataDirectory, config, scope);
  } catch (error) {
    await scope.close();
    throw error;
  }
}

async function start(deps: NodeDeps, path: string, config: Config, scope: Scope): Promise<RunningNode> {
  const directory = openDataDirectory(path);
  scope.onClose(lockDataDirectory(directory));
  const seed = loadSecret(directory, 'node.key');
  const signer = createSigner(seed);
  const bootstrap = readBootstrap(config.bootstrap);
  const ticket = ticketOf(config, bootstrap);
  const events = createEvents(deps.log, Date.now);
  const pool = startPool({
    threads: config.threads,
    ...(deps.workerUrl === undefined ? {} : { workerUrl: deps.workerUrl }),
  });
  scope.onClose(() => pool.stop());
  const data = await openCandleCache(await openDataStore(directory.data), (hash, error) =>
    events.problem(
      `damaged:${hash}`,
      `The data set ${hash.slice(0, 8)} on this machine is damaged and is not used: ${error.message}`,
    ),
  );
  const fingerprint = engineFingerprint();
  const monotonic = (): number => performance.now();
  const backtestsPerSecond = createRate(monotonic, () => pool.backtests);
  const enterDeps: EnterDeps = { directory, config, bootstrap, seed, signer, now: Date.now, randomBytes: bytes };
  const sessionDeps: Omit<SessionDeps, 'store'> = {
    directory,
    config,
    seed,
    signer,
    pool,
    data,
    fingerprint,
    events,
    mine: deps.mine ?? mineUnit,
    backtestsPerSecond,
    now: Date.now,
    monotonic,
    random: Math.random,
    randomBytes: bytes,
    interfaces: interfacesText,
  };
  const place = new MeshPlace(enterDeps, sessionDeps, scope);
  const onData = (info: DatasetInfo): void => {
    const message = `${info.symbol}: ${info.bars} candles are on this machine.`;
    events.emit('dataset.added', message, { hash: info.hash });
    place.session?.dataArrived();
  };
  const lookForData = async (): Promise<void> => (await data.refresh()).forEach(onData);
  const looking = setInterval(() => void lookForData(), DATA_LOOK_MS);
  scope.onClose(() => clearInterval(looking));
  const startedAt = Date.now();
  const throughput = startThroughput(Date.now, () => measureMesh(port, place));
  scope.onClose(() => throughput.stop());
  const port: NodePort = createNodePort({
    config,
    signer,
    fingerprint,
    pool,
    data,
    events,
    throughput,
    startedAt,
    now: Date.now,
    monotonic,
    randomBytes: bytes,
    backtestsPerSecond,
    session: () => place.session,
    waiting: () => place.waiting,
    onData,
    lookForData,
    join: (line) => place.joinBy(line),
    stop: deps.onStopRequest,
  });
  const ui = await startPage(deps, port, config, scope, directory);
  return {
    port,
    ui,
    peerId: peerIdText(signer.publicKey),
    entered: place.enter(ticket),
    stop: () => scope.close(),
  };
}

/** `data import` on the command line puts files into the folder of a running node. */
const DATA_LOOK_MS = 3000;

/** Where in a mesh this node is: nowhere yet, or in one session at a time. */
class MeshPlace {
  readonly #deps: EnterDeps;
  readonly #sessionDeps: Omit<SessionDeps, 'store'>;
  readonly #abort = new AbortController();
  #session: Session | undefined;
  #waiting = 'Starting.';
  readonly #entered: Promise<Session>;
  #resolveEntered!: (session: Session) => void;
  #rejectEntered!: (error: unknown) => void;

  constructor(deps: EnterDeps, sessionDeps: Omit<SessionDeps, 'store'>, scope: Scope) {
    this.#deps = deps;
    this.#sessionDeps = sessionDeps;
    this.#entered = new Promise((resolve, reject) => {
      this.#resolveEntered = resolve;
      this.#rejectEntered = reject;
    });
    scope.onClose(async () => {
      this.#abort.abort();
      await this.#session?.close();
    });
  }

  get session(): Session | undefined {
    return this.#session;
  }

  get waiting(): string {
    return this.#waiting;
  }

  /** Resolves once in a mesh. Rejects when that cannot be, with a StartError or what the disk or network said. */
  async enter(ticket: Ticket | undefined): Promise<Session> {
    const existing = await openExisting(this.#deps);
    if (existing !== undefined) {
      await this.#open({ store: existing.store, host: undefined });
      if (ticket !== undefined) void this.#joinLater(ticket);
    } else if (ticket === undefined) await this.#open(await foundOwn(this.#deps));
    else void this.#waitAtDoor(ticket);
    return this.#entered;
  }

  /** A person gave a ticket. Throws RequestError. */
  async joinBy(line: string): Promise<void> {
    let ticket: Ticket;
    try {
      ticket = decodeTicket(line);
    } catch (error) {
      throw new RequestError('bad_ticket', (error as Error).message, { status: 422, field: 'ticket' });
    }
    try {
      await this.#join(ticket);
    } catch (error) {
      if (!(error instanceof JoinError)) throw error;
      throw new RequestError(error.code, error.message, { status: 409, field: 'ticket' });
    }
  }

  async #open(entered: Entered): Promise<void> {
    this.#session = await startSession(
      { ...this.#sessionDeps, store: entered.store },
      { bootstrap: this.#deps.bootstrap.peers, host: entered.host },
    );
    this.#waiting = '';
    this.#resolveEntered(this.#session);
  }

  async #waitAtDoor(ticket: Ticket): Promise<void> {
    const { events } = this.#sessionDeps;
    this.#waiting = 'Waiting to be let in by a member of the mesh that the ticket is for.';
    const tell = (error: JoinError): void => {
      this.#waiting = `Not in a mesh yet: ${error.message} It is tried again.`;
      events.problem('not_joined', this.#waiting);
    };
    try {
      const admission = await joinPatiently(this.#deps, ticket, tell, this.#abort.signal);
      events.solved('not_joined');
      await this.#open(await adopt(this.#deps, admission, undefined));
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      this.#waiting = `Not in a mesh: ${(error as Error).message}`;
      events.problem('not_joined', this.#waiting);
      if (!(error instanceof JoinError)) this.#rejectEntered(error);
    }
  }

  /** A ticket in the settings of a node that has a mesh: worth a try while it is alone there, else left for its owner. */
  async #joinLater(ticket: Ticket): Promise<void> {
    try {
      await this.#join(ticket);
    } catch (error) {
      if (error instanceof RequestError && error.code === 'already_in_this_mesh') return;
      this.#sessionDeps.events.problem('not_joined', `The ticket was not used: ${(error as Error).message}`);
    }
  }

  async #join(ticket: Ticket): Promise<void> {
    const session = this.#session;
    const state = session?.ledger.state();
    if (session !== undefined && session.ledger.meshId === toHex(ticket.mesh)) {
      throw new RequestError('already_in_this_mesh', 'This machine is already a member of that mesh.', { status: 409 });
    }
    if (state !== undefined && state.members.size > 1) {
      throw new RequestError(
        'already_member',
        `This machine is a member of “${state.mesh.genesis.name}” together with others. Use another --data-dir to join a second mesh.`,
        { status: 409 },
      );
    }
    const admission = await knockOnce(this.#deps, ticket);
    const older = session?.ledger.meshId;
    this.#session = undefined;
    this.#waiting = 'Changing to the mesh that the ticket is for.';
    await session?.close();
    await this.#open(await adopt(this.#deps, admission, older));
  }
}

async function startPage(
  deps: NodeDeps,
  port: NodePort,
  config: Config,
  scope: Scope,
  directory: ReturnType<typeof openDataDirectory>,
): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  const server = await startServer(
    { node: port, log: deps.log, clock: { now: Date.now, after } },
    { host: config.host, port: config.uiPort, tokenHashes: [createHash('sha256').update(token).digest('hex')] },
  );
  scope.onClose(() => server.stop());
  writeApiAddress(directory, { url: server.url, token });
  scope.onClose(() => removeApiAddress(directory));
  return server.url;
}

function after(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}

function measureMesh(port: NodePort, place: MeshPlace): { backtestsPerSecond: number | null; results: number } {
  const rates = port
    .members()
    .flatMap((member) => (member.backtestsPerSecond === null ? [] : [member.backtestsPerSecond]));
  const units = [...(place.session?.ledger.state().units.values() ?? [])];
  return {
    backtestsPerSecond: rates.length === 0 ? null : rates.reduce((sum, rate) => sum + rate, 0),
    results: units.reduce((sum, unit) => sum + unit.votes.length, 0),
  };
}

function bytes(length: number): Uint8Array {
  return new Uint8Array(randomBytes(length));
}

function interfacesText(): string {
  const all = Object.entries(networkInterfaces()).flatMap(([name, list]) =>
    (list ?? []).map((each) => `${name} ${each.address}`),
  );
  return all.sort().join('\n');
}
