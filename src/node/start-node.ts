// Starts a node: data directory, identity, engine, page, mesh, in this order, each registered to stop in the reverse one.
import { createHash, randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { constants, networkInterfaces, setPriority, uptime } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { engineFingerprint } from '../engine/fingerprint.ts';
import { createSigner, peerIdText } from '../protocol/keys.ts';
import type { NodePort } from '../ui/api.ts';
import type { LogPort } from '../ui/api-logs.ts';
import { type RunningServer, startServer } from '../ui/server.ts';
import { openAccess } from './access.ts';
import { type AttendanceDeps, keepAttendance } from './attendance.ts';
import { readBootstrap } from './bootstrap.ts';
import { watchBootstrap } from './bootstrap-watch.ts';
import { openCandleCache } from './candle-cache.ts';
import { type Config, DEFAULT_MESH_PORT } from './config.ts';
import {
  loadSecret,
  lockDataDirectory,
  openDataDirectory,
  removeApiAddress,
  writeApiAddress,
} from './data-directory.ts';
import { type DatasetInfo, openDataStore } from './data-store.ts';
import { Downloads } from './downloads.ts';
import { ticketOf } from './enter-mesh.ts';
import { createEvents, type EventLog } from './events.ts';
import { MeshPlace } from './mesh-place.ts';
import { mineUnit } from './mine-unit.ts';
import { createNodePort } from './node-port.ts';
import { networkAddresses, openSettings } from './own-settings.ts';
import { startPool } from './pool.ts';
import { Governor } from './power/governor.ts';
import { readFacts } from './power/machine.ts';
import { openRecovery } from './recovery.ts';
import { runCommandLine } from './run-command.ts';
import { createScope, type Scope } from './scope.ts';
import type { Session, SessionDeps } from './session.ts';
import { signaturesOnThreads } from './signature-threads.ts';
import { type Suspend, watchSuspend } from './suspend.ts';
import { watchTailnet } from './tailnet.ts';
import { createRate, startThroughput } from './throughput.ts';
import { judgeOnThread } from './verdicts/judge-thread.ts';
import { Pace } from './verdicts/pace.ts';
import { memberViews } from './views.ts';
import type { WorkDeps } from './work-loop.ts';

export interface NodeDeps {
  log: EventLog & { error(fields: object, message: string): void };
  /** The latest lines of that log. */
  logs: LogPort;
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
  lowerPriority(config);
  const prepared = await prepare(deps, path, config, scope);
  const governor = govern(prepared, () => place, scope);
  const suspend = watchSleep(() => place, scope);
  const parts = { ...prepared, governor, allowance: () => governor.decision, isAsleep: () => suspend.isAsleep };
  const bootstrap = readBootstrap(config.bootstrap, { required: config.bootstrapNamed });
  const ticket = ticketOf(config, bootstrap);
  const place: MeshPlace = new MeshPlace({ ...parts, bootstrap }, parts, scope);
  watchSurroundings(parts, place, scope);
  const { onData, lookForData } = watchData(parts, place, scope);
  const downloads = new Downloads({
    ...{ directory: parts.directory, data: parts.data, environment: process.env, onData },
    ...{ now: parts.now, random: parts.random, randomId: () => randomBytes(8).toString('hex') },
  });
  scope.onClose(() => downloads.stop());
  const throughput = startThroughput(parts.now, () => measureMesh(place));
  scope.onClose(() => throughput.stop());
  const attendance = keepAttendance({ ...parts, look: () => whoIsThere(place) });
  scope.onClose(() => attendance.stop());
  const port = createNodePort({
    ...parts,
    ...{ throughput, attendance, downloads, onData, lookForData },
    withSignatures: signaturesOnThreads(new URL('./signature-worker.js', deps.workerUrl ?? import.meta.url)),
    startedAt: parts.now(),
    session: () => place.session,
    waiting: () => place.waiting,
    join: (line) => place.joinBy(line),
    stop: deps.onStopRequest,
  });
  const ui = await startPage(deps, port, parts, place, scope);
  const peerId = peerIdText(parts.signer.publicKey);
  return { port, ui, peerId, entered: place.enter(ticket), stop: () => scope.close() };
}

type Prepared = Omit<SessionDeps, 'store' | 'allowance' | 'isAsleep'> & { pace: Pace };

/** Where threads have priorities of their own, they take the lowest, and the mesh is answered before the mining goes on. */
function lowerPriority({ priority }: Config): void {
  const { PRIORITY_BELOW_NORMAL, PRIORITY_LOW } = constants.priority;
  if (priority === 'lowest') setPriority(process.platform === 'linux' ? PRIORITY_BELOW_NORMAL : PRIORITY_LOW);
}

/** Long enough for the last word to be on the wire. */
const LAST_WORD_MS = 600;

function watchSleep(place: () => MeshPlace | undefined, scope: Scope): Suspend {
  const suspend = watchSuspend({
    ...{ platform: process.platform, environment: process.env },
    async onChange() {
      place()?.session?.mesh.announce();
      await delay(LAST_WORD_MS);
    },
  });
  scope.onClose(() => suspend.stop());
  return suspend;
}

function govern(
  { directory, events, pool, pace, config, now }: Prepared,
  place: () => MeshPlace | undefined,
  scope: Scope,
): Governor {
  const governor = new Governor({
    ...{ directory, events, pool, now, facts: readFacts, threads: config.threads },
    isBusy: () => place()?.session?.work.current !== undefined,
    onChange() {
      place()?.session?.work.nudge();
      place()?.session?.mesh.announce();
      const { run, threads, share, reason } = governor.decision;
      pace.follow(governor.decision);
      if (run === 'run') events.emit('node.mode', reason || `It may work: ${threads} threads at ${share} %.`);
    },
  });
  pace.follow(governor.decision);
  scope.onClose(() => governor.stop());
  return governor;
}

/** What is the same in whatever mesh the node is. */
async function prepare(deps: NodeDeps, path: string, config: Config, scope: Scope): Promise<Prepared> {
  const directory = openDataDirectory(path);
  scope.onClose(lockDataDirectory(directory));
  const seed = loadSecret(directory, 'node.key');
  const events = createEvents(deps.log, Date.now);
  const { workerUrl } = deps;
  const pace = new Pace();
  const lowestPriority = config.priority === 'lowest';
  const pool = startPool({
    threads: config.threads,
    lowestPriority,
    ...(workerUrl === undefined ? {} : { workerUrl }),
  });
  scope.onClose(() => pool.stop());
  const data = await openCandleCache(await openDataStore(directory.data), (hash, error) => {
    const what = `The data set ${hash.slice(0, 8)} on this machine is damaged and is not used: ${error.message}`;
    events.problem(`damaged:${hash}`, what);
  });
  const monotonic = (): number => performance.now();
  return {
    ...{ config, directory, seed, events, pool, pace, data, monotonic },
    signer: createSigner(seed),
    fingerprint: engineFingerprint(),
    mine: deps.mine ?? mineUnit,
    judge: judgeOnThread({
      url: new URL('./verdicts/judge-worker.js', workerUrl ?? import.meta.url),
      ...{ lowestPriority, pace, pool },
    }),
    backtestsPerSecond: createRate(monotonic, () => pool.backtests),
    now: Date.now,
    random: Math.random,
    randomBytes: (length) => new Uint8Array(randomBytes(length)),
    uptime: () => 1000 * uptime(),
    interfaces: interfacesText,
  };
}

/** What tells where members are, besides themselves. */
function watchSurroundings({ config, events }: Prepared, place: MeshPlace, scope: Scope): void {
  const { bootstrap, meshPort } = config;
  scope.onClose(watchBootstrap({ events, onChange: (changed) => place.useBootstrap(changed) }, bootstrap));
  const onChange = (addresses: string[]): void => place.useTailnet(addresses);
  const tailnet = watchTailnet({ run: runCommandLine, onChange }, meshPort === 0 ? DEFAULT_MESH_PORT : meshPort);
  scope.onClose(() => tailnet.stop());
  scope.onClose(events.subscribe(({ data }) => void (data.moved === true && tailnet.look())));
}

function watchData({ events, data, directory }: Prepared, place: MeshPlace, scope: Scope) {
  const onData = (info: DatasetInfo): void => {
    events.emit('dataset.added', `${info.symbol}: ${info.bars} candles are on this machine.`, { hash: info.hash });
    place.session?.dataArrived();
  };
  const lookForData = async (): Promise<void> => (await data.refresh()).forEach(onData);
  const hasChanged = watchFolder(directory.data);
  const timer = setInterval(() => {
    if (!hasChanged()) return;
    lookForData().then(
      () => events.solved('data_unreadable'),
      (error: Error) => events.problem('data_unreadable', `The data sets cannot be read: ${error.message}`),
    );
  }, DATA_LOOK_MS);
  scope.onClose(() => clearInterval(timer));
  return { onData, lookForData };
}

/** `data import` on the command line puts files into the folder of a running node. */
const DATA_LOOK_MS = 3000;
/** A file that came within one tick of the file system's clock leaves no later mark: look once more after a change. */
const FOLDER_SETTLE_MS = 10_000;

/** Reading all data sets costs much more than asking whether there is anything new. */
function watchFolder(folder: string): () => boolean {
  const markOf = (): number => statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  let seen = markOf();
  return () => {
    const mark = markOf();
    const changed = mark !== seen || Math.abs(Date.now() - mark) < FOLDER_SETTLE_MS;
    seen = mark;
    return changed;
  };
}

async function startPage(
  deps: NodeDeps,
  port: NodePort,
  { config, directory }: Prepared,
  place: MeshPlace,
  scope: Scope,
): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  const access = openAccess(directory.path, Date.now);
  const settings = openSettings({
    ...{ dataDirectory: directory.path, config, tokenHashes: access.tokenHashes, ownAddresses: networkAddresses },
    ownPorts: () => [server.port, ...portsOf(place)],
  });
  const recovery = openRecovery(directory.path, () => place.session?.ledger.state().mesh.genesis.root);
  const server: RunningServer = await startServer(
    {
      ...{ node: port, log: deps.log, logs: deps.logs, clock: { now: Date.now, after } },
      ...{ access, settings, recovery },
    },
    {
      ...{ host: config.host, port: config.uiPort, names: config.hostNames },
      ownHash: createHash('sha256').update(token).digest('hex'),
    },
  );
  scope.onClose(() => server.stop());
  writeApiAddress(directory, { url: server.url, token });
  scope.onClose(() => removeApiAddress(directory));
  return server.url;
}

/** Of members and newcomers. */
function portsOf({ session }: MeshPlace): number[] {
  const addresses = [...(session?.mesh.addresses() ?? []), ...(session?.lobby.addresses() ?? [])];
  return addresses.map((address) => Number(/\/tcp\/(\d+)/.exec(address)?.[1]));
}

function after(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}

function measureMesh({ session }: MeshPlace): { backtestsPerSecond: number | null; results: number | null } {
  if (session === undefined) return { backtestsPerSecond: null, results: null };
  const rates = memberViews(session.world()).flatMap(({ backtestsPerSecond }) => backtestsPerSecond ?? []);
  const voices = [...session.ledger.state().units.voices.values()];
  return {
    backtestsPerSecond: rates.length === 0 ? null : rates.reduce((sum, rate) => sum + rate, 0),
    results: voices.reduce((sum, { votes }) => sum + votes, 0),
  };
}

function whoIsThere({ session }: MeshPlace): ReturnType<AttendanceDeps['look']> {
  const members = session === undefined ? [] : memberViews(session.world());
  return members
    .filter(({ self, state }) => !self && state !== 'left' && state !== 'blocked')
    .map(({ peerId, state, lastSeenMs }) => ({
      peerId,
      online: state !== 'asleep' && state !== 'away',
      heard: lastSeenMs !== null,
    }));
}

function interfacesText(): string {
  const all = Object.entries(networkInterfaces()).flatMap(([name, list]) =>
    (list ?? []).map((each) => `${name} ${each.address}`),
  );
  return all.sort().join('\n');
}
