// Routes about the node itself: its log, and who may use it from other devices.
import type { z } from 'zod';
import {
  AccessAnswer,
  LogsAnswer,
  LogsQuery,
  NewTokenAnswer,
  RecoveryAnswer,
  RecoveryWordsAnswer,
  SessionAnswer,
  SettingsAnswer,
  SignInAnswer,
  TokenAnswer,
  TokenBody,
} from './answers-care.ts';
import { EmptyBody, IdPath, NoQuery, PhraseBody, SettingsBody } from './inputs.ts';
import { type Route, read, write } from './route.ts';

export const CARE_ROUTES: readonly Route[] = [
  read('/api/v1/logs', 'What this node said lately', LogsQuery, LogsAnswer, ({ care }, query) => care.logs.logs(query)),
  read('/api/v1/access', 'Where the page is, and who may use it from elsewhere', NoQuery, AccessAnswer, ({ care }) => ({
    ...care.place(),
    tokens: care.access.tokens(),
    sessions: care.access.sessions(),
  })),
  {
    ...write('/api/v1/tokens', 'Makes a token; shown this once', TokenBody, NewTokenAnswer, ({ care }, { name }) =>
      care.access.newToken(name),
    ),
    status: 201,
  },
  {
    ...write(
      '/api/v1/tokens/:id/drop',
      'Takes a token back, and the sessions that it opened',
      EmptyBody,
      TokenAnswer,
      () => undefined,
    ),
    params: IdPath,
    run: ({ care }, { params }) => care.access.dropToken((params as z.output<typeof IdPath>).id),
  },
  {
    ...write(
      '/api/v1/sign-ins',
      'Makes the code of a link that signs one browser in',
      EmptyBody,
      SignInAnswer,
      ({ care }) => care.access.newSignIn(),
    ),
    status: 201,
  },
  {
    ...write('/api/v1/sessions/:id/end', 'Signs a browser out', EmptyBody, SessionAnswer, () => undefined),
    params: IdPath,
    run: ({ care }, { params }) => care.access.endSession((params as z.output<typeof IdPath>).id),
  },
  read('/api/v1/settings', 'How this node is started', NoQuery, SettingsAnswer, ({ care }) => care.settings.settings()),
  {
    ...write(
      '/api/v1/settings',
      'Changes what counts from the next start on',
      SettingsBody,
      SettingsAnswer,
      ({ care }, body) => care.settings.setSettings(body),
    ),
    method: 'patch',
  },
  read('/api/v1/recovery', 'Whether the recovery key is on this machine', NoQuery, RecoveryAnswer, ({ care }) =>
    care.recovery.recovery(),
  ),
  {
    ...write(
      '/api/v1/recovery/show',
      'Its 24 words, on this machine only',
      EmptyBody,
      RecoveryWordsAnswer,
      ({ care }) => care.recovery.showRecovery(),
    ),
    hereOnly: true,
  },
  {
    ...write(
      '/api/v1/recovery/forget',
      'Takes the key off the disk',
      PhraseBody,
      RecoveryAnswer,
      ({ care }, { phrase }) => care.recovery.forgetRecovery(phrase),
    ),
    hereOnly: true,
  },
];
