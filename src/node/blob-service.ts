// `/stratmesh/blob/1` on a connection: one question, one answer, as long as the asker likes. Only members have connections.
import type { Connection, Stream } from '@libp2p/interface';
import {
  BLOB_PROTOCOL,
  type BlobReply,
  type BlobRequest,
  type ChunkList,
  decodeBlobReply,
  decodeBlobRequest,
} from '../protocol/blob.ts';
import { encode, fromHex, type Hex, toHex } from '../protocol/bytes.ts';
import { BLOB_FRAME_BYTES_MAX } from '../protocol/limits.ts';
import { framesOf, withStream } from './frames.ts';

/** A chunk over a slow line takes its time; a peer that is silent for longer is left. */
const ASK_LIMITS = { bytesMax: BLOB_FRAME_BYTES_MAX, timeoutMs: 20_000 };
const ANSWER_LIMITS = { ...ASK_LIMITS, timeoutMs: 30_000 };
/** One for candles, one for a checkpoint, one for what is to be kept. Each has one chunk in memory at a time. */
const STREAMS_PER_PEER_MAX = 3;

/** What this node can give to others. */
export interface BlobShelf {
  /** Undefined when the blob is not here. */
  list(blob: Hex): Promise<ChunkList | undefined>;
  chunk(blob: Hex, index: number): Promise<Uint8Array | undefined>;
  /** Signed checkpoints of a unit, the furthest first. */
  checkpoints(unit: Hex): Uint8Array[];
  /** A member asks this node to keep the state that it signed. */
  keep(signed: Uint8Array): void;
}

/** Asks one question and resolves to the answer. Rejects when the peer is silent or sends what is no answer. */
export type Ask = (request: BlobRequest) => Promise<BlobReply>;

/** A member that can be asked. */
export interface BlobPeer {
  readonly peerId: string;
  /** One stream for as many questions as `work` has. */
  talk<T>(work: (ask: Ask) => Promise<T>): Promise<T>;
}

export function blobPeer(peerId: string, connection: Connection): BlobPeer {
  return {
    peerId,
    talk: (work) =>
      withStream(connection, BLOB_PROTOCOL, ASK_LIMITS, (frames) =>
        work(async (request) => {
          await frames.write(encode(request));
          return decodeBlobReply(await frames.read());
        }),
      ),
  };
}

export interface Server {
  handle(
    protocol: string,
    answer: (stream: Stream) => Promise<void>,
    options: { maxInboundStreams: number },
  ): Promise<void>;
}

export async function serveBlobs(server: Server, shelf: BlobShelf): Promise<void> {
  const answer = async (stream: Stream): Promise<void> => {
    const frames = framesOf(stream, ANSWER_LIMITS);
    try {
      while (stream.status === 'open') {
        const request = decodeBlobRequest(await frames.read());
        await frames.write(encode(await answerBlob(shelf, request)));
      }
    } catch (error) {
      // The asker closes when it has what it wants; anything else ends this one stream only.
      stream.abort(error instanceof Error ? error : new Error(String(error)));
    }
  };
  await server.handle(BLOB_PROTOCOL, answer, { maxInboundStreams: STREAMS_PER_PEER_MAX });
}

export async function answerBlob(shelf: BlobShelf, request: BlobRequest): Promise<BlobReply> {
  if (request.ask === 'checkpoints') return { is: 'checkpoints', signed: shelf.checkpoints(toHex(request.unit)) };
  if (request.ask === 'keep') {
    shelf.keep(request.signed);
    return { is: 'heard' };
  }
  const blob = toHex(request.blob);
  if (request.ask === 'list') {
    const list = await shelf.list(blob);
    return list === undefined ? { is: 'none' } : { is: 'list', ...list };
  }
  const bytes = await shelf.chunk(blob, request.index);
  return bytes === undefined ? { is: 'none' } : { is: 'chunk', bytes };
}

/** Asks for the list of a blob's chunks; undefined when the peer does not have it. */
export async function askList(ask: Ask, blob: Hex): Promise<ChunkList | undefined> {
  const reply = await ask({ ask: 'list', blob: fromHex(blob) });
  return reply.is === 'list' ? { bytes: reply.bytes, chunks: reply.chunks } : undefined;
}
