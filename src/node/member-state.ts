// In which of seven states a member is, and why: the one place that says so, for page, API and command line.
//
//   left, blocked   says the ledger, and stands above everything else: it left, or it was removed
//   asleep          it said so itself, and has not spoken since; however long ago that was
//   away            silent; it stays a member for ever
//   working, idle, paused   by its own fresh word
import type { Gone } from '../ledger/membership.ts';
import type { Hex } from '../protocol/bytes.ts';
import type { Presence } from '../protocol/messages.ts';
import type { MemberState } from '../ui/api.ts';

export interface MemberFacts {
  /** Set when it is a member no longer. */
  gone: Gone | undefined;
  nameOf(remover: Hex): string;
  /** The last that was heard of it; undefined when nothing was, since this node was started. */
  news: { presence: Pick<Presence, 'state' | 'reason'>; fresh: boolean } | undefined;
}

export interface StateAndReason {
  state: MemberState;
  /** One sentence; null where there is nothing to say. */
  reason: string | null;
}

export function memberState({ gone, nameOf, news }: MemberFacts): StateAndReason {
  if (gone?.how === 'left') return { state: 'left', reason: 'It left the mesh; what it contributed stays.' };
  if (gone !== undefined) return { state: 'blocked', reason: `Removed by ${nameOf(gone.by)}.` };
  if (news === undefined) return { state: 'away', reason: 'Not heard of since this node was started.' };
  const { state, reason } = news.presence;
  if (state !== 'asleep' && !news.fresh) return { state: 'away', reason: null };
  return { state, reason: reason === '' ? null : reason };
}
