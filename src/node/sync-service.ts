// When to compare ledgers with whom: on connecting, on a gap, when a presence shows another frontier, and now and then
// with anybody. One exchange with a peer at a time. When a peer falls silent or sends what does not hold, another one that
// is connected is asked in its place.
import type { Connection } from '@libp2p/interface';
import type { Ledger } from '../ledger/ledger.ts';
import { answerSync, pullFrom } from '../ledger/sync.ts';
import { encode } from '../protocol/bytes.ts';
import { SYNC_FRAME_BYTES_MAX } from '../protocol/limits.ts';
import { decodeSyncReply, decodeSyncRequest, SYNC_PROTOCOL } from '../protocol/messages.ts';
import { framesOf, withStream } from './frames.ts';
import type { MainLibp2p } from './transport.ts';

/** Silence after which another peer is asked. */
const ASK_LIMITS = { bytesMax: SYNC_FRAME_BYTES_MAX, timeoutMs: 10_000 };
/** Whoever asks may take its time with what it got. */
const ANSWER_LIMITS = { ...ASK_LIMITS, timeoutMs: 30_000 };
const STREAMS_PER_PEER_MAX = 4;

export interface SyncDeps {
  libp2p: MainLibp2p;
  ledger: Ledger;
  connectionOf(peerId: string): Connection | undefined;
  /** All that are connected. */
  peers(): readonly string[];
  onPulled(peerId: string, entries: number): void;
  onFailure(peerId: string, error: unknown): void;
}

export interface SyncService {
  /** Pulls from a connected peer, soon and once, however often it is asked for. */
  request(peerId: string): void;
  /** The last exchange with it came to nothing. */
  hasFailed(peerId: string): boolean;
  /** Peers that an exchange is under way with. */
  readonly busy: number;
}

interface Exchange {
  connection: Connection | undefined;
  /** Asked for once more while it was under way. */
  again: boolean;
  /** Peers that failed before this one was asked in their place. */
  tried: ReadonlySet<string>;
}

export async function startSync(deps: SyncDeps): Promise<SyncService> {
  const running = new Map<string, Exchange>();
  const failed = new Set<string>();
  await serve(deps);

  async function pull(peerId: string, exchange: Exchange): Promise<void> {
    const connection = deps.connectionOf(peerId);
    exchange.connection = connection;
    if (connection === undefined) return;
    const pulled = await withStream(connection, SYNC_PROTOCOL, ASK_LIMITS, (frames) =>
      pullFrom(deps.ledger, async (request) => {
        await frames.write(encode(request));
        return decodeSyncReply(await frames.read());
      }),
    );
    failed.delete(peerId);
    deps.onPulled(peerId, pulled);
  }

  async function run(peerId: string, exchange: Exchange): Promise<void> {
    try {
      do {
        exchange.again = false;
        await pull(peerId, exchange);
      } while (exchange.again);
    } catch (error) {
      if (running.get(peerId) !== exchange) return;
      failed.add(peerId);
      deps.onFailure(peerId, error);
      const tried = new Set([...exchange.tried, peerId]);
      const next = deps.peers().find((each) => !tried.has(each) && !running.has(each));
      if (next !== undefined) start(next, tried);
    } finally {
      if (running.get(peerId) === exchange) running.delete(peerId);
    }
  }

  function start(peerId: string, tried: ReadonlySet<string>): void {
    const exchange = { connection: undefined, again: false, tried };
    running.set(peerId, exchange);
    void run(peerId, exchange);
  }

  return {
    request(peerId) {
      const current = running.get(peerId);
      // Where another connection has taken the place of the one that it waits on, nothing more may come over that.
      if (current === undefined || current.connection !== deps.connectionOf(peerId)) start(peerId, new Set());
      else current.again = true;
    },
    hasFailed: (peerId) => failed.has(peerId),
    get busy() {
      return running.size;
    },
  };
}

async function serve({ libp2p, ledger }: SyncDeps): Promise<void> {
  await libp2p.handle(
    SYNC_PROTOCOL,
    async (stream) => {
      const frames = framesOf(stream, ANSWER_LIMITS);
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
