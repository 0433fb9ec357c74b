// What the API takes and answers about the node itself: its log, who may use it from other devices, and how it reaches
// the members.
import { z } from 'zod';
import { MemberAnswer } from './answers.ts';
import type { AccessView, NewTokenView, SessionView, SignInView, TokenView } from './api-access.ts';
import { LOG_LEVELS, type LogView } from './api-logs.ts';
import { type MemberDetail, type PingView, type RenamedView, WAY_CODES } from './api-members.ts';
import type { RecoveryView } from './api-recovery.ts';
import type { SettingsView } from './api-settings.ts';
import { LIST_LENGTH_DEFAULT, LIST_LENGTH_MAX, NAME_LENGTH_MAX } from './limits.ts';

const SECRET_LENGTH_MAX = 256;

const time = z.iso.datetime();
const count = z.int().min(0);
const text = z.string();

export const LogsQuery = z.strictObject({
  after: z.coerce.number().int().min(0).optional(),
  limit: z.coerce.number().int().min(1).max(LIST_LENGTH_MAX).default(LIST_LENGTH_DEFAULT),
});

export const LogsAnswer = z.strictObject({
  lines: z.array(
    z.strictObject({
      seq: count,
      at: time,
      level: z.enum(LOG_LEVELS),
      part: text,
      message: text,
      detail: z.array(text),
    }),
  ),
  last: count,
  missed: count,
}) satisfies z.ZodType<LogView>;

export const TokenAnswer = z.strictObject({ id: text, name: text, createdAt: time }) satisfies z.ZodType<TokenView>;

export const NewTokenAnswer = TokenAnswer.extend({ token: text }) satisfies z.ZodType<NewTokenView>;

export const SessionAnswer = z.strictObject({
  ...{ id: text, device: text, createdAt: time, expiresAt: time },
}) satisfies z.ZodType<SessionView>;

export const SignInAnswer = z.strictObject({ code: text, expiresAt: time }) satisfies z.ZodType<SignInView>;

export const AccessAnswer = z.strictObject({
  urls: z.array(text),
  exposed: z.boolean(),
  tokens: z.array(TokenAnswer),
  sessions: z.array(SessionAnswer),
}) satisfies z.ZodType<AccessView>;

export const TokenBody = z.strictObject({ name: z.string().trim().min(1).max(NAME_LENGTH_MAX) });

const secret = z.string().min(1).max(SECRET_LENGTH_MAX);

/** A token, or the code of a link. */
export const SessionBody = z.union([z.strictObject({ token: secret }), z.strictObject({ code: secret })]);

export const OkAnswer = z.strictObject({ ok: z.literal(true) });

const setting = <T extends z.ZodType>(value: T) =>
  z.strictObject({ now: value, saved: value.nullable(), usual: value, heldBy: text.nullable() });
const port = z.int().min(0).max(65_535);

export const SettingsAnswer = z.strictObject({
  settings: z.strictObject({
    ...{ name: setting(text), uiPort: setting(port), meshPort: setting(port), lobbyPort: setting(port) },
    ...{
      host: setting(text),
      hostNames: setting(z.array(text)),
      mdns: setting(z.boolean()),
      dataQuota: setting(count),
    },
  }),
  restart: z.boolean(),
  addresses: z.array(text),
  file: text,
}) satisfies z.ZodType<SettingsView>;

export const RecoveryAnswer = z.strictObject({
  state: z.enum(['here', 'gone', 'other']),
}) satisfies z.ZodType<RecoveryView>;

export const RecoveryWordsAnswer = z.strictObject({ words: z.array(text) });

export const RenamedAnswer = z.strictObject({
  ...{ peerId: z.string(), name: z.string(), givenName: z.string().nullable() },
}) satisfies z.ZodType<RenamedView>;

export const PingAnswer = z.strictObject({
  peerId: z.string(),
  name: z.string(),
  ms: z.number().min(0),
}) satisfies z.ZodType<PingView>;

const sayer = z.strictObject({ peerId: text.nullable(), name: text });

export const MemberDetailAnswer = z.strictObject({
  member: MemberAnswer,
  admission: z.strictObject({ entry: text, at: time, by: sayer.nullable(), invitedBy: sayer.nullable() }),
  connection: z.strictObject({ address: text, since: time, openedHere: z.boolean() }).nullable(),
  ways: z.array(
    z.strictObject({
      ...{ address: text, heardAt: time, triedAt: time.nullable(), inUse: z.boolean() },
      problem: z.strictObject({ code: z.enum(WAY_CODES), message: text }).nullable(),
    }),
  ),
  attempts: z.strictObject({ failed: count, nextAt: time.nullable(), dialling: z.boolean() }).nullable(),
  traffic: z.strictObject({ in: count, out: count, since: time }).nullable(),
  week: z.strictObject({ from: time, online: z.array(count), offline: z.array(count) }).nullable(),
}) satisfies z.ZodType<MemberDetail>;
