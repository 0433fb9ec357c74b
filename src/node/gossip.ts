// News by gossip: single entries and presence. Gossip is lossy across any disconnect, so nothing rests on it alone.
//
// `reject` only for what every honest node rejects, because it blames whoever relayed it; all else is `ignore`.
import { type Message, TopicValidatorResult } from '@libp2p/gossipsub';
import type { PeerId } from '@libp2p/interface';
import { isActive } from '../ledger/derive.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { equalBytes, fromHex, type Hex, MalformedError, toHex } from '../protocol/bytes.ts';
import { ENTRY_BYTES_MAX, PRESENCE_BYTES_MAX } from '../protocol/limits.ts';
import { decodePresence, type Presence } from '../protocol/messages.ts';
import type { MainLibp2p } from './transport.ts';

export interface Topics {
  entries: string;
  presence: string;
}

export function topicsOf(mesh: Hex): Topics {
  const prefix = `/stratmesh/${mesh.slice(0, 16)}`;
  return { entries: `${prefix}/entries/1`, presence: `${prefix}/presence/1` };
}

export interface GossipDeps {
  libp2p: MainLibp2p;
  ledger: Ledger;
  topics: Topics;
  /** An entry came whose predecessors, or whose author's admission, are missing: `from` has them. */
  onGap(from: string): void;
  /** False when it was old news. */
  onPresence(presence: Presence): boolean;
}

export interface Gossip {
  publishEntry(block: Uint8Array): void;
  /** Resolves when it was given to the connections. */
  publishPresence(bytes: Uint8Array): Promise<void>;
  /** Whether anybody is there to be told. */
  isHeard(): boolean;
}

export function startGossip(deps: GossipDeps): Gossip {
  const { pubsub } = deps.libp2p.services;
  pubsub.topicValidators.set(deps.topics.entries, (from, message) => judgeEntry(deps, from, message));
  pubsub.topicValidators.set(deps.topics.presence, (_from, message) => judgePresence(deps, message));
  pubsub.subscribe(deps.topics.entries);
  pubsub.subscribe(deps.topics.presence);
  // Gossip is allowed to fail: whoever did not hear it is told by sync.
  const publish = async (topic: string, bytes: Uint8Array): Promise<void> => {
    await pubsub.publish(topic, bytes).catch(() => undefined);
  };
  return {
    publishEntry: (block) => void publish(deps.topics.entries, block),
    publishPresence: (bytes) => publish(deps.topics.presence, bytes),
    isHeard: () => pubsub.getSubscribers(deps.topics.presence).length > 0,
  };
}

/** What is accepted has been stored: the ledger itself is the validator. */
async function judgeEntry(deps: GossipDeps, from: PeerId, message: Message): Promise<TopicValidatorResult> {
  if (message.data.length > ENTRY_BYTES_MAX) return TopicValidatorResult.Reject;
  const [answer] = await deps.ledger.ingest([message.data]);
  switch (answer) {
    case 'stored':
    case 'fork':
      return TopicValidatorResult.Accept;
    case 'gap':
    case 'diverged':
    case 'stranger':
      deps.onGap(from.toString());
      return TopicValidatorResult.Ignore;
    case 'malformed':
    case 'forged':
    case 'wrong_mesh':
      return TopicValidatorResult.Reject;
    default:
      return TopicValidatorResult.Ignore;
  }
}

function judgePresence(deps: GossipDeps, message: Message): TopicValidatorResult {
  if (message.data.length > PRESENCE_BYTES_MAX) return TopicValidatorResult.Reject;
  let presence: Presence | undefined;
  try {
    presence = decodePresence(message.data);
  } catch (error) {
    if (error instanceof MalformedError) return TopicValidatorResult.Reject;
    throw error;
  }
  if (presence === undefined || !equalBytes(presence.mesh, fromHex(deps.ledger.meshId))) {
    return TopicValidatorResult.Reject;
  }
  // A member whose admission has not arrived here yet, or its removal there, is no offence of whoever relayed it.
  if (!isActive(deps.ledger.state(), toHex(presence.member))) return TopicValidatorResult.Ignore;
  return deps.onPresence(presence) ? TopicValidatorResult.Accept : TopicValidatorResult.Ignore;
}
