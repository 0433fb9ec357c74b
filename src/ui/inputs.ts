// What the API takes: the schemas that validate requests and, through the route table, describe them. Unknown keys are
// errors: a misspelt setting must not silently mean its default.
import { z } from 'zod';
import type { CreateJobInput } from './api.ts';
import type { FileInput } from './api-data.ts';
import type { DownloadInput } from './api-download.ts';
import { EXPORT_FORMATS, type ExportInput } from './api-export.ts';
import type { LimitsChange } from './api-limits.ts';
import type { SettingsChange } from './api-settings.ts';
import {
  INVITE_EXPIRES_MS,
  INVITE_USES_MAX,
  JOB_LIMITS,
  LIST_LENGTH_DEFAULT,
  LIST_LENGTH_MAX,
  NAME_LENGTH_MAX,
  OTHERS_MAX,
  PAIRING_MINUTES,
  SEED_LENGTH_MAX,
  SEEDS_MAX,
} from './limits.ts';

const ID_LENGTH_MAX = 200;
const PATH_LENGTH_MAX = 4_096;
const COLUMNS_MAX = 100;
const PHRASE_LENGTH_MAX = 1_000;
const TICKET_LENGTH_MAX = 8_192;

const id = z.string().min(1).max(ID_LENGTH_MAX);
const phrase = z.string().min(1).max(PHRASE_LENGTH_MAX);
const name = z.string().trim().min(1).max(NAME_LENGTH_MAX);
const whole = (limits: { min: number; max: number }) => z.int().min(limits.min).max(limits.max);
const ratio = (limits: { min: number; max: number }) => z.number().min(limits.min).max(limits.max);

const paging = {
  limit: z.coerce.number().int().min(1).max(LIST_LENGTH_MAX).default(LIST_LENGTH_DEFAULT),
  cursor: id.optional(),
};

export const ListQuery = z.strictObject(paging);
export const UnitsQuery = z.strictObject({ ...paging, job: id.optional() });
export const ResultsQuery = z.strictObject({
  ...paging,
  job: id.optional(),
  state: z.enum(['validated', 'provisional', 'disputed']).optional(),
});
export const EventsQuery = z.strictObject({ since: z.coerce.number().int().min(0).optional() });
export const ExportQuery = z.strictObject({
  as: z.enum(EXPORT_FORMATS),
  lang: z.enum(['en', 'es']).optional(),
}) satisfies z.ZodType<ExportInput>;
export const NoQuery = z.strictObject({});
export const IdPath = z.strictObject({ id });
export const EmptyBody = z.strictObject({});

export const CreateJobBody = z.strictObject({
  dataset: id,
  name: name.optional(),
  preset: z.enum(['quick', 'standard', 'deep']).optional(),
  risk: z.enum(['low', 'medium', 'high']).optional(),
  population: whole(JOB_LIMITS.population).optional(),
  generations: whole(JOB_LIMITS.generations).optional(),
  units: whole(JOB_LIMITS.units).optional(),
  replicas: whole(JOB_LIMITS.replicas).optional(),
  validation: z.enum(['replicate', 'fuzzy']).optional(),
  tolerance: ratio(JOB_LIMITS.tolerance).optional(),
  seed: z.string().trim().min(1).max(SEED_LENGTH_MAX).optional(),
  market: z.enum(['spot', 'perpetual']).optional(),
  fee: ratio(JOB_LIMITS.fee).optional(),
  makerFee: ratio(JOB_LIMITS.makerFee).optional(),
  slippage: ratio(JOB_LIMITS.slippage).optional(),
  impact: ratio(JOB_LIMITS.impact).optional(),
  spread: ratio(JOB_LIMITS.spread).optional(),
  leverage: ratio(JOB_LIMITS.leverage).optional(),
  fundingRate: ratio(JOB_LIMITS.fundingRate).optional(),
  fundingHours: whole(JOB_LIMITS.fundingHours).optional(),
  maintenance: ratio(JOB_LIMITS.maintenance).optional(),
  liquidationFee: ratio(JOB_LIMITS.liquidationFee).optional(),
  equity: ratio(JOB_LIMITS.equity).optional(),
  folds: whole(JOB_LIMITS.folds).optional(),
  anchored: z.boolean().optional(),
  holdout: ratio(JOB_LIMITS.holdout).optional(),
  embargo: whole(JOB_LIMITS.embargo).optional(),
  warmup: whole(JOB_LIMITS.warmup).optional(),
  minTrades: whole(JOB_LIMITS.minTrades).optional(),
  allowShort: z.boolean().optional(),
  seeds: z.array(z.record(z.string(), z.unknown())).max(SEEDS_MAX).optional(),
  permutations: whole(JOB_LIMITS.permutations).optional(),
  others: z.array(z.string().trim().min(1).max(64)).max(OTHERS_MAX).optional(),
}) satisfies z.ZodType<CreateJobInput>;

export const PermuteBody = z.strictObject({ permutations: whole({ ...JOB_LIMITS.permutations, min: 1 }) });

export const SetJobBody = z.strictObject({ action: z.enum(['pause', 'resume', 'stop']) });

export const InviteBody = z.strictObject({
  role: z.enum(['admin', 'member', 'worker']).optional(),
  uses: z.int().min(1).max(INVITE_USES_MAX).optional(),
  expiresInMs: whole(INVITE_EXPIRES_MS).optional(),
  phrase: phrase.optional(),
});

export const PairingBody = z.strictObject({
  as: z.enum(['host', 'guest']).optional(),
  minutes: whole(PAIRING_MINUTES).optional(),
});

export const AdmitBody = z.strictObject({ role: z.enum(['admin', 'member', 'worker']).optional() });

export const RevokeBody = z.strictObject({
  discardSince: z.iso.datetime({ offset: true }).optional(),
  phrase: phrase.optional(),
});

/** Empty: the name is taken away. */
export const RenameBody = z.strictObject({ name: z.string().trim().max(NAME_LENGTH_MAX) });

export const PauseBody = z.strictObject({ until: z.iso.datetime({ offset: true }).optional() });

const THREADS = { min: 1, max: 256 };
const PERCENT = { min: 0, max: 100 };

/** Forms only: what a limit means, and whether it makes sense, the node says. */
export const LimitsBody = z.strictObject({
  threads: whole(THREADS).nullable().optional(),
  share: whole(PERCENT).optional(),
  batteryAbove: whole(PERCENT).optional(),
  inUse: z
    .strictObject({ share: whole(PERCENT), threads: whole(THREADS).nullable(), minutes: whole({ min: 1, max: 240 }) })
    .nullable()
    .optional(),
  schedule: z.string().max(500).optional(),
  temperatureMax: whole({ min: 40, max: 110 }).nullable().optional(),
  programs: z.array(name).max(32).optional(),
  hook: z.string().max(300).nullable().optional(),
}) satisfies z.ZodType<LimitsChange>;

const port = whole({ min: 0, max: 65_535 });
const HOST_NAMES_MAX = 16;

/** Forms only, as for the limits. Null: the usual value. */
export const SettingsBody = z.strictObject({
  name: name.nullable().optional(),
  uiPort: port.nullable().optional(),
  meshPort: port.nullable().optional(),
  lobbyPort: port.nullable().optional(),
  host: name.nullable().optional(),
  hostNames: z.array(z.string().trim().min(1).max(100)).max(HOST_NAMES_MAX).nullable().optional(),
  mdns: z.boolean().nullable().optional(),
  dataQuota: whole({ min: 0, max: 1_000_000 }).nullable().optional(),
}) satisfies z.ZodType<SettingsChange>;

export const PhraseBody = z.strictObject({ phrase });

export const JoinBody = z.strictObject({ ticket: z.string().trim().min(1).max(TICKET_LENGTH_MAX) });

export const PreviewBody = z.strictObject({
  path: z.string().min(1).max(PATH_LENGTH_MAX),
  symbol: name.optional(),
  quote: name.optional(),
  source: name.optional(),
  columns: z.array(z.string().max(20)).max(COLUMNS_MAX).optional(),
  member: z.string().min(1).max(PATH_LENGTH_MAX).optional(),
}) satisfies z.ZodType<FileInput>;
const FILES_MAX = 500;
export const ImportBody = z.strictObject({
  ...PreviewBody.shape,
  repair: z.boolean().optional(),
  others: z.array(z.string().min(1).max(PATH_LENGTH_MAX)).max(FILES_MAX).optional(),
});

export const DownloadBody = z.strictObject({
  ...{ exchange: name, market: name, bars: name, from: name, to: name.optional() },
}) satisfies z.ZodType<DownloadInput>;
