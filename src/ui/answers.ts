// What the API answers: schemas of the shapes in `api.ts`, held to them by the compiler. They describe the API in
// /api/openapi.json, and tests hold every answer to them.
import { z } from 'zod';
import type {
  CurrentUnit,
  DatasetView,
  EntryView,
  JobView,
  LedgerMoment,
  LedgerView,
  MemberView,
  NodeEvent,
  NodeStatus,
  ResultView,
  SegmentMetrics,
  Snapshot,
  UnitView,
} from './api.ts';
import type { LimitsView } from './api-limits.ts';
import type { AdmittedView, InviteView, LeftView, OpenInviteView, PairingView, RevokedView } from './api-members.ts';
import type { Problem } from './problem.ts';
import type { SnapshotAnswer } from './stream.ts';

const time = z.iso.datetime();
const count = z.int().min(0);
const ms = z.number();
const share = z.number().min(0).max(1);
const text = z.string();
const maybe = <T extends z.ZodType>(schema: T) => schema.nullable();
const threads = z.strictObject({ used: count, total: count });
const person = z.strictObject({ peerId: text, name: text });
const role = z.enum(['admin', 'member', 'worker']);
const mode = z.enum(['starting', 'mining', 'finishing', 'paused', 'idle', 'error']);
const risk = z.enum(['low', 'medium', 'high']);

const CurrentUnitAnswer = z.strictObject({
  unitId: text,
  jobId: text,
  index: count,
  market: text,
  barMs: ms,
  generation: count,
  generations: count,
  savedGeneration: maybe(count),
  savedAgeMs: maybe(ms),
  bestInSample: maybe(z.number()),
  bestHistory: z.array(z.number()),
  remainingMs: maybe(ms),
}) satisfies z.ZodType<CurrentUnit>;

export const StatusAnswer = z.strictObject({
  version: text,
  peerId: text,
  name: text,
  meshId: text,
  meshName: text,
  fingerprint: text,
  mode,
  reason: maybe(text),
  startedAt: time,
  threads,
  backtestsPerSecond: maybe(z.number()),
  backtestsTotal: count,
  unitsDone: count,
  agreement: maybe(share),
  unit: maybe(CurrentUnitAnswer),
  ledger: z.strictObject({
    root: text,
    entries: count,
    state: z.enum(['in-sync', 'catching-up', 'alone']),
    peersAtRoot: count,
    peersKnown: count,
  }),
  mesh: z.strictObject({ addresses: z.array(text), connected: count, members: count }),
  lobbyOpen: z.boolean(),
  problems: z.array(z.strictObject({ code: text, message: text })),
}) satisfies z.ZodType<NodeStatus>;

const whole = (min: number, max: number) => z.int().min(min).max(max);

export const LimitsAnswer = z.strictObject({
  rules: z.strictObject({
    threads: maybe(count),
    share: whole(0, 100),
    batteryAbove: whole(0, 100),
    inUse: maybe(z.strictObject({ share: whole(0, 100), threads: maybe(count), minutes: count })),
    schedule: text,
    temperatureMax: maybe(count),
    programs: z.array(text),
    hook: maybe(text),
  }),
  now: z.strictObject({
    run: z.enum(['run', 'finish', 'pause']),
    threads: count,
    share: whole(0, 100),
    reason: maybe(text),
  }),
  pausedUntil: maybe(time),
  machine: z.strictObject({
    onBattery: maybe(z.boolean()),
    charge: maybe(z.number()),
    untouchedMs: maybe(ms),
    temperature: maybe(z.number()),
    programs: maybe(z.array(text)),
    hook: maybe(z.strictObject({ run: z.boolean(), reason: text })),
  }),
  timeline: z.array(z.strictObject({ at: time, mode, reason: maybe(text) })),
}) satisfies z.ZodType<LimitsView>;

export const MemberAnswer = z.strictObject({
  peerId: text,
  name: text,
  givenName: maybe(text),
  self: z.boolean(),
  role,
  state: z.enum(['working', 'idle', 'paused', 'asleep', 'away', 'left', 'blocked']),
  reason: maybe(text),
  os: maybe(text),
  version: maybe(text),
  fingerprint: maybe(text),
  threads: maybe(threads),
  threadLoads: maybe(z.array(share)),
  backtestsPerSecond: maybe(z.number()),
  unitsDone: count,
  agreement: maybe(share),
  unitId: maybe(text),
  connected: z.boolean(),
  rttMs: maybe(ms),
  path: maybe(z.enum(['lan', 'direct', 'relayed'])),
  lastSeenMs: maybe(ms),
  root: maybe(text),
  rules: maybe(count),
  admittedAt: time,
}) satisfies z.ZodType<MemberView>;

export const JobAnswer = z.strictObject({
  id: text,
  permutes: maybe(text),
  name: text,
  market: text,
  barMs: ms,
  sample: z.boolean(),
  leverage: maybe(z.number()),
  datasetHash: text,
  datasetHere: z.boolean(),
  preset: z.enum(['quick', 'standard', 'deep', 'custom']),
  risk,
  population: count,
  generations: count,
  units: count,
  replicas: count,
  validation: z.enum(['replicate', 'fuzzy']),
  seed: text,
  fee: z.number(),
  slippage: z.number(),
  createdBy: person,
  createdAt: time,
  state: z.enum(['running', 'queued', 'paused', 'complete', 'stopped', 'failed', 'blocked']),
  reason: maybe(text),
  counts: z.strictObject({
    validated: count,
    running: count,
    provisional: count,
    disputed: count,
    failed: count,
    open: count,
  }),
  trials: maybe(count),
  bestOutOfSample: maybe(z.number()),
  remainingMs: maybe(ms),
}) satisfies z.ZodType<JobView>;

export const UnitAnswer = z.strictObject({
  id: text,
  jobId: text,
  index: count,
  state: z.enum(['open', 'running', 'provisional', 'disputed', 'validated', 'failed']),
  reason: maybe(text),
  digest: maybe(text),
  claims: z.array(z.strictObject({ peerId: text, name: text, progress: share, leaseMs: ms })),
  results: z.array(
    z.strictObject({
      entryId: text,
      peerId: text,
      name: text,
      digest: text,
      agrees: maybe(z.boolean()),
      at: time,
    }),
  ),
}) satisfies z.ZodType<UnitView>;

const SegmentAnswer = z.strictObject({
  netProfit: z.number(),
  return: z.number(),
  sharpe: maybe(z.number()),
  maxDrawdown: z.number(),
  trades: count,
  winRate: maybe(share),
  profitFactor: maybe(z.number()),
}) satisfies z.ZodType<SegmentMetrics>;

export const ResultAnswer = z.strictObject({
  id: text,
  codeName: text,
  jobId: text,
  unitId: text,
  market: text,
  barMs: ms,
  sample: z.boolean(),
  leverage: maybe(z.number()),
  datasetHash: text,
  risk,
  sentence: text,
  sentenceEs: text,
  strategy: z.unknown(),
  assurance: z.enum(['claimed', 'reevaluated', 'quorum', 'fuzzy']),
  state: z.enum(['validated', 'provisional', 'disputed']),
  votes: count,
  replicas: count,
  inSample: SegmentAnswer,
  outOfSample: SegmentAnswer,
  holdout: SegmentAnswer,
  outOfSampleDays: maybe(z.number()),
  equity: z.array(z.number()),
  trialsUnit: count,
  trialsJob: count,
  foundBy: person,
  foundAt: time,
}) satisfies z.ZodType<ResultView>;

export const DatasetAnswer = z.strictObject({
  hash: text,
  symbol: text,
  quote: text,
  source: text,
  sample: z.boolean(),
  barMs: ms,
  bars: count,
  from: time,
  to: time,
  gaps: z.array(z.strictObject({ from: time, to: time, missing: count })),
  bytes: count,
}) satisfies z.ZodType<DatasetView>;

export const LedgerAnswer = z.strictObject({
  meshId: text,
  root: text,
  entries: count,
  byKind: z.record(text, count),
  logs: z.array(
    z.strictObject({
      author: text,
      name: maybe(text),
      log: text,
      entries: count,
      head: text,
      frozenAt: maybe(z.number()),
    }),
  ),
}) satisfies z.ZodType<LedgerView>;

export const EntryAnswer = z.strictObject({
  id: text,
  author: text,
  name: maybe(text),
  log: text,
  seq: count,
  at: time,
  kind: text,
  refused: maybe(text),
  block: text,
}) satisfies z.ZodType<EntryView>;

export const MomentAnswer = z.strictObject({
  entry: text,
  at: time,
  root: text,
  entries: count,
  members: z.array(z.strictObject({ peerId: text, name: text, role })),
  jobs: z.array(
    z.strictObject({
      id: text,
      name: text,
      units: count,
      action: maybe(z.enum(['pause', 'resume', 'stop'])),
      validated: count,
      failed: count,
      disputed: count,
      provisional: count,
    }),
  ),
}) satisfies z.ZodType<LedgerMoment>;

export const VerificationAnswer = z.strictObject({
  progress: z.strictObject({ entries: count, total: count }).nullable(),
});

export const VerifyAnswer = z.strictObject({
  ok: z.boolean(),
  entries: count,
  root: text,
  faults: z.array(z.strictObject({ entry: text, message: text })),
});

export const InviteAnswer = z.strictObject({
  ticket: text,
  inviteId: text,
  role,
  uses: count,
  expiresAt: time,
  addresses: z.array(text),
}) satisfies z.ZodType<InviteView>;

export const OpenInviteAnswer = z.strictObject({
  ...{ inviteId: text, role, uses: count, usesLeft: count, expiresAt: time, issuer: text },
}) satisfies z.ZodType<OpenInviteView>;

export const PairingAnswer = z.strictObject({
  ...{ hostUntil: maybe(time), guestUntil: maybe(time), reason: maybe(text) },
  pending: z.array(
    z.strictObject({
      ...{ peerId: text, name: text, os: text, version: text, meshName: text, members: count },
      digits: z.string().regex(/^\d{6}$/),
      ...{ canAdmit: z.boolean(), canJoin: z.boolean(), state: z.enum(['waiting', 'admitting']) },
    }),
  ),
}) satisfies z.ZodType<PairingView>;

export const AdmittedAnswer = z.strictObject({ peerId: text, name: text, role }) satisfies z.ZodType<AdmittedView>;

export const RevokedAnswer = z.strictObject({
  ...{ peerId: text, name: text, entry: text, kept: count, discarded: count, root: text },
}) satisfies z.ZodType<RevokedView>;

export const LeftAnswer = z.strictObject({ told: count, admins: count }) satisfies z.ZodType<LeftView>;

const EventAnswer = z.strictObject({
  id: count,
  at: time,
  type: z.enum([
    'job.created',
    'job.changed',
    'job.judged',
    'unit.started',
    'unit.progress',
    'unit.finished',
    'unit.validated',
    'unit.disputed',
    'member.joined',
    'member.connected',
    'member.disconnected',
    'node.mode',
    'ledger.changed',
    'dataset.added',
    'dataset.removed',
    'problem',
  ]),
  message: text,
  data: z.record(text, z.union([text, z.number(), z.boolean(), z.null()])),
}) satisfies z.ZodType<NodeEvent>;

export const SnapshotReply = z.strictObject({
  rev: count,
  at: time,
  status: StatusAnswer,
  members: z.array(MemberAnswer),
  jobs: z.array(JobAnswer),
  top: z.array(ResultAnswer),
  counts: z.strictObject({ results: count, validated: count, provisional: count, disputed: count }),
  datasets: z.array(DatasetAnswer),
  activity: z.array(EventAnswer),
  throughput: z.array(z.strictObject({ at: time, backtestsPerSecond: maybe(z.number()), results: count })),
  pairing: PairingAnswer,
}) satisfies z.ZodType<SnapshotAnswer> & z.ZodType<Snapshot & { rev: number }>;

export const StoppingAnswer = z.strictObject({ stopping: z.literal(true) });

export const pageOf = (item: z.ZodType) => z.strictObject({ items: z.array(item), next: maybe(text) });

export const ProblemAnswer = z.strictObject({
  type: text,
  title: text,
  status: count,
  code: text,
  detail: text,
  field: text.exactOptional(),
}) satisfies z.ZodType<Problem>;
