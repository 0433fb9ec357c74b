// Anti-entropy: how two nodes make their sets of entries equal. Here is what is asked and answered; who carries the
// frames is `node`'s business. One request at a time, one bounded page a reply, so a slow reader is never flooded.
import { equalBytes, toHex } from '../protocol/bytes.ts';
import type { FrontierLog, SyncReply, SyncRequest } from '../protocol/messages.ts';
import type { Ledger } from './ledger.ts';
import type { Log } from './log.ts';

/** The peer sent what no honest node sends. `code`: bad_entries. */
export class SyncFaultError extends Error {
  override readonly name = 'SyncFaultError';
  readonly code = 'bad_entries';
}

export type Ask = (request: SyncRequest) => Promise<SyncReply>;

export function answerSync(ledger: Ledger, request: SyncRequest): SyncReply {
  switch (request.ask) {
    case 'frontier': {
      const digest = ledger.frontierDigest();
      return { is: 'frontier', digest, logs: equalBytes(digest, request.digest) ? [] : ledger.frontier() };
    }
    case 'entries':
      return { is: 'entries', blocks: ledger.page(toHex(request.author), toHex(request.log), request.from) };
    case 'fork':
      return { is: 'entries', blocks: ledger.forkProof(toHex(request.author), toHex(request.log)) };
  }
}

/**
 * Pulls what the peer holds and we do not. The peer pulls from us in its own turn. Resolves to the number of entries
 * that came in; throws SyncFaultError when the peer's entries do not hold, and whatever `ask` throws.
 */
export async function pullFrom(ledger: Ledger, ask: Ask): Promise<number> {
  const reply = await ask({ ask: 'frontier', digest: ledger.frontierDigest() });
  if (reply.is !== 'frontier') throw new SyncFaultError('asked for a frontier, got entries');
  let pulled = 0;
  for (const remote of reply.logs) pulled += await pullLog(ledger, remote, ask);
  return pulled;
}

async function pullLog(ledger: Ledger, remote: FrontierLog, ask: Ask): Promise<number> {
  const local = ledger.log(toHex(remote.author), toHex(remote.log));
  if (local?.fork !== undefined && !(remote.frozen && remote.count < local.fork.seq)) return 0;
  const from = firstUnknown(local, remote);
  let pulled = from === undefined ? 0 : await pullEntries(ledger, remote, from, ask);
  if (remote.frozen) {
    const proof = await askEntries(ask, { ask: 'fork', author: remote.author, log: remote.log });
    pulled += (await ingestHonest(ledger, proof)).filter((answer) => answer === 'stored' || answer === 'fork').length;
  }
  return pulled;
}

/** Where to start reading: at our end, or from the beginning where the peer's log is another history than ours. */
function firstUnknown(local: Readonly<Log> | undefined, remote: FrontierLog): number | undefined {
  const ours = local?.entries.length ?? 0;
  if (remote.count === 0) return undefined;
  if (remote.count > ours) return ours;
  return local?.entries[remote.count - 1]?.id === toHex(remote.head) ? undefined : 0;
}

async function pullEntries(ledger: Ledger, remote: FrontierLog, start: number, ask: Ask): Promise<number> {
  let from = start;
  let pulled = 0;
  while (from < remote.count) {
    const blocks = await askEntries(ask, { ask: 'entries', author: remote.author, log: remote.log, from });
    if (blocks.length === 0) return pulled;
    const answers = await ingestHonest(ledger, blocks);
    pulled += answers.filter((answer) => answer === 'stored').length;
    if (answers.includes('fork') || answers.includes('frozen')) return pulled;
    if (answers[0] === 'diverged') {
      if (from === 0) throw new SyncFaultError('a log does not start where it says');
      from = 0;
    } else from += blocks.length;
  }
  return pulled;
}

async function askEntries(ask: Ask, request: SyncRequest): Promise<Uint8Array[]> {
  const reply = await ask(request);
  if (reply.is !== 'entries') throw new SyncFaultError('asked for entries, got a frontier');
  return reply.blocks;
}

async function ingestHonest(ledger: Ledger, blocks: readonly Uint8Array[]): ReturnType<Ledger['ingest']> {
  const answers = await ledger.ingest(blocks);
  const bad = answers.find((answer) => answer === 'malformed' || answer === 'forged' || answer === 'wrong_mesh');
  if (bad !== undefined) throw new SyncFaultError(`the peer sent an entry that is ${bad}`);
  return answers;
}
