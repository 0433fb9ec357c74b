// What the page and the API need of a node, and the shapes that travel to them. `node` implements `NodePort`; nothing
// here knows how. Unknown values are `null`, never 0. Times are ISO 8601 UTC; ages, spans and leases are milliseconds.
import type { DataPort, FileInput } from './api-data.ts';
import type { ExportPort } from './api-export.ts';
import type { LimitsChange, LimitsView } from './api-limits.ts';
import type { MembersPort, PairingView } from './api-members.ts';
import type { StrategyPort } from './api-strategy.ts';
import type { VerdictInput, VerdictPort } from './api-verdict.ts';
import type { WorkPort } from './api-work.ts';

/** The seven states of a member, and why where there is a why. */
export type MemberState = 'working' | 'idle' | 'paused' | 'asleep' | 'away' | 'left' | 'blocked';
export type Mode = 'starting' | 'mining' | 'finishing' | 'paused' | 'idle' | 'error';
export type Preset = 'quick' | 'standard' | 'deep';
export type Risk = 'low' | 'medium' | 'high';
export type ValidationMode = 'replicate' | 'fuzzy';
export type UnitState = 'open' | 'running' | 'provisional' | 'disputed' | 'validated' | 'failed';
export type JobState = 'running' | 'queued' | 'paused' | 'complete' | 'stopped' | 'failed' | 'blocked';
/** How far one may trust a strategy: claimed by its finder, re-evaluated on this node, or a quorum of full replicas. */
export type Assurance = 'claimed' | 'reevaluated' | 'quorum' | 'fuzzy';

/** What this node does at the moment. */
export interface CurrentUnit {
  unitId: string;
  jobId: string;
  /** 0-based place of the unit in its job. */
  index: number;
  market: string;
  barMs: number;
  generation: number;
  generations: number;
  savedGeneration: number | null;
  savedAgeMs: number | null;
  /** Best in-sample net return so far, after fees, as a ratio (0.094 = +9.4 %), and after each generation. */
  bestInSample: number | null;
  bestHistory: number[];
  remainingMs: number | null;
}

export interface NodeStatus {
  version: string;
  peerId: string;
  name: string;
  meshId: string;
  meshName: string;
  /** First 16 hex digits of the engine's self-test digest. */
  fingerprint: string;
  mode: Mode;
  /** One sentence: why the node is idle, paused, finishing or in error, or what holds it back; null while it just mines. */
  reason: string | null;
  startedAt: string;
  threads: { used: number; total: number };
  /** Backtests a second over the last 10 s; null until measured. */
  backtestsPerSecond: number | null;
  backtestsTotal: number;
  unitsDone: number;
  /** Share of this node's decided replicas that agreed with the verdict; null before the first. */
  agreement: number | null;
  unit: CurrentUnit | null;
  ledger: {
    root: string;
    entries: number;
    state: 'in-sync' | 'catching-up' | 'alone';
    peersAtRoot: number;
    peersKnown: number;
  };
  mesh: { addresses: string[]; connected: number; members: number };
  lobbyOpen: boolean;
  /** What is wrong right now, one sentence each (a refused address, a missing data set, a full disk). */
  problems: { code: string; message: string }[];
}

export interface MemberView {
  peerId: string;
  name: string;
  /** What the owner of this node calls it, here only. */
  givenName: string | null;
  self: boolean;
  role: 'admin' | 'member' | 'worker';
  state: MemberState;
  reason: string | null;
  os: string | null;
  version: string | null;
  fingerprint: string | null;
  threads: { used: number; total: number } | null;
  /** Load of each thread, 0 to 1; null when not known. */
  threadLoads: number[] | null;
  backtestsPerSecond: number | null;
  unitsDone: number;
  agreement: number | null;
  unitId: string | null;
  connected: boolean;
  rttMs: number | null;
  /** How it is reached; null while it is not connected, and for this node itself. */
  path: 'lan' | 'direct' | 'relayed' | null;
  lastSeenMs: number | null;
  root: string | null;
  /** Highest version of the mesh's rules that its program knows; null when it has not said. */
  rules: number | null;
  admittedAt: string;
}

export interface JobView {
  id: string;
  /** The job whose search its units run again on permuted bars; null for a search of the candles as they are. */
  permutes: string | null;
  name: string;
  market: string;
  barMs: number;
  sample: boolean;
  /** Of perpetual futures; null on a spot market. */
  leverage: number | null;
  datasetHash: string;
  /** This node holds the candles. */
  datasetHere: boolean;
  preset: Preset | 'custom';
  risk: Risk;
  population: number;
  generations: number;
  units: number;
  replicas: number;
  validation: ValidationMode;
  seed: string;
  fee: number;
  slippage: number;
  createdBy: { peerId: string; name: string };
  createdAt: string;
  state: JobState;
  reason: string | null;
  counts: { validated: number; running: number; provisional: number; disputed: number; failed: number; open: number };
  /** Strategies tried over all validated units; null before the first, and on permuted bars, which are no candles. */
  trials: number | null;
  bestOutOfSample: number | null;
  remainingMs: number | null;
}

export interface UnitView {
  id: string;
  jobId: string;
  index: number;
  state: UnitState;
  /** One sentence when it is not simply open: "waits for a second machine", "2 of 3 replicas agree". */
  reason: string | null;
  digest: string | null;
  claims: { peerId: string; name: string; progress: number; leaseMs: number }[];
  results: { entryId: string; peerId: string; name: string; digest: string; agrees: boolean | null; at: string }[];
}

/** One segment's figures, after fees. Ratios are fractions (0.036 = +3.6 %); money in the quote currency. */
export interface SegmentMetrics {
  netProfit: number;
  return: number;
  sharpe: number | null;
  maxDrawdown: number;
  trades: number;
  winRate: number | null;
  profitFactor: number | null;
}

export interface ResultView {
  /** Hash of the strategy. */
  id: string;
  /** Two words made from the hash, easier to say. */
  codeName: string;
  jobId: string;
  unitId: string;
  market: string;
  barMs: number;
  sample: boolean;
  /** Of perpetual futures; null on a spot market. */
  leverage: number | null;
  datasetHash: string;
  risk: Risk;
  /** The rules as one sentence, in English and in Spanish. */
  sentence: string;
  sentenceEs: string;
  strategy: unknown;
  assurance: Assurance;
  state: 'validated' | 'provisional' | 'disputed';
  votes: number;
  replicas: number;
  inSample: SegmentMetrics;
  outOfSample: SegmentMetrics;
  holdout: SegmentMetrics;
  /** From the first candle out of sample to the end of the last, parts added up; null where that is not known. */
  outOfSampleDays: number | null;
  /** 40 or fewer points of out-of-sample equity from this node's own re-evaluation, relative to the start (1 = start). */
  equity: number[];
  /** Strategies tried in this unit and in all validated units of the job: honest statistics need both. */
  trialsUnit: number;
  trialsJob: number;
  foundBy: { peerId: string; name: string };
  foundAt: string;
}

export interface DatasetView {
  hash: string;
  symbol: string;
  quote: string;
  source: string;
  sample: boolean;
  barMs: number;
  bars: number;
  from: string;
  to: string;
  gaps: { from: string; to: string; missing: number }[];
  bytes: number;
}

export interface LedgerView {
  meshId: string;
  root: string;
  entries: number;
  byKind: Record<string, number>;
  logs: { author: string; name: string | null; log: string; entries: number; head: string; frozenAt: number | null }[];
}

/** One entry of the ledger that counts in its log. */
export interface EntryView {
  id: string;
  author: string;
  /** Null when its author is no member. */
  name: string | null;
  log: string;
  seq: number;
  /** By its author's clock. */
  at: string;
  kind: string;
  /** Why it says nothing; null when it does. */
  refused: string | null;
  /** The signed bytes, base64. */
  block: string;
}

/** What the ledger said when an entry was written, by the authors' clocks. */
export interface LedgerMoment {
  entry: string;
  at: string;
  root: string;
  entries: number;
  members: { peerId: string; name: string; role: 'admin' | 'member' | 'worker' }[];
  jobs: {
    id: string;
    name: string;
    units: number;
    action: 'pause' | 'resume' | 'stop' | null;
    validated: number;
    failed: number;
    disputed: number;
    provisional: number;
  }[];
}

/** One thing that happened, as page, log, CLI and tests see it. */
export interface NodeEvent {
  /** Grows by one with each event of this run of the node. */
  id: number;
  at: string;
  type:
    | 'job.created'
    | 'job.changed'
    | 'job.judged'
    | 'unit.started'
    | 'unit.progress'
    | 'unit.finished'
    | 'unit.validated'
    | 'unit.disputed'
    | 'member.joined'
    | 'member.connected'
    | 'member.disconnected'
    | 'node.mode'
    | 'ledger.changed'
    | `dataset.${'added' | 'removed'}`
    | 'problem';
  /** One English sentence. */
  message: string;
  data: Record<string, string | number | boolean | null>;
}

/** Everything the Overview shows, in one consistent picture. */
export interface Snapshot {
  at: string;
  status: NodeStatus;
  members: MemberView[];
  jobs: JobView[];
  /** The best ten by out-of-sample return, re-evaluated here. */
  top: ResultView[];
  /** Strategies that are shown, and how many of them are in which state. */
  counts: { results: number; validated: number; provisional: number; disputed: number };
  datasets: DatasetView[];
  /** The last events that people care about, newest first, at most 20. */
  activity: NodeEvent[];
  /** Backtests a second of the whole mesh and new results, every 10 s, oldest first, at most 360 (one hour). */
  throughput: { at: string; backtestsPerSecond: number | null; results: number }[];
  /** Machines of the local network that could come in, or take this one in. */
  pairing: PairingView;
}

export interface CreateJobInput extends VerdictInput {
  dataset: string;
  name?: string | undefined;
  preset?: Preset | undefined;
  risk?: Risk | undefined;
  population?: number | undefined;
  generations?: number | undefined;
  units?: number | undefined;
  replicas?: number | undefined;
  validation?: ValidationMode | undefined;
  /** Relative tolerance of `fuzzy`, default 0.1. */
  tolerance?: number | undefined;
  seed?: string | undefined;
  /** Perpetual futures have terms of their own, from `leverage` on. */
  market?: 'spot' | 'perpetual' | undefined;
  /** Rate a side: 0.004 = 0.4 %; `makerFee` of targets, default as `fee`. */
  fee?: number | undefined;
  makerFee?: number | undefined;
  slippage?: number | undefined;
  /** Further slippage for each million of the quote currency in an order. */
  impact?: number | undefined;
  spread?: number | undefined;
  leverage?: number | undefined;
  fundingRate?: number | undefined;
  fundingHours?: number | undefined;
  maintenance?: number | undefined;
  liquidationFee?: number | undefined;
  equity?: number | undefined;
  folds?: number | undefined;
  /** Folds all begin with the first candle, and what is out of sample comes after the last. */
  anchored?: boolean | undefined;
  holdout?: number | undefined;
  embargo?: number | undefined;
  warmup?: number | undefined;
  minTrades?: number | undefined;
  allowShort?: boolean | undefined;
  /** Strategies that every search begins with: strategy files, at most 8. */
  seeds?: object[] | undefined;
}

export interface Page<T> {
  items: T[];
  /** Pass it back as `cursor` for the next page; null at the end. */
  next: string | null;
}

/** An outcome that is the caller's to mend; the API answers it as problem+json, the CLI as one line. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly code: string;
  readonly status: 400 | 403 | 404 | 409 | 422 | 503;
  readonly field: string | undefined;
  constructor(code: string, message: string, options: { status?: RequestError['status']; field?: string } = {}) {
    super(message);
    this.code = code;
    this.status = options.status ?? 400;
    this.field = options.field;
  }
}

export interface VerificationProgress {
  /** Entries read so far, and those that count: some more are read where logs forked or were cut. */
  entries: number;
  total: number;
}

/** The slice of a node that page and API live on. */
export interface NodePort extends MembersPort, DataPort, ExportPort, StrategyPort, WorkPort, VerdictPort {
  snapshot(): Snapshot;
  status(): NodeStatus;
  members(): MemberView[];
  jobs(): JobView[];
  units(query: { job?: string | undefined }): UnitView[];
  /** Best out-of-sample return first, ties by id. */
  results(query: { job?: string | undefined; state?: ResultView['state'] | undefined }): ResultView[];
  result(id: string): ResultView | undefined;
  datasets(): DatasetView[];
  ledger(): LedgerView;
  /** Newest first by the authors' clocks. Throws RequestError `unknown_cursor`. */
  entries(query: { limit: number; cursor?: string | undefined }): Page<EntryView>;
  /** By an entry's id or its first digits. Throws RequestError `entry_unknown`. */
  ledgerAt(entry: string): LedgerMoment;
  /** How far the verification under way has come; null while there is none. */
  verification(): VerificationProgress | null;
  verifyLedger(): Promise<{ ok: boolean; entries: number; root: string; faults: { entry: string; message: string }[] }>;
  /** Calls back for each event after it happened; returns how to stop. */
  subscribe(listener: (event: NodeEvent) => void): () => void;
  /** `until`: ISO time at which it goes on by itself. Throws RequestError `bad_time`. */
  pause(input: { until?: string | undefined }): Promise<NodeStatus>;
  resume(): Promise<NodeStatus>;
  /** Ends the unit under way, then pauses. */
  finish(): Promise<NodeStatus>;
  limits(): LimitsView;
  /** Throws RequestError `bad_value` naming the limit; then none is changed. */
  setLimits(changes: LimitsChange): Promise<LimitsView>;
  join(input: { ticket: string }): Promise<NodeStatus>;
  /** Takes candles of a file and of `others` of the same market; `repair` mends what cannot be or leaves it out. */
  importData(input: FileInput & { repair?: boolean | undefined; others?: string[] | undefined }): Promise<DatasetView>;
  sampleData(): Promise<DatasetView>;
  /** Ends the process cleanly after the answer was sent. */
  stop(): Promise<void>;
}
