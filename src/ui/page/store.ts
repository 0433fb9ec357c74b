// The state of the page: what the node said last, how the line to it is, and what the reader has open.
import { computed, signal } from '@preact/signals';
import type { JobView, MemberView, NodeStatus } from '../api.ts';
import type { SnapshotAnswer } from '../stream.ts';

/** The line to the node. `heardAt` is when anything was last heard, in this browser's time. */
export type Line =
  | { state: 'connecting' }
  | { state: 'live'; heardAt: number }
  | { state: 'lost'; heardAt: number | undefined; retryAt: number | undefined };

export type DialogName = 'create' | 'invite' | 'join' | 'leave' | 'shortcuts' | 'more';

/** The node asks this browser for a token or a link. */
export const signedOut = signal(false);

export const SLOW_MS = 10_000;
export const LOST_MS = 20_000;

export const snapshot = signal<SnapshotAnswer | undefined>(undefined);
export const line = signal<Line>({ state: 'connecting' });
export const now = signal(Date.now());
export const openDialog = signal<DialogName | undefined>(undefined);
/** The member that the reader is asked about before it is removed. */
export const memberToRemove = signal<MemberView | undefined>(undefined);
/** The job that the reader is asked about before it stops. */
export const jobToStop = signal<JobView | undefined>(undefined);

/** Dialogs that are drawn, those that a page opens for itself included. */
export const drawnDialogs = signal(0);
export const isDialogOpen = computed(
  () =>
    drawnDialogs.value > 0 ||
    openDialog.value !== undefined ||
    jobToStop.value !== undefined ||
    memberToRemove.value !== undefined,
);

// Patches share what they did not change, so a part only draws again when its own slice is a new object.
export const status = computed(() => snapshot.value?.status);
export const members = computed(() => snapshot.value?.members ?? []);
export const jobs = computed(() => snapshot.value?.jobs ?? []);
export const top = computed(() => snapshot.value?.top ?? []);
export const counts = computed(() => snapshot.value?.counts);
export const datasets = computed(() => snapshot.value?.datasets ?? []);
export const activity = computed(() => snapshot.value?.activity ?? []);
export const pairing = computed(() => snapshot.value?.pairing);
export const throughput = computed(() => snapshot.value?.throughput ?? []);

/** Whether a command has a chance: never offer one that cannot arrive. */
export const canWrite = computed(() => line.value.state === 'live' && snapshot.value !== undefined);

export const alone = computed(() => snapshot.value !== undefined && members.value.length <= 1);

export const isOnline = (member: MemberView): boolean =>
  (member.self || member.connected) && !['asleep', 'away', 'left', 'blocked'].includes(member.state);

/** What the owner of this node calls it, or its own name. */
export const shownName = ({ givenName, name }: MemberView): string => givenName ?? name;

/** Members that still belong: those who left are no part of any share. */
export const present = computed(() => members.value.filter(({ state }) => state !== 'left' && state !== 'blocked'));
export const online = computed(() => members.value.filter(isOnline));

export const busyThreads = computed(() => online.value.reduce((sum, { threads }) => sum + (threads?.used ?? 0), 0));
export const allThreads = computed(() => present.value.reduce((sum, { threads }) => sum + (threads?.total ?? 0), 0));

/** Backtests a second of all members whose rate is known; null when none is. */
export const meshRate = computed(() => {
  const rates = online.value.map(({ backtestsPerSecond }) => backtestsPerSecond).filter((rate) => rate !== null);
  return rates.length === 0 ? null : rates.reduce((sum, rate) => sum + rate, 0);
});

/** Strategies tried in all validated units; null before the first. */
export const trialsSoFar = computed(() => {
  const known = jobs.value.map(({ trials }) => trials).filter((trials) => trials !== null);
  return known.length === 0 ? null : known.reduce((sum, trials) => sum + trials, 0);
});

export const bestValidated = computed(() => top.value.find(({ state }) => state === 'validated'));

export function marketOf(unit: NonNullable<NodeStatus['unit']>): { sample: boolean } {
  return { sample: jobs.value.find(({ id }) => id === unit.jobId)?.sample ?? false };
}
