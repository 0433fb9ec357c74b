// HELLO: the first words on a connection. Only after it do two nodes count as connected.
import type { Connection } from '@libp2p/interface';
import { equalBytes } from '../protocol/bytes.ts';
import { HELLO_BYTES_MAX } from '../protocol/limits.ts';
import { commonVersion, decodeHello, encodeHello, HELLO_PROTOCOL, type Hello } from '../protocol/messages.ts';
import type { WayProblem } from '../ui/api-members.ts';
import { type Frames, framesOf, withStream } from './frames.ts';
import type { MainLibp2p } from './transport.ts';

const LIMITS = { bytesMax: HELLO_BYTES_MAX, timeoutMs: 10_000 };

export interface HelloDeps {
  libp2p: MainLibp2p;
  mine(): Hello;
  /** Both sides have said HELLO. */
  onHello(connection: Connection, hello: Hello): void;
  /** A connection that did not get that far. */
  onRefused(connection: Connection, problem: WayProblem): void;
}

/** Answers HELLO on every connection and says it first on the ones that this node opened. */
export async function serveHello(deps: HelloDeps): Promise<void> {
  const finish = (connection: Connection, theirs: Hello): void => {
    const problem = refuse(deps.mine(), theirs);
    if (problem === undefined) deps.onHello(connection, theirs);
    else {
      deps.onRefused(connection, problem);
      connection.abort(new Error(problem.message));
    }
  };
  await deps.libp2p.handle(
    HELLO_PROTOCOL,
    async (stream, connection) => {
      const frames = framesOf(stream, LIMITS);
      try {
        const theirs = decodeHello(await frames.read());
        await frames.write(encodeHello(deps.mine()));
        await frames.close();
        finish(connection, theirs);
      } catch (error) {
        stream.abort(error instanceof Error ? error : new Error(String(error)));
      }
    },
    { maxInboundStreams: 2 },
  );
  deps.libp2p.addEventListener('connection:open', (event) => {
    const connection = event.detail;
    if (connection.direction !== 'outbound') return;
    void greet(connection);
  });

  async function greet(connection: Connection): Promise<void> {
    let theirs: Hello;
    try {
      theirs = await askHello(connection, deps.mine(), LIMITS.timeoutMs);
    } catch {
      deps.onRefused(connection, NOT_LET_IN);
      connection.abort(new Error('no HELLO'));
      return;
    }
    finish(connection, theirs);
  }
}

/** Says HELLO and resolves to the answer. */
export function askHello(connection: Connection, mine: Hello, timeoutMs: number): Promise<Hello> {
  return withStream(connection, HELLO_PROTOCOL, { ...LIMITS, timeoutMs }, (frames) => exchange(frames, mine));
}

async function exchange(frames: Frames, mine: Hello): Promise<Hello> {
  await frames.write(encodeHello(mine));
  return decodeHello(await frames.read());
}

const NOT_LET_IN: WayProblem = {
  code: 'not_let_in',
  message: 'It closed the connection without a word: it does not count this node as a member.',
};

function refuse(mine: Hello, theirs: Hello): WayProblem | undefined {
  if (!equalBytes(mine.mesh, theirs.mesh)) return { code: 'other_mesh', message: 'It belongs to another mesh.' };
  if (commonVersion(theirs.wire) !== undefined) return undefined;
  const isNewer = theirs.wire[0] > mine.wire[1];
  const message = isNewer
    ? 'It speaks only newer versions of the protocol: update this machine.'
    : 'It speaks only older versions of the protocol: update it.';
  return { code: 'wire_version', message };
}
