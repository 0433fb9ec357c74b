import { canonicalJson } from './canonical-json.ts';
import { hashWithDomain, toUtf8 } from './hash.ts';
import type { SearchSpec } from './search-spec.ts';

/** One work unit: what is searched, where, and with which seed. Equal tasks give equal bits. */
export interface UnitTask {
  /** Hash of the data set, hex. */
  dataset: string;
  seed: string;
  spec: SearchSpec;
  /** 0-based place of the unit in its job. */
  unit: number;
}

const identities = new WeakMap<UnitTask, Uint8Array>();

/**
 * 32 bytes that name a task; every random stream, digest and checkpoint of the unit hangs on it. A task is never
 * changed in place: its name is made once.
 */
export function taskIdentity(task: UnitTask): Uint8Array {
  const known = identities.get(task);
  if (known !== undefined) return known;
  const identity = hashWithDomain('stratmesh/engine/task/1', toUtf8(canonicalJson(task)));
  identities.set(task, identity);
  return identity;
}
