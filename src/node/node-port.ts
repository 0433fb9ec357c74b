// The node as page, API and command line see it (`NodePort` of src/ui/api.ts).
import { resolve } from 'node:path';
import type { JobRecord } from '../ledger/derive.ts';
import { fromHex, type Hex, toHex } from '../protocol/bytes.ts';
import { unitId } from '../protocol/entry.ts';
import { peerIdText, type Signer } from '../protocol/keys.ts';
import {
  type CurrentUnit,
  type DatasetView,
  type NodePort,
  type NodeStatus,
  RequestError,
  type ResultView,
  type Snapshot,
  type VerificationProgress,
} from '../ui/api.ts';
import type { DataPort, FileInput } from '../ui/api-data.ts';
import type { DownloadPort } from '../ui/api-download.ts';
import type { StrategyPort } from '../ui/api-strategy.ts';
import type { WorkPort } from '../ui/api-work.ts';
import type { Attendance } from './attendance.ts';
import type { CandleCache } from './candle-cache.ts';
import { readCandleFile } from './candle-file.ts';
import type { Config } from './config.ts';
import type { DataDirectory } from './data-directory.ts';
import type { DatasetInfo, ImportReport } from './data-store.ts';
import { disputesView } from './disputes.ts';
import type { Events } from './events.ts';
import { exportResult } from './export-strategy.ts';
import { previewOf } from './import/preview.ts';
import { type JobCommands, jobCommands } from './job-commands.ts';
import { jobDetail, unitDetail } from './job-detail.ts';
import { entryPage, ledgerMoment, ledgerView } from './ledger-views.ts';
import { changeLimits, limitsView, pauseEnd } from './limits-view.ts';
import { memberCommands } from './member-commands.ts';
import { ownData } from './own-data.ts';
import { openOwnNames } from './own-names.ts';
import type { Pool } from './pool.ts';
import type { Governor } from './power/governor.ts';
import { TimeLine } from './power/time-line.ts';
import { ResultList } from './result-views.ts';
import type { Session } from './session.ts';
import type { WithSignatures } from './signature-threads.ts';
import { strategyPort } from './strategy-port.ts';
import type { Throughput } from './throughput.ts';
import type { CurrentWork } from './unit-run.ts';
import { VERSION } from './version.ts';
import { bestOutOfSample, jobViews, Kept, memberViews, unitViews, type World } from './views.ts';

export interface PortDeps {
  config: Config;
  directory: DataDirectory;
  signer: Signer;
  fingerprint: Hex;
  pool: Pool;
  data: CandleCache;
  downloads: DownloadPort;
  withSignatures: WithSignatures;
  governor: Governor;
  events: Events;
  throughput: Throughput;
  attendance: Pick<Attendance, 'week'>;
  startedAt: number;
  now(): number;
  monotonic(): number;
  randomBytes(length: number): Uint8Array;
  backtestsPerSecond(): number | null;
  /** Undefined while the node waits to be let into a mesh. */
  session(): Session | undefined;
  /** Why there is no session, in one sentence. */
  waiting(): string;
  /** Candles are here that were not before. */
  onData(info: DatasetInfo): void;
  /** Looks for candles that another program put into this node's folder. */
  lookForData(): Promise<void>;
  join(ticket: string): Promise<void>;
  stop(): void;
}

/** Entries and presence travel by different roads. */
const NEWS_SETTLE_MS = 3000;
const TOP = 10;
const ACTIVITY = 20;
/** Before there is a mesh to come into. */
const NO_PAIRING: Snapshot['pairing'] = { hostUntil: null, guestUntil: null, reason: null, pending: [] };

export function createNodePort(deps: PortDeps): NodePort {
  const need = (): Session => {
    const session = deps.session();
    if (session === undefined) throw new RequestError('no_mesh', deps.waiting(), { status: 503 });
    return session;
  };
  const shown = shownBy(deps);
  const best = new Kept<ReturnType<typeof bestOutOfSample>>();
  const names = openOwnNames(deps.directory);
  const timeLine = new TimeLine();
  timeLine.note(modeOf(deps, deps.session()), deps.now());
  deps.events.subscribe(() => timeLine.note(modeOf(deps, deps.session()), deps.now()));
  const port: NodePort = {
    snapshot: () => snapshot(deps, port),
    status: () => status(deps),
    members: () => withWorld(deps, (world) => memberViews(world, names.of)),
    jobs: () =>
      withWorld(deps, (world) =>
        jobViews(
          world,
          best.of(world, () => bestOutOfSample(world)),
        ),
      ),
    units: ({ job }) =>
      withWorld(deps, (world) => jobsNamed(world, job).flatMap((each) => unitViews(world, each, idOf(each)))),
    verdict: (job) => need().verdicts.view(job),
    judged: (job) => deps.session()?.verdicts.judged(job),
    ...details(deps, need, (id) => port.result(id)),
    results: ({ job, state }) =>
      shown().filter(
        (result) => (job === undefined || result.jobId === job) && (state === undefined || result.state === state),
      ),
    result: (id) => shown().find((result) => result.id === id),
    datasets: () => deps.data.list().map(datasetView),
    ledger: () => ledgerView(need()),
    entries: (query) => entryPage(need(), query),
    ledgerAt: (entry) => ledgerMoment(need(), entry),
    ...verifying(need, deps),
    subscribe: (listener) => deps.events.subscribe(listener),
    ...jobCommands(deps, need),
    ...powerOf(deps, timeLine),
    ...memberCommands({ ...deps, names }, need),
    async join({ ticket }) {
      await deps.join(ticket);
      return status(deps);
    },
    ...dataOf(deps, need),
    async stop() {
      deps.stop();
    },
  };
  return port;
}

/** Strategies of the mesh that this node is in. */
function shownBy(deps: PortDeps): () => readonly ResultView[] {
  const list = new ResultList();
  return () => {
    const session = deps.session();
    return session === undefined ? [] : list.of(session.world());
  };
}

/** One job, one unit, one strategy: more than the lists say. */
function details(
  deps: PortDeps,
  need: () => Session,
  result: NodePort['result'],
): Omit<WorkPort, keyof JobCommands> & StrategyPort {
  return {
    job: (id) => jobDetail(need().world(), deps.data, id),
    unit: (job, index) => unitDetail(need().world(), job, index),
    disputes: () => disputesView(need().world()),
    ...strategyPort({ ...deps, result, search: (job) => deps.session()?.ledger.state().jobs.get(job)?.job.search }),
  };
}

type PowerPort = Pick<NodePort, 'pause' | 'resume' | 'finish' | 'limits' | 'setLimits'>;

function powerOf(deps: PortDeps, timeLine: TimeLine): PowerPort {
  const { governor } = deps;
  return {
    async pause({ until }) {
      governor.pause(pauseEnd(until, deps.now()));
      return status(deps);
    },
    async resume() {
      governor.resume();
      return status(deps);
    },
    async finish() {
      governor.finish();
      return status(deps);
    },
    limits: () => limitsView(governor, timeLine),
    async setLimits(changes) {
      changeLimits(governor, changes);
      return limitsView(governor, timeLine);
    },
  };
}

type DataCommands = DataPort & Pick<NodePort, 'importData' | 'sampleData' | 'exportResult'>;

function dataOf(deps: PortDeps, need: () => Session): DataCommands {
  return {
    async previewData(input) {
      const { path, meta, options } = fileOf(input);
      const { candles, report } = await badInput(readCandleFile(path, meta, { ...options, repair: true }));
      return previewOf(candles, report);
    },
    async importData({ repair, others = [], ...input }) {
      const { path, meta, options } = fileOf(input);
      const how = { ...options, repair: repair === true };
      const all = [path, ...others.map((other) => resolve(other))];
      const work = others.length === 0 ? deps.data.importFile(path, meta, how) : deps.data.importFiles(all, meta, how);
      return added(deps, await badInput(work));
    },
    async sampleData() {
      return added(deps, await deps.data.addSample());
    },
    exchanges: () => deps.downloads.exchanges(),
    downloads: () => deps.downloads.downloads(),
    startDownload: (input) => deps.downloads.startDownload(input),
    updateData: (hash) => deps.downloads.updateData(hash),
    cancelDownload: (id) => deps.downloads.cancelDownload(id),
    ...ownData({ ...deps, members: () => withWorld(deps, memberViews) }),
    exportResult: (id, input) => badInput(exportResult(need().world(), deps.data, id, input)),
  };
}

/** One after the other, with how far the last one that was asked for has come. */
function verifying(need: () => Session, { withSignatures }: PortDeps): Pick<NodePort, 'verification' | 'verifyLedger'> {
  let progress: VerificationProgress | null = null;
  return {
    verification: () => progress,
    async verifyLedger() {
      const { ledger } = need();
      progress = { entries: 0, total: ledger.size() };
      try {
        const onProgress = (entries: number): void => {
          progress = { entries, total: Math.max(entries, ledger.size()) };
        };
        const found = await withSignatures((areSigned) => ledger.verify({ onProgress, areSigned }));
        if (!found.ok) await ledger.mend();
        return found;
      } finally {
        progress = null;
      }
    },
  };
}

function withWorld<T>(deps: PortDeps, view: (world: World) => T[]): T[] {
  const session = deps.session();
  return session === undefined ? [] : view(session.world());
}

function snapshot(deps: PortDeps, port: NodePort): Snapshot {
  const results = port.results({});
  const count = (state: string): number => results.filter((result) => result.state === state).length;
  return {
    at: new Date(deps.now()).toISOString(),
    status: port.status(),
    members: port.members(),
    jobs: port.jobs(),
    top: results.slice(0, TOP),
    counts: {
      results: results.length,
      validated: count('validated'),
      provisional: count('provisional'),
      disputed: count('disputed'),
    },
    datasets: port.datasets(),
    activity: deps.events.recent(ACTIVITY),
    throughput: deps.throughput.samples(),
    pairing: deps.session() === undefined ? NO_PAIRING : port.pairing(),
  };
}

function status(deps: PortDeps): NodeStatus {
  const session = deps.session();
  const peerId = peerIdText(deps.signer.publicKey);
  const own = session?.ledger.state().units.voices.get(toHex(deps.signer.publicKey));
  return {
    version: VERSION,
    peerId,
    name: deps.config.name,
    meshId: session?.ledger.meshId ?? '',
    meshName: session?.ledger.state().mesh.genesis.name ?? '',
    fingerprint: deps.fingerprint.slice(0, 16),
    ...modeOf(deps, session),
    startedAt: new Date(deps.startedAt).toISOString(),
    threads: { used: session?.work.current === undefined ? 0 : deps.pool.threads, total: deps.config.threads },
    backtestsPerSecond: deps.backtestsPerSecond(),
    backtestsTotal: deps.pool.backtests,
    unitsDone: own?.votes ?? 0,
    agreement: own === undefined || own.decided === 0 ? null : own.agreed / own.decided,
    unit: session?.work.current === undefined ? null : currentUnit(deps, session, session.work.current),
    ledger: ledgerStatus(session),
    mesh: {
      addresses: session?.mesh.addresses() ?? [],
      connected: session?.mesh.peers().length ?? 0,
      members: session?.ledger.state().members.size ?? 0,
    },
    lobbyOpen: session?.lobby.open ?? false,
    problems: deps.events.problems(),
  };
}

function modeOf(deps: PortDeps, session: Session | undefined): Pick<NodeStatus, 'mode' | 'reason'> {
  if (session === undefined) return { mode: 'starting', reason: deps.waiting() };
  const { work } = session;
  const { run, reason } = deps.governor.decision;
  if (run === 'finish' && work.current !== undefined) return { mode: 'finishing', reason };
  if (run !== 'run') return { mode: 'paused', reason };
  if (work.current !== undefined) return { mode: 'mining', reason: reason || null };
  const broken = deps.events.problems().some(({ code }) => code === 'mining_failed');
  return { mode: broken ? 'error' : 'idle', reason: work.reason ?? null };
}

function currentUnit(deps: PortDeps, session: Session, work: CurrentWork): CurrentUnit {
  const { job, report, savedAt } = work;
  const search = job.job.search as { generations?: unknown };
  return {
    unitId: work.unit,
    jobId: job.id,
    index: work.index,
    market: job.job.market.symbol,
    barMs: job.job.market.barMs,
    generation: report?.generation ?? 0,
    generations: report?.generations ?? Number(search.generations),
    savedGeneration: savedAt === undefined ? null : (report?.generation ?? null),
    savedAgeMs: savedAt === undefined ? null : Math.round(deps.monotonic() - savedAt),
    bestInSample: report?.bestInSample ?? null,
    bestHistory: work.bestHistory,
    remainingMs: session.work.remainingMs() ?? null,
  };
}

function ledgerStatus(session: Session | undefined): NodeStatus['ledger'] {
  if (session === undefined) return { root: '', entries: 0, state: 'alone', peersAtRoot: 0, peersKnown: 0 };
  const { root, members } = session.ledger.state();
  const keys = new Map([...members.keys()].map((key) => [peerIdText(fromHex(key)), key]));
  const peers = session.mesh.peers().map(({ peerId }) => session.mesh.presences.get(keys.get(peerId) ?? ''));
  const heard = peers.filter((news) => news !== undefined);
  const differs = heard.filter((news) => toHex(news.presence.root) !== root);
  // News from before the last change here says nothing about it.
  const behind = session.mesh.syncing() || differs.some((news) => news.at > session.changedAt + NEWS_SETTLE_MS);
  return {
    root,
    entries: session.ledger.size(),
    state: peers.length === 0 ? 'alone' : behind ? 'catching-up' : 'in-sync',
    peersAtRoot: heard.length - differs.length,
    peersKnown: heard.length,
  };
}

function jobsNamed(world: World, id: string | undefined): JobRecord[] {
  const jobs = [...world.state.jobs.values()];
  return id === undefined ? jobs : jobs.filter((job) => job.id === id);
}

function idOf(job: JobRecord): (index: number) => Hex {
  const id = fromHex(job.id);
  return (index) => unitId(id, index);
}

function datasetView(info: DatasetInfo): DatasetView {
  const { hash, symbol, quote, source, sample, barMs, bars, bytes } = info;
  const iso = (ms: number): string => new Date(ms).toISOString();
  const gaps = info.gaps.map((gap) => ({ from: iso(gap.from), to: iso(gap.to), missing: gap.missing }));
  return { hash, symbol, quote, source, sample, barMs, bars, from: iso(info.from), to: iso(info.to), gaps, bytes };
}

function added(deps: PortDeps, { info }: ImportReport): DatasetView {
  deps.onData(info);
  return datasetView(info);
}

function fileOf({ path, symbol, quote, source, columns, member }: FileInput) {
  return { path: resolve(path), meta: given({ symbol, quote, source }), options: given({ columns, member }) };
}

/** The importer's complaints are the caller's to mend. */
async function badInput<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof RequestError) throw error;
    const { code, message, field } = error as { code?: string; message: string; field?: string };
    if (code === undefined) throw error;
    throw new RequestError(code.toLowerCase(), message, { status: 422, ...(field === undefined ? {} : { field }) });
  }
}

function given<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}
