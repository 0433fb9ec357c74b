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
