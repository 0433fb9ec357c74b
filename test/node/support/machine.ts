// Machines in this process: everything of a node but engine and page, over real libp2p on loopback.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_THRESHOLDS } from '../../../src/engine/statistics/thresholds.ts';
import { AttendanceBook } from '../../../src/node/attendance.ts';
import type { Bootstrap } from '../../../src/node/bootstrap.ts';
import type { CandleCache } from '../../../src/node/candle-cache.ts';
import type { Config } from '../../../src/node/config.ts';
import { type DataDirectory, openDataDirectory } from '../../../src/node/data-directory.ts';
import type { EnterDeps } from '../../../src/node/enter-mesh.ts';
import { createEvents, type Events } from '../../../src/node/events.ts';
import { MeshPlace } from '../../../src/node/mesh-place.ts';
import { createNodePort } from '../../../src/node/node-port.ts';
import type { Pool } from '../../../src/node/pool.ts';
import { NOTHING_KNOWN } from '../../../src/node/power/decide.ts';
import { Governor } from '../../../src/node/power/governor.ts';
import { createScope } from '../../../src/node/scope.ts';
import type { Session, SessionDeps } from '../../../src/node/session.ts';
import { judge } from '../../../src/node/verdicts/judge.ts';
import { verifyEntry } from '../../../src/protocol/entry.ts';
import { createSigner, peerIdText, type Signer } from '../../../src/protocol/keys.ts';
import type { NodePort } from '../../../src/ui/api.ts';
import type { DownloadPort } from '../../../src/ui/api-download.ts';

export interface Machine {
  name: string;
  place: MeshPlace;
  port: NodePort;
  events: Events;
  signer: Signer;
  peerId: string;
  directory: DataDirectory;
  deps: EnterDeps & Omit<SessionDeps, 'store'>;
  /** Added to the wall clock, ms. */
  clock: { skew: number };
  /** What the system says of the machine: whether it is about to sleep, and how long it has slept, ms. */
  sleep: { now: boolean; ms: number };
  session(): Session;
  problem(code: string): string | undefined;
  stop(): Promise<void>;
}

type Teardown = { teardown(handler: () => unknown): void };

export function homeOf(t: Teardown): string {
  const home = mkdtempSync(join(tmpdir(), 'stratmesh-mesh-'));
  t.teardown(() => rmSync(home, { recursive: true, force: true }));
  return home;
}

const SILENT = { info: () => undefined, warn: () => undefined, debug: () => undefined };
const NO_POOL = {
  threads: 1,
  backtests: 0,
  loads: () => [],
  setThreads: () => undefined,
  setShare: () => undefined,
  lendThread: () => () => undefined,
} as unknown as Pool;

function noCandles(): CandleCache {
  const none = async () => undefined;
  return { list: () => [], has: () => false, candles: none, refresh: async () => [] } as unknown as CandleCache;
}

export interface MachineOptions {
  seed?: Uint8Array;
  bootstrap?: Bootstrap;
  config?: Partial<Config>;
  data?: CandleCache;
  mine?: SessionDeps['mine'];
}

/** Not in a mesh yet: `place.enter` is for the test to call. Stopped with the test at the latest. */
export function machine(t: Teardown, home: string, name: string, options: MachineOptions = {}): Machine {
  const directory = openDataDirectory(join(home, name));
  const seed = options.seed ?? new Uint8Array(randomBytes(32));
  const signer = createSigner(seed);
  const clock = { skew: 0 };
  const sleep = { now: false, ms: 0 };
  const now = (): number => Date.now() + clock.skew;
  const events = createEvents(SILENT, Date.now);
  const config: Config = {
    ...{
      name,
      bootstrap: '',
      bootstrapNamed: false,
      join: undefined,
      uiPort: 0,
      meshPort: 0,
      lobbyPort: 0,
      host: '127.0.0.1',
    },
    ...{
      fixedPorts: { mesh: true, lobby: true },
      meshHosts: ['127.0.0.1'],
      mdns: false,
      threads: 1,
      dataQuotaMb: 100,
      thresholds: DEFAULT_THRESHOLDS,
      priority: 'normal',
      logFile: undefined,
      logLevel: 'silent',
      hostNames: [],
      held: {},
    },
    ...options.config,
  };
  const governor: Governor = new Governor({
    ...{ directory, events, pool: NO_POOL, threads: 1, now },
    facts: async () => NOTHING_KNOWN,
    isBusy: () => place.session?.work.current !== undefined,
    onChange: () => place.session?.work.nudge(),
  });
  const deps: Machine['deps'] = {
    ...{ directory, config, seed, signer, events, now, pool: NO_POOL, data: options.data ?? noCandles() },
    bootstrap: options.bootstrap ?? { ticket: undefined, peers: [] },
    fingerprint: 'ab'.repeat(32),
    mine: options.mine ?? (() => Promise.reject(new Error('nothing is mined here'))),
    judge: (task) => judge(task),
    backtestsPerSecond: () => null,
    allowance: () => governor.decision,
    isAsleep: () => sleep.now,
    monotonic: () => performance.now(),
    random: Math.random,
    randomBytes: (length) => new Uint8Array(randomBytes(length)),
    uptime: () => performance.now() + sleep.ms,
    interfaces: () => '',
  };
  const scope = createScope();
  scope.onClose(() => governor.stop());
  const place: MeshPlace = new MeshPlace(deps, deps, scope);
  const port = createNodePort({
    ...deps,
    governor,
    downloads: {} as DownloadPort,
    withSignatures: (work) => work(async (entries) => entries.map(verifyEntry)),
    throughput: { samples: () => [], stop: () => undefined },
    attendance: { week: (peerId) => new AttendanceBook().week(peerId, now()) },
    startedAt: now(),
    session: () => place.session,
    waiting: () => place.waiting,
    onData: () => undefined,
    lookForData: async () => undefined,
    join: (line) => place.joinBy(line),
    stop: () => undefined,
  });
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= scope.close());
  t.teardown(stop);
  return {
    ...{ name, place, port, events, signer, directory, deps, clock, sleep, stop },
    peerId: peerIdText(signer.publicKey),
    session() {
      if (place.session === undefined) throw new Error(`${name} is in no mesh: ${place.waiting}`);
      return place.session;
    },
    problem: (code) => events.problems().find((each) => each.code === code)?.message,
  };
}
