// A node in memory for tests of page and API: an invented mesh that obeys the commands and can be changed from outside.
import {
  type CreateJobInput,
  type JobView,
  type NodeEvent,
  type NodePort,
  type NodeStatus,
  RequestError,
  type Snapshot,
} from '../../src/ui/api.ts';
import type { OpenInviteView } from '../../src/ui/api-members.ts';
import { aloneSnapshot, limitsOf, peerOf, resultOf, START, snapshotOf } from './fixture-data.ts';
import { fixtureDownloads } from './fixture-downloads.ts';
import { fixtureMembers } from './fixture-members.ts';
import { previewOfFile } from './fixture-preview.ts';
import { fixtureStrategies } from './fixture-strategy.ts';
import { verdictOf } from './fixture-verdict.ts';
import { detailOf, disputesOf, unitOf } from './fixture-work.ts';

export interface FixtureNode extends NodePort {
  /** Names of the methods that changed something, in order. */
  readonly calls: string[];
  /** Changes the mesh and tells the subscribers. */
  change(edit: (snapshot: Snapshot) => void, event?: Partial<NodeEvent>): void;
  emit(event: Partial<NodeEvent>): void;
  readonly listeners: number;
}

const PRESETS = { quick: [60, 20], standard: [200, 100], deep: [600, 300] } as const;

function jobFrom(input: CreateJobInput, snapshot: Snapshot): JobView {
  const dataset = snapshot.datasets.find(({ hash }) => hash === input.dataset);
  if (dataset === undefined) {
    throw new RequestError('unknown_dataset', 'This node does not hold that data set.', {
      status: 422,
      field: 'dataset',
    });
  }
  if (input.seed === 'taken')
    throw new RequestError('seed_used', 'A job with this seed exists.', { status: 409, field: 'seed' });
  const [population, generations] = PRESETS[input.preset ?? 'standard'];
  const units = input.units ?? 60;
  return {
    id: `new${snapshot.jobs.length}`.padEnd(64, '0'),
    permutes: null,
    name: input.name ?? `J-00${33 + snapshot.jobs.length}`,
    market: dataset.symbol,
    barMs: dataset.barMs,
    sample: dataset.sample,
    leverage: input.leverage ?? null,
    datasetHash: dataset.hash,
    datasetHere: true,
    preset: input.preset ?? 'custom',
    risk: input.risk ?? 'medium',
    population: input.population ?? population,
    generations: input.generations ?? generations,
    units,
    replicas: input.replicas ?? 2,
    validation: input.validation ?? 'replicate',
    seed: input.seed ?? 'auto',
    fee: input.fee ?? 0.0006,
    slippage: input.slippage ?? 0.0002,
    createdBy: { peerId: peerOf(0), name: snapshot.status.name },
    createdAt: snapshot.at,
    state: 'queued',
    reason: null,
    counts: { validated: 0, running: 0, provisional: 0, disputed: 0, failed: 0, open: units },
    trials: null,
    bestOutOfSample: null,
    remainingMs: null,
  };
}

function found(jobs: JobView[], id: string): JobView {
  const job = jobs.find((one) => one.id === id);
  if (job === undefined) throw new RequestError('job_unknown', 'There is no such job.', { status: 404 });
  return job;
}

export function createFixtureNode(options: { alone?: boolean } = {}): FixtureNode {
  const state = options.alone === true ? aloneSnapshot() : snapshotOf();
  const listeners = new Set<(event: NodeEvent) => void>();
  const calls: string[] = [];
  let lastEvent = 100;
  const emit = (event: Partial<NodeEvent>): void => {
    lastEvent += 1;
    const whole: NodeEvent = { id: lastEvent, at: state.at, type: 'node.mode', message: '', data: {}, ...event };
    for (const listener of listeners) listener(whole);
  };
  const change: FixtureNode['change'] = (edit, event = {}) => {
    edit(state);
    emit(event);
  };
  const setMode = (mode: NodeStatus['mode'], reason: string | null): Promise<NodeStatus> => {
    calls.push(mode);
    change((snapshot) => {
      snapshot.status.mode = mode;
      snapshot.status.reason = reason;
    });
    return Promise.resolve(structuredClone(state.status));
  };
  const limits = limitsOf();
  const results = () => (state.top.length === 0 ? [] : Array.from({ length: 10 }, (_, n) => resultOf(n)));
  return {
    calls,
    change,
    emit,
    get listeners() {
      return listeners.size;
    },
    snapshot: () => structuredClone(state),
    status: () => structuredClone(state.status),
    members: () => structuredClone(state.members),
    jobs: () => structuredClone(state.jobs),
    units: ({ job }) =>
      state.jobs
        .filter(({ id }) => job === undefined || id === job)
        .flatMap((one) => [0, 1, 2, 3].map((i) => unitOf(one, i))),
    job: (id) => detailOf(found(state.jobs, id)),
    unit: (job, index) => unitOf(found(state.jobs, job), index),
    disputes: () => disputesOf(state.jobs[0]!, state.jobs[0]!.counts.disputed),
    verdict: async (job) => verdictOf(found(state.jobs, job)),
    judged: (job) => verdictOf(found(state.jobs, job)).judgement ?? undefined,
    ...fixtureStrategies(),
    results: (query) =>
      results().filter(
        (one) =>
          (query.job === undefined || one.jobId === query.job) &&
          (query.state === undefined || one.state === query.state),
      ),
    result: (id) => results().find((one) => one.id === id),
    exportResult: async (id, { as }) => ({ fileName: `${id.slice(0, 8)}.${as}`, lines: ['first', '  second'] }),
    datasets: () => structuredClone(state.datasets),
    ledger: () => ({
      meshId: state.status.meshId,
      root: state.status.ledger.root,
      entries: state.status.ledger.entries,
      byKind: { job: 33, result: 18_171 },
      logs: [{ author: peerOf(0), name: 'torre-rog', log: 'a1', entries: 9_000, head: 'b2', frozenAt: null }],
    }),
    entries: () => ({
      items: [
        {
          ...{ id: 'ab', author: peerOf(0), name: 'torre-rog', log: 'a1', seq: 3, at: new Date(START).toISOString() },
          ...{ kind: 'job', refused: null, block: 'oA==' },
        },
      ],
      next: null,
    }),
    ledgerAt: (entry) => ({
      ...{ entry, at: new Date(START).toISOString(), root: state.status.ledger.root, entries: 7 },
      members: [{ peerId: peerOf(0), name: 'torre-rog', role: 'admin' }],
      jobs: [
        { id: 'j', name: 'torre-rog', units: 4, action: null, validated: 1, failed: 0, disputed: 1, provisional: 2 },
      ],
    }),
    verification: () => null,
    verifyLedger: () => Promise.resolve({ ok: true, entries: 18_204, root: state.status.ledger.root, faults: [] }),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async createJob(input) {
      calls.push('createJob');
      const job = jobFrom(input, state);
      change(({ jobs }) => jobs.push(job), { type: 'job.created', message: `torre-rog created ${job.name}` });
      return structuredClone(job);
    },
    async permuteJob(id, permutations) {
      calls.push(`permuteJob ${permutations}`);
      const job = state.jobs.find((one) => one.id === id);
      if (job === undefined) throw new RequestError('job_unknown', 'There is no such job.', { status: 404 });
      return { ...structuredClone(job), id: 'a'.repeat(64), permutes: id, units: permutations };
    },
    async setJob(id, action) {
      calls.push(`setJob ${action}`);
      const job = state.jobs.find((one) => one.id === id);
      if (job === undefined) throw new RequestError('unknown_job', 'There is no such job.', { status: 404 });
      const after = { pause: 'paused', resume: 'running', stop: 'stopped' } as const;
      change(() => {
        job.state = after[action];
      });
      return structuredClone(job);
    },
    pause: ({ until }) => setMode('paused', until === undefined ? 'Paused by you.' : `Paused by you until ${until}.`),
    finish: () => setMode('finishing', 'It finishes its unit and stops, as you asked.'),
    limits: () => structuredClone(limits),
    async setLimits(changes) {
      calls.push(`setLimits ${JSON.stringify(changes)}`);
      if (changes.schedule?.includes('25:00') === true)
        throw new RequestError('bad_value', 'schedule: not hours like mon-fri 22:00-07:00', {
          status: 422,
          field: 'schedule',
        });
      Object.assign(limits.rules, changes);
      return structuredClone(limits);
    },
    resume: () => setMode('mining', null),
    async invite(input) {
      calls.push('invite');
      return {
        ticket: `stratmesh1${'q7zk4m'.repeat(24)}`,
        inviteId: 'i-1',
        role: input.role ?? 'member',
        uses: input.uses ?? 1,
        expiresAt: new Date(START + (input.expiresInMs ?? 86_400_000)).toISOString(),
        addresses: ['/ip4/192.168.1.10/tcp/22072'],
      };
    },
    openInvites: () => [openInvite()],
    async cancelInvite(id) {
      calls.push(`cancelInvite ${id}`);
      return openInvite();
    },
    ...fixtureMembers({ state, calls, change }),
    async leave() {
      calls.push('leave');
      return { told: 3, admins: 1 };
    },
    async join({ ticket }) {
      calls.push('join');
      if (!ticket.startsWith('stratmesh1'))
        throw new RequestError('ticket_malformed', 'This is not a ticket.', { field: 'ticket' });
      return structuredClone(state.status);
    },
    ...fixtureDownloads({ calls, change, snapshot: () => state }),
    async previewData({ path }) {
      if (!path.endsWith('.csv'))
        throw new RequestError('file_unreadable', 'This file cannot be read.', { field: 'path' });
      return previewOfFile();
    },
    async importData({ path, repair }) {
      calls.push(`importData${repair === true ? ' repaired' : ''}`);
      if (!path.endsWith('.csv'))
        throw new RequestError('file_unreadable', 'This file cannot be read.', { field: 'path' });
      return structuredClone(snapshotOf().datasets[0]!);
    },
    async sampleData() {
      calls.push('sampleData');
      const sample = snapshotOf().datasets[1]!;
      change(({ datasets }) => datasets.push(sample), { type: 'dataset.added', message: 'Sample candles are ready' });
      return sample;
    },
    async stop() {
      calls.push('stop');
    },
  };
}

/** As it is right after its first start. */
export function newNode(): FixtureNode {
  const node = createFixtureNode({ alone: true });
  node.change(({ status }) => {
    status.ledger.entries = 1;
    status.meshName = 'torre-rog mesh';
  });
  return node;
}

function openInvite(): OpenInviteView {
  const expiresAt = new Date(START + 86_400_000).toISOString();
  return { inviteId: 'c3'.repeat(32), role: 'member', uses: 5, usesLeft: 2, expiresAt, issuer: 'desk' };
}
