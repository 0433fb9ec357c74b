// The conversations of `/stratmesh/pair/1`, each side of them: two machines meet, and one lets the other in.
import { encode } from '../protocol/bytes.ts';
import {
  decodeComeAnswer,
  decodeMeetAnswer,
  decodeNonce,
  decodeWelcome,
  type Introduction,
  PAIR_BYTES_MAX,
  type PairRequest,
  type Welcome,
} from '../protocol/messages.ts';
import type { Role } from '../protocol/schema.ts';
import type { Frames } from './frames.ts';
import type { PairingBook } from './pairing-book.ts';

export const PAIR_LIMITS = { bytesMax: PAIR_BYTES_MAX, timeoutMs: 10_000 };

/** The other machine said no, with a code of its own. */
export class PairRefusedError extends Error {
  override readonly name = 'PairRefusedError';
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** `peer`: the other's public key, which Noise has shown. */
export interface Meeting {
  book: PairingBook;
  peer: Uint8Array;
  me: Introduction;
}

/** Of the side that opened the stream. Resolves to who the other is; both have the digits then. Throws PairRefusedError. */
export async function meet(frames: Frames, { book, peer, me }: Meeting): Promise<Introduction> {
  const commits = book.commitsTo(peer);
  await frames.write(encode({ do: 'meet', who: me, ...(commits ? { commitment: book.commit(peer) } : {}) }));
  const answer = decodeMeetAnswer(await frames.read());
  if (!answer.ok) throw new PairRefusedError(answer.code, answer.message);
  if (commits) await frames.write(encode({ nonce: book.reveal(peer, given(answer.nonce)) }));
  else {
    await frames.write(encode({ nonce: book.answer(peer, given(answer.commitment)) }));
    book.open(peer, decodeNonce(await frames.read()).nonce);
  }
  return answer.who;
}

/** The same of the side that was called. */
export async function beMet(
  frames: Frames,
  { book, peer, me }: Meeting,
  request: Extract<PairRequest, { do: 'meet' }>,
): Promise<void> {
  if (book.commitsTo(peer)) {
    await frames.write(encode({ ok: true, who: me, commitment: book.commit(peer) }));
    const { nonce } = decodeNonce(await frames.read());
    await frames.write(encode({ nonce: book.reveal(peer, nonce) }));
    return;
  }
  await frames.write(encode({ ok: true, who: me, nonce: book.answer(peer, given(request.commitment)) }));
  book.open(peer, decodeNonce(await frames.read()).nonce);
}

/** Of the side that lets in. `admit` writes it down, under the name that the other gives, before it is told. */
export async function letIn(frames: Frames, role: Role, admit: (name: string) => Promise<Welcome>): Promise<string> {
  await frames.write(encode({ do: 'come', role }));
  const answer = decodeComeAnswer(await frames.read());
  if (!answer.ok) throw new PairRefusedError(answer.code, answer.message);
  await frames.write(encode(await admit(answer.name)));
  return answer.name;
}

/** Of the side that is let in. */
export async function beLetIn(frames: Frames, name: string): Promise<Welcome> {
  await frames.write(encode({ ok: true, name }));
  return decodeWelcome(await frames.read());
}

function given(bytes: Uint8Array | undefined): Uint8Array {
  if (bytes === undefined)
    throw new PairRefusedError('malformed', 'The other machine left out its part of the digits.');
  return bytes;
}
