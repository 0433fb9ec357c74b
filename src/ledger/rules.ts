// Who may say what: why an entry of a member does not count, or undefined where it does.
import { toHex } from '../protocol/bytes.ts';
import type { JobRecord } from './derive.ts';
import type { Ballot } from './heads.ts';
import type { Member } from './membership.ts';

/** The rules that this program knows (R1). */
export const RULES_VERSION = 1;

export function refuseWriter(author: Member | undefined): string | undefined {
  if (author === undefined) return 'not_a_member';
  return author.role === 'worker' ? 'role' : undefined;
}

export function refuseControl(job: JobRecord | undefined, author: Member | undefined): string | undefined {
  if (job === undefined) return 'unknown_job';
  return author?.role === 'admin' || job.creator === author?.key ? undefined : 'role';
}

export function refuseResult(
  ballot: Pick<Ballot, 'index' | 'fingerprint'>,
  job: JobRecord | undefined,
  isMember: boolean,
): string | undefined {
  if (!isMember) return 'not_a_member';
  if (job === undefined) return 'unknown_job';
  if (ballot.index >= job.job.units) return 'no_such_unit';
  return ballot.fingerprint === toHex(job.job.fingerprint) ? undefined : 'other_engine';
}
