// Length-prefixed frames on a libp2p stream: one question, one answer, each with a size limit and a deadline.
import type { Connection, Stream } from '@libp2p/interface';
import { lpStream } from '@libp2p/utils';

export interface Frames {
  read(): Promise<Uint8Array>;
  write(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

export interface FrameLimits {
  bytesMax: number;
  timeoutMs: number;
}

export function framesOf(stream: Stream, { bytesMax, timeoutMs }: FrameLimits): Frames {
  const frames = lpStream(stream, { maxDataLength: bytesMax, maxBufferSize: 2 * bytesMax });
  return {
    read: async () => (await frames.read({ signal: AbortSignal.timeout(timeoutMs) })).subarray(),
    write: (bytes) => frames.write(bytes, { signal: AbortSignal.timeout(timeoutMs) }),
    close: () => stream.close({ signal: AbortSignal.timeout(timeoutMs) }),
  };
}

/** Opens a stream for `work` and closes it afterwards; on failure it is reset. */
export async function withStream<T>(
  connection: Connection,
  protocol: string,
  limits: FrameLimits,
  work: (frames: Frames) => Promise<T>,
): Promise<T> {
  const stream = await connection.newStream(protocol, { signal: AbortSignal.timeout(limits.timeoutMs) });
  try {
    const frames = framesOf(stream, limits);
    const result = await work(frames);
    await frames.close();
    return result;
  } catch (error) {
    stream.abort(error instanceof Error ? error : new Error(String(error)));
    throw error;
  }
}
