// When to compare ledgers with whom: on connecting, on a gap, when a presence shows another frontier, and now and then
// with anybody. One exchange with a peer at a time.
import type { Connection } from '@libp2p/interface';
import type { Ledger } from '../ledger/ledger.ts';
import { answerSync, pullFrom } from '../ledger/sync.ts';
import { encode } from '../protocol/bytes.ts';
import { SYNC_FRAME_BYTES_MAX } from '../protocol/limits.ts';
import { decodeSyncReply, decodeSyncRequest, SYNC_PROTOCOL } from '../protocol/messages.ts';
import { framesOf, withStream } from './frames.ts';
import type { MainLibp2p } from './transport.ts';

const LIMITS = { bytesMax: SYNC_FRAME_BYTES_MAX, timeoutMs: 30_000 };
const STREAMS_PER_PEER_MAX = 4;

export interface SyncDeps {
  libp2p: MainLibp2p;
  ledger: Ledger;
  connectionOf(peerId: string): Connection | undefined;
  onPulled(peerId: string, entries: number): void;
  onFailure(peerId: string, error: unknown): void;
}

export interface SyncService {
  /** Pulls from a connected peer, soon and once, however often it is asked for. */
  request(peerId: string): void;
  /** Peers that an exchange is under way with. */
  readonly busy: number;
}

export async function startSync(deps: SyncDeps): Promise<SyncService> {
  const running = new Map<string, { again: boolean }>();
  await serve(deps);

  async function pull(peerId: string): Promise<void> {
    const connection = deps.connectionOf(peerId);
    if (connection === undefined) return;
    const pulled = await withStream(connection, SYNC_PROTOCOL, LIMITS, (frames) =>
      pullFrom(deps.ledger, async (request) => {
        await frames.write(encode(request));
        return decodeSyncReply(await frames.read());
      }),
    );
    deps.onPulled(peerId, pulled);
  }

  async function run(peerId: string, state: { again: boolean }): Promise<void> {
    try {
      do {
        state.again = false;
        await pull(peerId);
      } while (state.again);
    } catch (error) {
      deps.onFailure(peerId, error);
    } finally {
      running.delete(peerId);
    }
  }

  return {
    request(peerId) {
      const current = running.get(peerId);
      if (current !== undefined) {
        current.again = true;
        return;
      }
      const state = { again: false };
      running.set(peerId, state);
      void run(peerId, state);
    },
    get busy() {
      return running.size;
    },
  };
}

async function serve({ libp2p, ledger }: SyncDeps): Promise<void> {
  await libp2p.handle(
    SYNC_PROTOCOL,
    async (stream) => {
      const frames = framesOf(stream, LIMITS);
      try {
        while (stream.status === 'open') {
          const request = decodeSyncRequest(await frames.read());
          await frames.write(encode(answerSync(ledger, request)));
        }
      } catch (error) {
        // The asker closes when it has what it wants; anything else ends this one stream only.
        stream.abort(error instanceof Error ? error : new Error(String(error)));
      }
    },
    { maxInboundStreams: STREAMS_PER_PEER_MAX },
  );
}
