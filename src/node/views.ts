// The ledger's state and the members' news in the shapes that page, API and command line show. Pure. Times, numbers and
// parameters in it come from other machines: whatever they are, nothing here throws.
import type { JobRecord, State } from '../ledger/derive.ts';
import type { JobTally, UnitRecord, UnitsOfJob } from '../ledger/units.ts';
import { fromHex, type Hex, toHex } from '../protocol/bytes.ts';
import { unitId } from '../protocol/entry.ts';
import { peerIdText } from '../protocol/keys.ts';
import type { Job } from '../protocol/kinds.ts';
import type { Claim, Presence } from '../protocol/messages.ts';
import type { JobView, MemberView, UnitState, UnitView } from '../ui/api.ts';
import { connectionPath } from './connection-path.ts';
import { memberState } from './member-state.ts';
import { actionOf, baseOf, isPermutation } from './permutations.ts';
import type { HeldClaim } from './presence-book.ts';
import type { Check, UnitPlace } from './recheck.ts';

/** What a view needs besides the ledger's state. */
export interface World {
  self: Hex;
  state: State;
  claims: readonly HeldClaim[];
  /** Last news of a member and whether it is fresh; this node's own included. */
  news(member: Hex): { presence: Presence; ageMs: number; fresh: boolean } | undefined;
  /** `address`: multiaddr of its end. */
  connection(peerId: string): { rttMs: number | null; address: string } | undefined;
  hasDataset(hash: Hex): boolean;
  check(unit: Hex, answer: Hex): Check | undefined;
  /** Units of which an answer was found to hold here. */
  checked(): Iterable<UnitPlace>;
  /** Another one whenever state or checks may be others. */
  version: string;
}

/** What follows from state and checks is kept until one of them may be another: the page asks twice a second. */
export class Kept<T> {
  #key: string | undefined;
  #value: T | undefined;

  /** `rest`: what else `make` looks at. */
  of({ version }: World, make: () => T, rest: readonly string[] = []): T {
    const key = JSON.stringify([version, ...rest]);
    if (key !== this.#key) {
      this.#value = make();
      this.#key = key;
    }
    return this.#value as T;
  }
}

/** Largest time of a Date, ms since 1970; entries may claim later ones. */
const TIME_MS_MAX = 8.64e15;

export function isoTime(ms: number): string {
  return new Date(Math.min(ms, TIME_MS_MAX)).toISOString();
}

/** Whether a claim is for a unit that there is. A member may say what it likes of what it does. */
export function isClaimable(state: State, claim: Claim): boolean {
  const job = state.jobs.get(toHex(claim.job));
  return job !== undefined && claim.index < job.job.units && unitId(claim.job, claim.index) === toHex(claim.unit);
}

export function nameOf(world: World, member: Hex): string {
  return world.news(member)?.presence.name ?? world.state.members.get(member)?.name ?? shortId(member);
}

/** `givenName`: what the owner of this node calls a machine, by peer id. */
export function memberViews(world: World, givenName: (peerId: string) => string | null = () => null): MemberView[] {
  const { voices } = world.state.units;
  return [...world.state.members.values()].map((member) => {
    const peerId = peerIdText(fromHex(member.key));
    const self = member.key === world.self;
    const connection = world.connection(peerId);
    const news = world.news(member.key);
    const votes = voices.get(member.key);
    return {
      peerId,
      name: nameOf(world, member.key),
      givenName: givenName(peerId),
      self,
      role: member.role,
      ...memberState({ gone: member.gone, nameOf: (key) => removerOf(world, key), news }),
      ...liveFields(news),
      unitsDone: votes?.votes ?? 0,
      agreement: votes === undefined || votes.decided === 0 ? null : votes.agreed / votes.decided,
      connected: self || connection !== undefined,
      rttMs: connection?.rttMs ?? null,
      path: connection === undefined ? null : connectionPath(connection.address),
      lastSeenMs: news === undefined ? null : Math.round(news.ageMs),
      admittedAt: isoTime(member.time),
    };
  });
}

export function removerOf(world: World, key: Hex): string {
  return world.state.members.has(key) ? nameOf(world, key) : 'the holder of the recovery phrase';
}

type LiveFields = Pick<
  MemberView,
  'os' | 'version' | 'fingerprint' | 'threads' | 'threadLoads' | 'backtestsPerSecond' | 'unitId' | 'root' | 'rules'
>;

/** What only fresh news can tell is null without them. */
function liveFields(news: ReturnType<World['news']>): LiveFields {
  if (news === undefined) {
    return {
      os: null,
      version: null,
      fingerprint: null,
      threads: null,
      threadLoads: null,
      backtestsPerSecond: null,
      unitId: null,
      root: null,
      rules: null,
    };
  }
  const { presence, fresh } = news;
  return {
    os: presence.os,
    version: presence.version,
    fingerprint: toHex(presence.fingerprint),
    threads: { used: fresh ? presence.threads[0] : 0, total: presence.threads[1] },
    threadLoads: fresh ? presence.loads.map((load) => load / 100) : null,
    backtestsPerSecond: fresh ? presence.backtestsPerSecond : null,
    unitId: fresh && presence.claim !== null ? toHex(presence.claim.unit) : null,
    root: toHex(presence.root),
    rules: presence.rules ?? null,
  };
}

export function jobViews(world: World, best = bestOutOfSample(world)): JobView[] {
  return [...world.state.jobs.values()].map((job) => jobView(world, job, best.get(job.id) ?? null));
}

/** Null on a spot market. */
export function leverageOf({ search }: Pick<Job, 'search'>): number | null {
  const { perpetual } = (search.costs ?? {}) as { perpetual?: { leverage?: unknown } | null };
  return perpetual === undefined || perpetual === null ? null : numberOf(perpetual.leverage);
}

function jobView(world: World, record: JobRecord, best: number | null): JobView {
  const { job } = record;
  const search = job.search as {
    preset?: unknown;
    risk?: unknown;
    population?: unknown;
    generations?: unknown;
    costs?: { fee?: unknown; slippage?: unknown };
  };
  const units = world.state.units.of(record.id);
  const counts = countUnits(world, record, units);
  return {
    id: record.id,
    permutes: isPermutation(job) ? baseOf(world.state, record).id : null,
    name: job.name,
    market: `${job.market.symbol}`,
    barMs: job.market.barMs,
    sample: job.market.sample,
    leverage: leverageOf(job),
    datasetHash: toHex(job.dataset),
    datasetHere: world.hasDataset(toHex(job.dataset)),
    preset: oneOf(search.preset, ['quick', 'standard', 'deep', 'custom'], 'custom'),
    risk: oneOf(search.risk, ['low', 'medium', 'high'], 'medium'),
    population: numberOf(search.population),
    generations: numberOf(search.generations),
    units: job.units,
    replicas: job.validation.replicas,
    validation: job.validation.mode,
    seed: job.seed,
    fee: numberOf(search.costs?.fee),
    slippage: numberOf(search.costs?.slippage),
    createdBy: { peerId: peerIdText(fromHex(record.creator)), name: nameOf(world, record.creator) },
    createdAt: isoTime(record.time),
    ...jobState(record, actionOf(world.state, record), counts),
    counts,
    trials: units.tally.validated === 0 || isPermutation(job) ? null : units.tally.trials,
    bestOutOfSample: isPermutation(job) ? null : best,
    remainingMs: remainingOf(world, record, counts, units),
  };
}

function countUnits({ claims }: World, { id, job }: JobRecord, units: UnitsOfJob): JobView['counts'] {
  const { provisional, disputed, validated, failed } = units.tally;
  const counts = { validated, running: 0, provisional, disputed, failed, open: 0 };
  const claimed = new Set(claims.filter(({ claim }) => toHex(claim.job) === id).map(({ claim }) => claim.index));
  for (const index of claimed) {
    const state = units.stateAt(index);
    if (state === 'validated' || state === 'failed') continue;
    if (state !== 'open') counts[state] -= 1;
    counts.running += 1;
  }
  counts.open = job.units - Object.values(counts).reduce((sum, count) => sum + count, 0);
  return counts;
}

function unitState(unit: UnitRecord | undefined, isRunning: boolean): UnitState {
  const state = unit?.verdict.state ?? 'open';
  return isRunning && state !== 'validated' && state !== 'failed' ? 'running' : state;
}

function jobState(
  record: JobRecord,
  action: JobRecord['action'],
  counts: JobView['counts'],
): Pick<JobView, 'state' | 'reason'> {
  const decided = counts.validated + counts.failed;
  if (action === 'stop') return { state: 'stopped', reason: 'Stopped; its results stay.' };
  if (decided === record.job.units) {
    return counts.validated === 0
      ? { state: 'failed', reason: 'No unit reached a verdict.' }
      : { state: 'complete', reason: null };
  }
  if (action === 'pause') return { state: 'paused', reason: 'Paused by its creator or an admin.' };
  const begun = decided + counts.running + counts.provisional + counts.disputed > 0;
  if (!begun) return { state: 'queued', reason: 'No machine has begun yet.' };
  const waiting = counts.provisional + counts.disputed;
  const stuck = counts.running === 0 && counts.open === 0 && waiting > 0;
  const units = waiting === 1 ? 'One unit waits' : `${waiting} units wait`;
  return { state: 'running', reason: stuck ? `${units} for another machine to confirm or decide.` : null };
}

/** Of each job the best stitched out-of-sample return among champions that this node has run itself. */
export function bestOutOfSample(world: World): Map<Hex, number> {
  const best = new Map<Hex, number>();
  for (const { id, job, index } of world.checked()) {
    const leader = world.state.units.of(job).at(index)?.verdict.leader;
    if (leader === undefined || world.check(id, leader.answer)?.state !== 'holds') continue;
    for (const { outOfSample } of leader.result.champions) {
      best.set(job, Math.max(best.get(job) ?? Number.NEGATIVE_INFINITY, outOfSample.return));
    }
  }
  return best;
}

/** Answers that tell how long a replica takes. */
const TIMED_UNITS = 64;

/**
 * Median time of a replica of the units that were touched last, times the replicas to go, shared among the members at
 * hand. Null while none works on it.
 */
function remainingOf(world: World, { job }: JobRecord, counts: JobView['counts'], units: UnitsOfJob): number | null {
  if (counts.running === 0) return null;
  const times = lastUnits(job.units, units)
    .flatMap((unit) => unit.votes.map((vote) => vote.result.ms))
    .sort((a, b) => a - b);
  const workers = [...world.state.members.keys()].filter((key) => isAtWork(world.news(key))).length;
  if (times.length === 0 || workers === 0) return null;
  return Math.round((times[Math.floor(times.length / 2)]! * replicasLeft(job, units.tally)) / workers);
}

function lastUnits(total: number, units: UnitsOfJob): UnitRecord[] {
  const last: UnitRecord[] = [];
  for (let index = total - 1; index >= 0 && last.length < TIMED_UNITS; index -= 1) {
    if (units.stateAt(index) !== 'open') last.push(units.at(index)!);
  }
  return last;
}

/** As far as all that is still to come agrees. */
function replicasLeft({ units, validation }: Job, tally: JobTally): number {
  const { provisional, disputed, validated, failed, wanted } = tally;
  return (units - validated - failed - provisional - disputed) * validation.replicas + wanted;
}

function isAtWork(news: ReturnType<World['news']>): boolean {
  return news?.fresh === true && (news.presence.state === 'working' || news.presence.state === 'idle');
}

/** A job may have a million units; of those that nobody has touched this many are listed. */
const UNTOUCHED_LISTED_MAX = 10_000;

/** Units of a job by index. Those that nobody touched have no record and are made up here from their index. */
export function unitViews(world: World, job: JobRecord, idOf: (index: number) => Hex): UnitView[] {
  const known = new Map([...world.state.units.of(job.id)].map((unit) => [unit.index, unit]));
  const claimsByIndex = new Map<number, HeldClaim[]>();
  for (const held of world.claims) {
    if (toHex(held.claim.job) !== job.id) continue;
    claimsByIndex.set(held.claim.index, [...(claimsByIndex.get(held.claim.index) ?? []), held]);
  }
  const first = Array.from({ length: Math.min(job.job.units, UNTOUCHED_LISTED_MAX) }, (_, index) => index);
  const listed = new Set([...first, ...known.keys(), ...claimsByIndex.keys()]);
  return [...listed]
    .sort((a, b) => a - b)
    .map((index) => {
      const unit = known.get(index);
      const id = unit?.id ?? idOf(index);
      const claims = claimsByIndex.get(index) ?? [];
      return {
        id,
        jobId: job.id,
        index,
        state: unitState(unit, claims.length > 0),
        reason: unit === undefined ? null : unitReason(unit, job),
        digest: unit?.verdict.leader === undefined ? null : toHex(unit.verdict.leader.result.digest),
        claims: claims.map(({ member, claim, leaseMs }) => ({
          peerId: peerIdText(fromHex(member)),
          name: nameOf(world, member),
          progress: claim.generation / claim.generations,
          leaseMs: Math.round(leaseMs),
        })),
        results: (unit?.votes ?? []).map((vote) => ({
          entryId: vote.entry,
          peerId: peerIdText(fromHex(vote.author)),
          name: nameOf(world, vote.author),
          digest: toHex(vote.result.digest),
          agrees: unit?.verdict.state === 'validated' ? unit.verdict.agreeing.includes(vote.entry) : null,
          at: isoTime(vote.time),
        })),
      };
    });
}

function unitReason({ verdict, votes }: UnitRecord, { job }: JobRecord): string | null {
  const agree = `${verdict.count} of ${votes.length} replicas agree`;
  switch (verdict.state) {
    case 'provisional':
      return `Waits for another machine: ${verdict.count} of ${job.validation.quorum} equal answers are in.`;
    case 'disputed':
      return `Machines disagree (${agree}); one more replica decides.`;
    case 'failed':
      return `No verdict after ${votes.length} replicas (${agree}).`;
    default:
      return null;
  }
}

/** NaN, which is null in JSON, where this engine cannot tell. */
function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : Number.NaN;
}

export function oneOf<T extends string>(value: unknown, allowed: readonly T[], otherwise: T): T {
  return allowed.find((each) => each === value) ?? otherwise;
}

function shortId(member: Hex): string {
  return peerIdText(fromHex(member)).slice(-6);
}
