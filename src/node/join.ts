// Knocking at a mesh's lobby with a ticket.
import type { Libp2p } from '@libp2p/interface';
import { encode, equalBytes, type Hex, sha256, toHex } from '../protocol/bytes.ts';
import { createSigner, peerIdText, type Signer } from '../protocol/keys.ts';
import { ENTRY_BYTES_MAX, JOIN_BYTES_MAX } from '../protocol/limits.ts';
import { decodeJoinReply, JOIN_PROTOCOL, type JoinReply, WIRE } from '../protocol/messages.ts';
import { joinStatement, type Ticket } from '../protocol/ticket.ts';
import { withStream } from './frames.ts';
import { dialAddresses, startKnocker } from './transport.ts';

export interface Admission {
  mesh: Hex;
  genesis: Uint8Array;
  /** Peer id of the member that opened, and where its main instance listens. */
  host: string;
  addresses: string[];
  /** Where other members were last seen, by peer id. */
  places: Readonly<Record<string, readonly string[]>>;
}

/** `code`: the lobby's own (wrong_mesh, unknown_ticket, ticket_expired, ticket_used …) or `lobby_unreachable`. */
export class JoinError extends Error {
  override readonly name = 'JoinError';
  readonly code: string;
  /** Trying again with the same ticket can help. */
  readonly passing: boolean;
  constructor(code: string, message: string, passing: boolean) {
    super(message);
    this.code = code;
    this.passing = passing;
  }
}

const LIMITS = { bytesMax: JOIN_BYTES_MAX + ENTRY_BYTES_MAX, timeoutMs: 10_000 };
/** From the least telling to the most; whatever is not named here is said of the ticket itself, and is the last word. */
const TELLING = ['lobby_unreachable', 'wrong_mesh', 'unknown_ticket'];
const PASSING = new Set(['unknown_ticket', 'lobby_unreachable']);

/** Tries each address once. Throws JoinError with the most telling refusal; `passing` as long as one address may do. */
export async function knock(
  deps: { seed: Uint8Array; signer: Signer; name: string },
  ticket: Ticket,
  moreAddresses: readonly string[],
  signal: AbortSignal,
): Promise<Admission> {
  const addresses = [...new Set([...ticket.addresses, ...moreAddresses])];
  const libp2p = await startKnocker(deps.seed);
  let failure = new JoinError(
    'lobby_unreachable',
    'The ticket names no address, and none is known from bootstrap.json.',
    true,
  );
  try {
    for (const address of addresses) {
      signal.throwIfAborted();
      try {
        return await knockAt(libp2p, address, deps, ticket, signal);
      } catch (error) {
        const refusal = asJoinError(address, error);
        if (!TELLING.includes(refusal.code)) throw refusal;
        failure = address === addresses[0] ? refusal : moreTelling(failure, refusal);
      }
    }
  } finally {
    await libp2p.stop();
  }
  throw failure;
}

async function knockAt(
  libp2p: Libp2p,
  address: string,
  { signer, name }: { signer: Signer; name: string },
  ticket: Ticket,
  signal: AbortSignal,
): Promise<Admission> {
  const throwAway = createSigner(ticket.secret);
  const connection = await dialAddresses(libp2p, [address], signal);
  const request = {
    wire: [...WIRE],
    mesh: ticket.mesh,
    invite: throwAway.publicKey,
    proof: throwAway.sign('join', joinStatement(ticket.mesh, signer.publicKey, name)),
    member: signer.publicKey,
    name,
  };
  // Whoever gives up waits for nobody's answer.
  signal.addEventListener('abort', () => connection.abort(new Error('told to stop')), { once: true });
  const reply: JoinReply = await withStream(connection, JOIN_PROTOCOL, LIMITS, async (frames) => {
    await frames.write(encode(request));
    return decodeJoinReply(await frames.read());
  });
  if (!reply.ok) throw new JoinError(reply.code, `${address}: ${reply.message}`, PASSING.has(reply.code));
  if (!equalBytes(sha256(reply.genesis), ticket.mesh)) {
    throw new JoinError('wrong_mesh', `${address} answers with the beginning of another mesh.`, false);
  }
  const host = connection.remotePeer.toString();
  const places = (reply.places ?? []).map((place) => [peerIdText(place.member), place.addresses]);
  const { genesis, addresses } = reply;
  return { mesh: toHex(ticket.mesh), genesis, host, addresses, places: Object.fromEntries(places) };
}

function asJoinError(address: string, error: unknown): JoinError {
  if (error instanceof JoinError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new JoinError('lobby_unreachable', `${address} does not open (${message}).`, true);
}

/** A refusal in words says more than silence; and another mesh at one address says nothing about the next. */
function moreTelling(a: JoinError, b: JoinError): JoinError {
  const { code, message } = TELLING.indexOf(b.code) > TELLING.indexOf(a.code) ? b : a;
  return new JoinError(code, message, a.passing || b.passing);
}
