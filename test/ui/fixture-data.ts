// An invented mesh: five members (one with a hostile name), three jobs, results, sample candles. Every value is fixed.
import type {
  DatasetView,
  JobView,
  MemberView,
  NodeEvent,
  ResultView,
  SegmentMetrics,
  Snapshot,
} from '../../src/ui/api.ts';
import type { LimitsView } from '../../src/ui/api-limits.ts';
import type { PairingView, PendingView } from '../../src/ui/api-members.ts';

export const START = Date.UTC(2026, 10, 21, 18, 42, 0);
/** A name that tries to run a script and to turn the reading direction. */
export const HOSTILE_NAME = '<img src=x onerror=alert(1)>\u202e';

const hex = (n: number, length: number): string =>
  ((n + 1) * 2_654_435_761).toString(16).padStart(8, '0').repeat(8).slice(0, length);
export const peerOf = (n: number): string => `12D3KooW${hex(n, 40)}`;
const at = (minutesAgo: number): string => new Date(START - minutesAgo * 60_000).toISOString();

/** Repeatable noise in 0..1. */
function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

const NAMES = ['torre-rog', 'studio-mbp', 'pc-gamer', 'rpi5-salon', HOSTILE_NAME];
const OS = ['linux', 'darwin', 'win32', 'linux', null];
const STATES: MemberView['state'][] = ['working', 'working', 'working', 'paused', 'away'];
const THREADS = [16, 12, 24, 4, 8];
const USED = [12, 10, 20, 0, 0];
const RATES = [1_248.4, 967.1, 2_184.9, 0, null];
const UNITS = [142, 131, 268, 17, 54];

function memberOf(n: number): MemberView {
  const random = noise(n + 7);
  const used = USED[n]!;
  const total = THREADS[n]!;
  const known = STATES[n] !== 'away';
  return {
    peerId: peerOf(n),
    name: NAMES[n]!,
    givenName: null,
    self: n === 0,
    role: n === 0 ? 'admin' : 'member',
    state: STATES[n]!,
    reason: n === 3 ? 'paused by its owner' : null,
    os: OS[n]!,
    version: '0.1.0',
    fingerprint: '9f31c2d07a54e8b1',
    threads: known ? { used, total } : null,
    threadLoads: known ? Array.from({ length: total }, (_, i) => (i < used ? 0.35 + 0.65 * random() : 0)) : null,
    backtestsPerSecond: RATES[n]!,
    unitsDone: UNITS[n]!,
    agreement: n === 2 ? 0.967 : 1,
    unitId: used > 0 ? `unit-${n}` : null,
    connected: known,
    rttMs: n === 0 ? null : 2 + n,
    path: n === 0 || !known ? null : (['lan', 'lan', 'direct', 'relayed'] as const)[n]!,
    lastSeenMs: known ? 400 : 840_000,
    root: hex(99, 64),
    rules: 1,
    admittedAt: at(9_000 - n),
  };
}

const segment = (value: number, trades: number, extra: Partial<SegmentMetrics> = {}): SegmentMetrics => ({
  netProfit: Math.round(value * 50_000) / 100,
  return: value,
  sharpe: Math.round(value * 3_400) / 100,
  maxDrawdown: 0.03 + value / 5,
  trades,
  winRate: 0.47 + value,
  profitFactor: 1 + value * 8,
  ...extra,
});

const CODE_NAMES = [
  'amber-heron',
  'mossy-caiman',
  'umber-badger',
  'brisk-jaguar',
  'ivory-condor',
  'vivid-heron',
  'velvet-toucan',
  'dusky-marten',
  'ochre-quetzal',
  'cobalt-otter',
];
const RETURNS = [0.036, 0.032, 0.03, 0.028, 0.026, 0.024, 0.022, 0.021, 0.018, -0.004];
const TRADES = [20, 50, 144, 167, 179, 44, 140, 124, 68, 127];
const MARKETS = [
  'BTC-USD',
  'BTC-USD',
  'BTC-USD',
  'SAMPLE-USD',
  'BTC-USD',
  'ETH-USD',
  'ETH-USD',
  'BTC-USD',
  'ETH-USD',
  'SAMPLE-USD',
];

function equityOf(n: number): number[] {
  const random = noise(n + 31);
  const end = 1 + RETURNS[n]!;
  return Array.from(
    { length: 40 },
    (_, i) => 1 + (end - 1) * (i / 39) + (i === 0 || i === 39 ? 0 : (random() - 0.5) * 0.006),
  );
}

export function resultOf(n: number): ResultView {
  const sample = MARKETS[n] === 'SAMPLE-USD';
  const states: ResultView['state'][] = ['validated', 'validated', 'validated', 'provisional'];
  const state = n === 9 ? 'disputed' : (states[n % 4] ?? 'validated');
  return {
    id: hex(n + 200, 64),
    codeName: CODE_NAMES[n]!,
    jobId: hex(300 + (n % 3), 64),
    unitId: hex(400 + n, 64),
    market: MARKETS[n]!,
    barMs: 3_600_000,
    sample,
    leverage: n === 5 ? 5 : null,
    datasetHash: hex(sample ? 501 : 500, 64),
    risk: 'medium',
    sentence:
      'Buys when RSI(14) crosses above 30 while the close is above EMA(200); sells when RSI(14) is above 55, or after a loss of 2 %.',
    sentenceEs:
      'Compra cuando RSI(14) cruza al alza 30 y el cierre es mayor que EMA(200); vende cuando RSI(14) es mayor que 55, o tras perder un 2 %.',
    strategy: {
      v: 1,
      side: 'long',
      entry: [
        [
          { left: { indicator: 'rsi', period: 14 }, op: 'crosses_above', right: { value: 30 } },
          { left: { field: 'close' }, op: '>', right: { indicator: 'ema', period: 200 } },
        ],
      ],
      exit: [{ left: { indicator: 'rsi', period: 14 }, op: '>', right: { value: 55 } }],
      stopLoss: { percent: 2, of: 'fill' },
      size: { percentOfEquity: 50 },
    },
    assurance: state === 'validated' ? 'quorum' : 'reevaluated',
    state,
    votes: state === 'validated' ? 2 : 1,
    replicas: 2,
    inSample: segment(RETURNS[n]! + 0.058, TRADES[n]! * 3),
    outOfSample: segment(RETURNS[n]!, TRADES[n]!),
    holdout: segment(RETURNS[n]! / 2, Math.ceil(TRADES[n]! / 2)),
    outOfSampleDays: 190,
    equity: equityOf(n),
    trialsUnit: 20_000,
    trialsJob: 3_021_400,
    foundBy: { peerId: peerOf(n % 5), name: NAMES[n % 5]! },
    foundAt: at(10 + n * 7),
  };
}

function jobOf(n: number): JobView {
  const counts = [
    { validated: 151, running: 22, provisional: 17, disputed: 9, failed: 0, open: 41 },
    { validated: 118, running: 4, provisional: 3, disputed: 0, failed: 1, open: 354 },
    { validated: 0, running: 0, provisional: 0, disputed: 0, failed: 0, open: 60 },
  ][n]!;
  const sample = n === 2;
  return {
    id: hex(300 + n, 64),
    permutes: null,
    name: ['J-0031', 'J-0029', 'J-0032'][n]!,
    market: sample ? 'SAMPLE-USD' : ['BTC-USD', 'ETH-USD'][n]!,
    barMs: n === 1 ? 300_000 : 3_600_000,
    sample,
    leverage: n === 1 ? 5 : null,
    datasetHash: hex(sample ? 501 : 500, 64),
    datasetHere: n !== 1,
    preset: (['standard', 'custom', 'quick'] as const)[n]!,
    risk: (['medium', 'high', 'low'] as const)[n]!,
    population: [200, 400, 60][n]!,
    generations: [100, 150, 20][n]!,
    units: Object.values(counts).reduce((sum, count) => sum + count, 0),
    replicas: 2,
    validation: 'replicate',
    seed: `seed-${n}`,
    fee: 0.0006,
    slippage: 0.0002,
    createdBy: { peerId: peerOf([0, 2, 4][n]!), name: NAMES[[0, 2, 4][n]!]! },
    createdAt: at(400 - n * 60),
    state: (['running', 'running', 'queued'] as const)[n]!,
    reason: n === 1 ? 'this node does not hold its candles yet' : null,
    counts,
    trials: n === 2 ? null : 3_021_400,
    bestOutOfSample: [0.036, 0.024, null][n]!,
    remainingMs: [4_320_000, 20_400_000, null][n]!,
  };
}

const DATASETS: DatasetView[] = [
  {
    hash: hex(500, 64),
    symbol: 'BTC-USD',
    quote: 'USD',
    source: 'coinbase',
    sample: false,
    barMs: 3_600_000,
    bars: 17_518,
    from: '2024-11-21T00:00:00.000Z',
    to: '2026-11-21T00:00:00.000Z',
    gaps: [{ from: '2025-03-01T04:00:00.000Z', to: '2025-03-01T06:00:00.000Z', missing: 2 }],
    bytes: 1_100_000,
  },
  {
    hash: hex(501, 64),
    symbol: 'SAMPLE-USD',
    quote: 'USD',
    source: 'made up',
    sample: true,
    barMs: 3_600_000,
    bars: 8_760,
    from: '2025-11-21T00:00:00.000Z',
    to: '2026-11-21T00:00:00.000Z',
    gaps: [],
    bytes: 490_000,
  },
];

const HAPPENED: [NodeEvent['type'], string, number][] = [
  ['unit.validated', 'amber-heron validated by 2 of 2 replicas', 0],
  ['unit.started', 'pc-gamer claimed unit 88 of J-0029', 1],
  ['unit.disputed', 'Replicas disagree on unit 91 of J-0031; a third replica is asked for', 6],
  ['member.disconnected', `${HOSTILE_NAME} went away; its claim ends in 46 min`, 14],
  ['member.connected', 'studio-mbp is back after 1 h 4 min', 21],
  ['unit.finished', 'torre-rog finished unit 173 of J-0031', 25],
  ['job.created', 'torre-rog created J-0032 (SAMPLE-USD, 60 units)', 37],
  ['ledger.changed', 'The ledger agrees with 4 of 4 peers', 44],
  ['dataset.added', 'BTC-USD 1 h candles arrived from studio-mbp', 52],
];

const closedWindow = (): PairingView => ({ hostUntil: null, guestUntil: null, reason: null, pending: [] });

/** A machine that stands at the door. */
export function pendingOf(name: string, change: Partial<PendingView> = {}): PendingView {
  return {
    ...{ peerId: `${name}-peer`, name, os: 'linux', version: '0.1.0', meshName: `${name} mesh`, members: 1 },
    ...{ digits: '042137', canAdmit: true, canJoin: false, state: 'waiting', ...change },
  };
}

export function snapshotOf(): Snapshot {
  const random = noise(3);
  const members = NAMES.map((_, n) => memberOf(n));
  return {
    at: at(0),
    status: {
      version: '0.1.0',
      peerId: peerOf(0),
      name: NAMES[0]!,
      meshId: hex(1, 64),
      meshName: 'casa-lab',
      fingerprint: '9f31c2d07a54e8b1',
      mode: 'mining',
      reason: null,
      startedAt: at(3_000),
      threads: { used: 12, total: 16 },
      backtestsPerSecond: 1_248.4,
      backtestsTotal: 4_600_000,
      unitsDone: 142,
      agreement: 1,
      unit: {
        unitId: hex(9, 64),
        jobId: hex(300, 64),
        index: 174,
        market: 'BTC-USD',
        barMs: 3_600_000,
        generation: 61,
        generations: 100,
        savedGeneration: 60,
        savedAgeMs: 14_000,
        bestInSample: 0.094,
        bestHistory: Array.from({ length: 61 }, (_, i) => 0.094 * (1 - Math.exp(-Math.floor(i / 4) / 4.2))),
        remainingMs: 360_000,
      },
      ledger: { root: hex(99, 64), entries: 18_204, state: 'in-sync', peersAtRoot: 4, peersKnown: 4 },
      mesh: { addresses: ['/ip4/192.168.1.10/tcp/22071'], connected: 3, members: 5 },
      lobbyOpen: false,
      problems: [],
    },
    members,
    jobs: [0, 1, 2].map(jobOf),
    top: CODE_NAMES.map((_, n) => resultOf(n)),
    counts: { results: 1_306, validated: 917, provisional: 64, disputed: 9 },
    datasets: structuredClone(DATASETS),
    activity: HAPPENED.map(([type, message, ago], i) => ({ id: 100 - i, at: at(ago), type, message, data: {} })),
    throughput: Array.from({ length: 360 }, (_, i) => ({
      at: new Date(START - (359 - i) * 10_000).toISOString(),
      backtestsPerSecond:
        i > 190 && i < 205 ? null : 4_300 + 300 * Math.sin(i / 30) + (i > 120 && i < 150 ? -1_600 : 0) + 260 * random(),
      results: i % 7 === 0 ? 2 : i % 3 === 0 ? 1 : 0,
    })),
    pairing: closedWindow(),
  };
}

/** The same node before anything happened: no peers, no work, no candles. */
export function aloneSnapshot(): Snapshot {
  const full = snapshotOf();
  const self = full.members[0]!;
  const threads = { used: 0, total: 16 };
  return {
    ...full,
    status: {
      ...full.status,
      mode: 'idle',
      reason: 'There is no open work.',
      threads,
      backtestsPerSecond: null,
      backtestsTotal: 0,
      unitsDone: 0,
      agreement: null,
      unit: null,
      ledger: { root: full.status.ledger.root, entries: 2, state: 'alone', peersAtRoot: 0, peersKnown: 0 },
      mesh: { ...full.status.mesh, connected: 0, members: 1 },
    },
    members: [
      {
        ...self,
        state: 'idle',
        threads,
        threadLoads: Array.from({ length: 16 }, () => 0),
        backtestsPerSecond: null,
        unitsDone: 0,
        agreement: null,
        unitId: null,
      },
    ],
    jobs: [],
    top: [],
    counts: { results: 0, validated: 0, provisional: 0, disputed: 0 },
    datasets: [],
    activity: [],
    throughput: [],
  };
}

export function limitsOf(): LimitsView {
  return {
    rules: {
      ...{ threads: null, share: 100, batteryAbove: 100, inUse: { share: 25, threads: 1, minutes: 5 } },
      ...{ schedule: '', temperatureMax: null, programs: [], hook: null },
    },
    now: { run: 'run', threads: 12, share: 100, reason: null },
    pausedUntil: null,
    machine: { onBattery: false, charge: 98, untouchedMs: 900_000, temperature: null, programs: null, hook: null },
    timeline: [
      { at: at(12), mode: 'mining', reason: null },
      { at: at(75), mode: 'paused', reason: 'Somebody uses this machine; it works when it was not touched for 5 min.' },
      { at: at(400), mode: 'mining', reason: null },
    ],
  };
}
