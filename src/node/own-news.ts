// What this node says of itself in a presence: what it does, with how much, and how soon it says so again.
import { fromHex } from '../protocol/bytes.ts';
import type { MeshDeps } from './mesh.ts';
import type { SessionDeps } from './session.ts';
import { VERSION } from './version.ts';
import type { WorkLoop } from './work-loop.ts';

/** Announced pause between two presences: short while there is news to follow, long while nothing happens. */
const WORKING_MS = 5000;
const IDLE_MS = 30_000;

type OwnNewsDeps = Pick<
  SessionDeps,
  'isAsleep' | 'allowance' | 'config' | 'fingerprint' | 'pool' | 'backtestsPerSecond'
>;

/** `work`: undefined until the session has it. */
export function ownNews(deps: OwnNewsDeps, work: WorkLoop | undefined): ReturnType<MeshDeps['presence']> {
  const isAsleep = deps.isAsleep();
  const claim = isAsleep ? null : (work?.claim() ?? null);
  const { run, reason } = deps.allowance();
  const isPaused = run === 'pause' || (run === 'finish' && claim === null);
  const awake = isPaused ? 'paused' : claim === null ? 'idle' : 'working';
  const state = isAsleep ? 'asleep' : awake;
  return {
    next: state === 'working' ? WORKING_MS : IDLE_MS,
    name: deps.config.name,
    version: VERSION,
    os: process.platform,
    fingerprint: fromHex(deps.fingerprint),
    state,
    reason: isAsleep ? 'The machine there sleeps.' : (work?.reason ?? reason).slice(0, 200),
    threads: [claim === null ? 0 : deps.pool.threads, deps.config.threads],
    loads: deps.pool.loads().map((load) => Math.round(100 * Math.min(1, load))),
    backtestsPerSecond: deps.backtestsPerSecond(),
    claim,
  };
}
