// What an entry of each kind says. Strict: a key that is not listed makes the entry say nothing.
import { z } from 'zod';
import {
  CHAMPIONS_MAX,
  INVITE_USES_MAX,
  LINEAGE_MAX,
  PINNED_LOGS_MAX,
  REPLICAS_MAX,
  RULES_VERSION_MAX,
  UNITS_PER_JOB_MAX,
} from './limits.ts';
import { zBytes, zCount, zHash, zKey, zMap, zName, zRole, zSignature } from './schema.ts';

/** Founds a mesh. `root`: key that outranks every member; `first`: the first member, an admin. */
export const zGenesis = z.strictObject({
  name: zName,
  root: zKey,
  first: zKey,
  firstName: zName,
  salt: zBytes(16),
});

/** Announces a ticket by its throw-away public key. `expires`: ms since 1970, watched by whoever opens the door. */
export const zInvite = z.strictObject({
  key: zKey,
  role: zRole,
  uses: z.int().min(1).max(INVITE_USES_MAX),
  expires: zCount,
  /** Signature by the ticket's key (domain `invite`) over mesh id ‖ author: who made a ticket is who announces it. */
  proof: zSignature,
});

/** Makes a key a member: with `invite` and `proof` on the strength of a ticket, without on an admin's own word. */
export const zAdmit = z.strictObject({
  member: zKey,
  name: zName,
  role: zRole,
  invite: zKey.optional(),
  /** Signature by the ticket's key (domain `join`) over mesh id ‖ member key ‖ name. */
  proof: zSignature.optional(),
});

/** Takes a ticket back: from now on no door opens for it. Whom it let in stays. */
export const zCancel = z.strictObject({ invite: zKey });

/** Where logs end: of each the log id, how many entries count, and the id of the last of them. */
const zPinned = z.array(z.tuple([zBytes(16), z.int().min(1), zHash])).max(PINNED_LOGS_MAX);

/** Removes a member. Of its logs counts what is pinned, and nothing of the others. */
export const zRevoke = z.strictObject({ member: zKey, pinned: zPinned });

/** Closes logs of a member at the entries that are named, on whichever side of a fork these are. */
const zSeal = z.strictObject({ member: zKey, pinned: zPinned });

/** The author takes part no longer. What it has said stays. */
const zLeave = z.strictObject({});

/** By which version of the rules the mesh goes from now on: the highest that was said. */
export const zPolicy = z.strictObject({ rules: z.int().min(1).max(RULES_VERSION_MAX) });

const zValidation = z
  .strictObject({
    mode: z.enum(['replicate', 'fuzzy']),
    /** Full runs on distinct machines that are asked for at first. */
    replicas: z.int().min(1).max(REPLICAS_MAX),
    /** Equal answers that make a verdict. */
    quorum: z.int().min(1).max(REPLICAS_MAX),
    /** Replicas after which a unit without a verdict has failed. */
    most: z
      .int()
      .min(1)
      .max(REPLICAS_MAX * 2),
    /** Relative tolerance, `fuzzy` only. */
    tolerance: z.number().min(0).max(1).optional(),
  })
  .refine(({ replicas, quorum, most }) => replicas <= most && quorum <= most, 'replicas and quorum are at most `most`');

/** Everything that a unit's bits depend on, besides the candles that `dataset` names. */
export const zJob = z.strictObject({
  name: zName,
  dataset: zHash,
  market: z.strictObject({ symbol: zName, quote: zName, barMs: z.int().min(1), sample: z.boolean() }),
  fingerprint: zHash,
  seed: z.string().min(1).max(100),
  units: z.int().min(1).max(UNITS_PER_JOB_MAX),
  /** The engine's own parameters; the ledger carries them and does not look inside. */
  search: zMap,
  validation: zValidation,
  priority: z.int().min(0).max(9),
});

/** Steers a job. `turn` is a logical clock: the highest counts, ties by entry id. */
export const zControl = z.strictObject({ job: zHash, action: z.enum(['pause', 'resume', 'stop']), turn: zCount });

const zNumber = z.number();
const zSegment = z.strictObject({
  netProfit: zNumber,
  return: zNumber,
  sharpe: zNumber.nullable(),
  maxDrawdown: zNumber,
  trades: zCount,
  winRate: zNumber.nullable(),
  profitFactor: zNumber.nullable(),
});

const zChampion = z.strictObject({
  strategy: zMap,
  inSample: zSegment,
  outOfSample: zSegment,
  holdout: zSegment,
});

/** One machine's answer to one unit. */
export const zResult = z.strictObject({
  job: zHash,
  index: zCount,
  fingerprint: zHash,
  digest: zHash,
  /** hash(node key, secret of the run): who only read the answer here cannot make it. */
  seal: zHash,
  champions: z.array(zChampion).max(CHAMPIONS_MAX),
  trials: z.strictObject({ count: zCount, meanSharpe: zNumber.nullable(), varianceSharpe: zNumber.nullable() }),
  /** How long it took and how many backtests it ran on this machine; not part of the answer. */
  ms: zCount,
  backtests: zCount,
  /** Members whose checkpoints the run went on from; left out when it was run from the beginning here (V5). */
  lineage: z.array(zKey).min(1).max(LINEAGE_MAX).optional(),
});

export const KINDS = {
  genesis: zGenesis,
  invite: zInvite,
  admit: zAdmit,
  cancel: zCancel,
  revoke: zRevoke,
  seal: zSeal,
  leave: zLeave,
  policy: zPolicy,
  job: zJob,
  control: zControl,
  result: zResult,
} as const;

export type Kind = keyof typeof KINDS;
export type Genesis = z.infer<typeof zGenesis>;
export type Invite = z.infer<typeof zInvite>;
export type Admit = z.infer<typeof zAdmit>;
export type Cancel = z.infer<typeof zCancel>;
export type Revoke = z.infer<typeof zRevoke>;
export type Policy = z.infer<typeof zPolicy>;
export type Job = z.infer<typeof zJob>;
export type Validation = z.infer<typeof zValidation>;
export type Control = z.infer<typeof zControl>;
export type Segment = z.infer<typeof zSegment>;
export type Result = z.infer<typeof zResult>;
