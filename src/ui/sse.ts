// One open event stream over HTTP: writes text, and says when the browser at the other end cannot keep up.
import type { ServerResponse } from 'node:http';
import type { Clock, StreamReader } from './stream.ts';

const QUEUE_BYTES_MAX = 1_000_000;
const WRITE_TIMEOUT_MS = 20_000;

export function readerOf(outgoing: ServerResponse, clock: Pick<Clock, 'now'>): StreamReader {
  let drainedAt = clock.now();
  outgoing.on('drain', () => {
    drainedAt = clock.now();
  });
  return {
    send(text) {
      if (outgoing.destroyed) return false;
      if (outgoing.writableLength === 0) drainedAt = clock.now();
      outgoing.write(text);
      return outgoing.writableLength <= QUEUE_BYTES_MAX && clock.now() - drainedAt <= WRITE_TIMEOUT_MS;
    },
    close() {
      outgoing.destroy();
    },
  };
}
