// What people do about jobs: create them, with the re-runs on permuted bars that their verdicts ask for, and steer them.
import type { JobRecord } from '../ledger/derive.ts';
import { fromHex, type Hex, toHex } from '../protocol/bytes.ts';
import { type JobView, type NodePort, RequestError } from '../ui/api.ts';
import { PERMUTATIONS_DEFAULT } from '../ui/limits.ts';
import { prepareJob } from './job-input.ts';
import type { PortDeps } from './node-port.ts';
import { isPermutation, PERMUTATIONS_MAX, permutationsOf } from './permutations.ts';
import type { Session } from './session.ts';
import { jobViews } from './views.ts';

export type JobCommands = Pick<NodePort, 'createJob' | 'setJob' | 'permuteJob'>;

/** `need`: throws RequestError `no_mesh`. */
export function jobCommands(deps: PortDeps, need: () => Session): JobCommands {
  return {
    async createJob({ permutations, ...input }) {
      await deps.lookForData();
      const session = need();
      requireWriter(deps, session);
      const count = checkCount(permutations ?? PERMUTATIONS_DEFAULT, 0);
      const job = prepareJob(input, deps.data.list(), deps.fingerprint, () => toHex(deps.randomBytes(8)));
      const { id } = await session.ledger.append('job', job);
      if (count > 0) await session.ledger.append('job', permutationsOf({ id, job }, count));
      return viewOf(session, id);
    },
    async permuteJob(id, count) {
      const session = need();
      requireWriter(deps, session);
      const base = find(session, id);
      if (isPermutation(base.job)) {
        throw new RequestError(
          'is_permutation',
          'That job is itself one of re-runs on permuted bars: name its own job.',
          {
            status: 409,
          },
        );
      }
      const entry = await session.ledger.append('job', permutationsOf(base, checkCount(count, 1)));
      return viewOf(session, entry.id);
    },
    async setJob(id, action) {
      const session = need();
      const job = find(session, id);
      requireSteerer(deps, session, job);
      await session.ledger.append('control', { job: fromHex(id), action, turn: job.turn + 1 });
      return viewOf(session, id);
    },
  };
}

function find(session: Session, id: Hex): JobRecord {
  const job = session.ledger.state().jobs.get(id);
  if (job === undefined) throw new RequestError('job_unknown', `There is no job ${id}.`, { status: 404 });
  return job;
}

function checkCount(count: number, least: number): number {
  if (Number.isInteger(count) && count >= least && count <= PERMUTATIONS_MAX) return count;
  throw new RequestError(
    'out_of_range',
    `permutations is a whole number from ${least} to ${PERMUTATIONS_MAX}, not ${count}`,
    { status: 422, field: 'permutations' },
  );
}

const viewOf = (session: Session, id: Hex): JobView => jobViews(session.world()).find((job) => job.id === id)!;

function requireWriter(deps: PortDeps, session: Session): void {
  const role = session.ledger.state().members.get(toHex(deps.signer.publicKey))?.role;
  if (role === 'admin' || role === 'member') return;
  if (role === undefined) {
    throw new RequestError('no_mesh', 'This machine has just been let in and is still fetching the ledger.', {
      status: 503,
    });
  }
  throw new RequestError('role', 'This machine is a worker of the mesh: it works, and does not create jobs.', {
    status: 403,
  });
}

function requireSteerer(deps: PortDeps, session: Session, job: JobRecord): void {
  const self = toHex(deps.signer.publicKey);
  if (job.creator === self || session.ledger.state().members.get(self)?.role === 'admin') return;
  throw new RequestError('role', 'Only its creator or an admin can steer this job.', { status: 403 });
}
