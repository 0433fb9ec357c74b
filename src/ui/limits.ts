// Limits of the page and its API, used by the server and by the page.

export const BODY_BYTES_MAX = 1_048_576;
export const TOKEN_FAILURES_PER_MINUTE_MAX = 5;

/** How long a browser on another device stays signed in. */
export const SESSION_MS = 30 * 86_400_000;

export const NAME_LENGTH_MAX = 40;
export const MESSAGE_LENGTH_MAX = 500;

export const LIST_LENGTH_MAX = 500;
export const LIST_LENGTH_DEFAULT = 100;

/** What a new job may ask for: least and most, both allowed. */
export const JOB_LIMITS = {
  population: { min: 10, max: 5_000 },
  generations: { min: 1, max: 1_000 },
  units: { min: 1, max: 100_000 },
  replicas: { min: 1, max: 5 },
  tolerance: { min: 0, max: 1 },
  fee: { min: 0, max: 0.1 },
  makerFee: { min: 0, max: 0.1 },
  slippage: { min: 0, max: 0.1 },
  impact: { min: 0, max: 1 },
  spread: { min: 0, max: 0.1 },
  leverage: { min: 1, max: 125 },
  fundingRate: { min: -0.01, max: 0.01 },
  fundingHours: { min: 1, max: 24 },
  maintenance: { min: 0, max: 0.5 },
  liquidationFee: { min: 0, max: 0.1 },
  equity: { min: 1, max: 1e12 },
  folds: { min: 2, max: 20 },
  holdout: { min: 0.05, max: 0.5 },
  embargo: { min: 0, max: 100_000 },
  warmup: { min: 0, max: 100_000 },
  minTrades: { min: 1, max: 10_000 },
  permutations: { min: 0, max: 999 },
} as const;

/**
 * Re-runs of a job for which nobody says another number: the fewest whose p can be as low as 0.05. Each takes as long as a unit
 * of the job, but only what the mesh has left (docs/engine.md, Verdicts).
 */
export const PERMUTATIONS_DEFAULT = 19;
/** Data sets of other markets that a job may name for its verdict. */
export const OTHERS_MAX = 4;
/** Seed strategies of one job. */
export const SEEDS_MAX = 8;
/** Fewer bars than this leave nothing to search on. */
export const JOB_BARS_MIN = 500;
export const SEED_LENGTH_MAX = 64;

export const INVITE_USES_MAX = 100;
export const INVITE_EXPIRES_MS = { min: 60_000, max: 30 * 86_400_000 } as const;
export const PAIRING_MINUTES = { min: 1, max: 60 } as const;
