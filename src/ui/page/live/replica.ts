// This tab's copy of the node's picture. Patches are applied in order and once; one that does not fit the copy means
// that something was missed, and the whole picture is fetched again. Single events are for other readers of the stream:
// what the page shows of them is in the picture.
import { patch } from '../../diff.ts';
import type { Patch, SnapshotAnswer } from '../../stream.ts';
import { line, signedOut, snapshot } from '../store.ts';
import type { StreamMessage } from './reader.ts';

let fetching: Promise<void> | undefined;
let waiting: Patch[] = [];

/** Anything from the node shows that it lives. */
export function markHeard(): void {
  line.value = { state: 'live', heardAt: Date.now() };
}

function applyAll(): void {
  const patches = waiting.sort((a, b) => a.rev - b.rev);
  waiting = [];
  for (const one of patches) apply(one);
}

function apply(change: Patch): void {
  const current = snapshot.value;
  if (current === undefined || fetching !== undefined) {
    waiting.push(change);
    return;
  }
  if (change.rev <= current.rev) return;
  if (change.rev !== current.rev + 1) {
    waiting.push(change);
    refetch().catch(() => undefined);
    return;
  }
  snapshot.value = { ...patch(current, change), rev: change.rev, at: change.at };
}

async function fetchSnapshot(): Promise<void> {
  const response = await fetch('/api/v1/snapshot');
  signedOut.value = response.status === 401;
  if (!response.ok) throw new Error(`the snapshot was refused with ${response.status}`);
  snapshot.value = (await response.json()) as SnapshotAnswer;
}

/** Gets the whole picture, once however many ask. */
export function refetch(): Promise<void> {
  fetching ??= fetchSnapshot().then(
    () => {
      fetching = undefined;
      applyAll();
    },
    (error: unknown) => {
      fetching = undefined;
      waiting = [];
      throw error;
    },
  );
  return fetching;
}

export function receive(message: StreamMessage): void {
  markHeard();
  if (message.kind === 'patch') apply(message.data as Patch);
  else if (message.kind === 'resync') refetch().catch(() => undefined);
}
