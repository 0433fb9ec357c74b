// Commands to the node. Nothing is shown as done before the node says so: a pause is pending until the stream brings
// the mode that it asked for.
import { signal } from '@preact/signals';
import type { CreateJobInput, DatasetView, JobView, NodeStatus } from '../api.ts';
import type { NewTokenView, SessionView, SignInView, TokenView } from '../api-access.ts';
import type { FileInput, PreviewView } from '../api-data.ts';
import type { LimitsChange, LimitsView } from '../api-limits.ts';
import type {
  AdmittedView,
  InviteView,
  LeftView,
  OpenInviteView,
  PairingView,
  PendingView,
  PingView,
  RenamedView,
  RevokedView,
} from '../api-members.ts';
import type { RecoveryView } from '../api-recovery.ts';
import type { SettingsChange, SettingsView } from '../api-settings.ts';
import type { StrategyRun } from '../api-strategy.ts';
import type { Problem } from '../problem.ts';
import { canWrite, snapshot, status } from './store.ts';
import { say, toast } from './toasts.ts';
import { words } from './words/words.ts';

export type Outcome<T> = { ok: true; value: T } | { ok: false; problem: Pick<Problem, 'code' | 'detail' | 'field'> };

const ACKNOWLEDGE_MS = 5_000;
const SESSION_PATH = '/api/session';

const send = <T>(method: 'POST' | 'PATCH', path: string, body: object): Promise<Outcome<T>> =>
  sendTo<T>(method, `/api/v1/${path}`, body);

async function sendTo<T>(method: 'POST' | 'PATCH', url: string, body: object): Promise<Outcome<T>> {
  try {
    const response = await fetch(url, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const value: unknown = await response.json();
    return response.ok ? { ok: true, value: value as T } : { ok: false, problem: value as Problem };
  } catch {
    return { ok: false, problem: { code: 'unreachable', detail: words.value.unreachable } };
  }
}

export const saveSettings = (changes: SettingsChange) => send<SettingsView>('PATCH', 'settings', changes);
export const saveLimits = (changes: LimitsChange) => send<LimitsView>('PATCH', 'limits', changes);
export const createJob = (input: CreateJobInput) => send<JobView>('POST', 'jobs', input);
export const makeSample = () => send<DatasetView>('POST', 'datasets/sample', {});
export const importFile = (input: FileInput & { repair?: boolean }) =>
  send<DatasetView>('POST', 'datasets/import', input);
export const previewFile = (input: FileInput) => send<PreviewView>('POST', 'datasets/preview', input);
export const makeInvite = (input: { role: InviteView['role']; uses: number; expiresInMs: number }) =>
  send<InviteView>('POST', 'invites', input);
export const joinMesh = (ticket: string) => send<NodeStatus>('POST', 'join', { ticket });

export const cancelInvite = (id: string) =>
  send<OpenInviteView>('POST', `invites/${encodeURIComponent(id)}/cancel`, {});
export const removeMember = (peerId: string, input: { discardSince?: string; phrase?: string }) =>
  send<RevokedView>('POST', `members/${encodeURIComponent(peerId)}/revoke`, input);

const isPending = (peerId: string): boolean =>
  snapshot.value?.pairing.pending.some((machine) => machine.peerId === peerId) ?? false;

/** The machine leaves the list once the node has answered it. */
function answerMachine(machine: PendingView, path: string, body: object): Promise<void> {
  const outcome = (): Promise<Outcome<AdmittedView | PairingView>> =>
    send('POST', `pending/${encodeURIComponent(machine.peerId)}/${path}`, body);
  return pendingWhile(machine.peerId, () => carryOut(outcome(), () => !isPending(machine.peerId)));
}

export const admitMachine = (machine: PendingView, role: AdmittedView['role']): Promise<void> =>
  answerMachine(machine, 'admit', { role });
export const refuseMachine = (machine: PendingView): Promise<void> => answerMachine(machine, 'refuse', {});

const isPairingOpen = (): boolean =>
  snapshot.value?.pairing.hostUntil !== null || snapshot.value.pairing.guestUntil !== null;

/** `undefined` closes what is open. */
export function setPairing(window: { as: 'host' | 'guest'; minutes: number } | undefined): Promise<void> {
  const path = window === undefined ? 'pairing/close' : 'pairing';
  return pendingWhile('pairing', () =>
    carryOut(send('POST', path, window ?? {}), () => isPairingOpen() === (window !== undefined)),
  );
}

/** The new name is in the picture that the stream brings. */
export const renameMember = (peerId: string, name: string) =>
  send<RenamedView>('POST', `members/${encodeURIComponent(peerId)}/rename`, { name });
export const pingMember = (peerId: string) => send<PingView>('POST', `members/${encodeURIComponent(peerId)}/ping`, {});

export const fetchData = (hash: string) => send<{ hash: string }>('POST', `datasets/${hash}/fetch`, {});
export const removeData = (hash: string) => send<{ hash: string }>('POST', `datasets/${hash}/remove`, {});
export const makeToken = (name: string) => send<NewTokenView>('POST', 'tokens', { name });
export const dropToken = (id: string) => send<TokenView>('POST', `tokens/${encodeURIComponent(id)}/drop`, {});
export const endSession = (id: string) => send<SessionView>('POST', `sessions/${encodeURIComponent(id)}/end`, {});
export const showRecovery = () => send<{ words: string[] }>('POST', 'recovery/show', {});
export const forgetRecovery = (phrase: string) => send<RecoveryView>('POST', 'recovery/forget', { phrase });
export const makeSignIn = () => send<SignInView>('POST', 'sign-ins', {});
/** Signs this browser in. */
export const openSession = (key: { token: string } | { code: string }) =>
  sendTo<{ ok: true }>('POST', SESSION_PATH, key);
export const rerunStrategy = (id: string) => send<StrategyRun>('POST', `results/${encodeURIComponent(id)}/run`, {});
export interface Verified {
  ok: boolean;
  entries: number;
  root: string;
  faults: { entry: string; message: string }[];
}

export const verifyLedger = () => send<Verified>('POST', 'ledger/verify', {});
export const leaveMesh = () => send<LeftView>('POST', 'leave', {});

/** Tells the reader about a refusal that belongs to no field. */
export function report(outcome: Outcome<unknown>): void {
  if (!outcome.ok) toast('error', `${words.value.failed} ${outcome.problem.detail}`);
}

/** Resolves once the condition holds for the streamed state; false after five seconds. */
function acknowledged(holds: () => boolean): Promise<boolean> {
  return new Promise((resolve) => {
    let stop: (() => void) | undefined;
    const finish = (result: boolean): void => {
      clearTimeout(timer);
      stop?.();
      resolve(result);
    };
    const timer = setTimeout(() => finish(false), ACKNOWLEDGE_MS);
    stop = snapshot.subscribe(() => {
      // The first call comes before `stop` is there.
      if (holds()) queueMicrotask(() => finish(true));
    });
  });
}

/** What is on its way: `mode`, or the id of a job. */
export const pending = signal<ReadonlySet<string>>(new Set());

async function pendingWhile(key: string, work: () => Promise<void>): Promise<void> {
  if (pending.value.has(key) || !canWrite.value) return;
  pending.value = new Set([...pending.value, key]);
  await work();
  pending.value = new Set([...pending.value].filter((one) => one !== key));
}

async function carryOut(outcome: Promise<Outcome<unknown>>, holds: () => boolean): Promise<void> {
  const done = await outcome;
  report(done);
  if (done.ok && !(await acknowledged(holds))) toast('error', `${words.value.failed} ${words.value.notAcknowledged}`);
}

/** Paused, or about to be: the button takes back either. */
export const isPaused = (): boolean => status.value?.mode === 'paused' || status.value?.mode === 'finishing';

export function togglePause(): Promise<void> {
  const pausing = !isPaused();
  return pendingWhile('mode', () =>
    carryOut(send('POST', pausing ? 'node/pause' : 'node/resume', {}), () => isPaused() === pausing),
  );
}

/** `until`: ISO time at which it goes on by itself. */
export const pauseUntil = (until: string): Promise<void> =>
  pendingWhile('mode', () => carryOut(send('POST', 'node/pause', { until }), isPaused));

export const finishNode = (): Promise<void> =>
  pendingWhile('mode', () => carryOut(send('POST', 'node/finish', {}), isPaused));

export function setJob(job: JobView, action: 'pause' | 'resume' | 'stop'): Promise<void> {
  return pendingWhile(job.id, () =>
    carryOut(
      send('PATCH', `jobs/${encodeURIComponent(job.id)}`, { action }),
      () => snapshot.value?.jobs.find(({ id }) => id === job.id)?.state !== job.state,
    ),
  );
}

/** Puts text on the clipboard where the browser allows it. */
export async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast('good', words.value.copied);
    say(words.value.copied);
  } catch {
    toast('error', words.value.copyFailed);
  }
}
