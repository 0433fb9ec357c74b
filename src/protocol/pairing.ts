// The six digits that people compare when two machines of one local network meet.
//
// The side with the smaller key commits to its nonce before it has seen the other's, and shows it only then (Vaudenay,
// “Secure communications over insecure channels based on short authenticated strings”, 2005). So nobody between them, or
// at either end, can look for nonces that give the digits it wants: it has one try for each time that it begins.
import { compareBytes, concatBytes, sha256, utf8 } from './bytes.ts';

export const NONCE_BYTES = 32;

/** Whether `key` is the one of the two that commits. */
export function commitsFirst(key: Uint8Array, other: Uint8Array): boolean {
  return compareBytes(key, other) < 0;
}

/** `low`, `high`: the two public keys in order; `nonce`: of the one with the smaller key. */
export function commitmentTo(low: Uint8Array, high: Uint8Array, nonce: Uint8Array): Uint8Array {
  return sha256(concatBytes([utf8('stratmesh/pair-commitment/1\n'), low, high, nonce]));
}

const DIGITS = 6;

/** The six digits of two keys and their two nonces, the same on both sides. */
export function digitsOf(
  [low, lowNonce]: readonly [key: Uint8Array, nonce: Uint8Array],
  [high, highNonce]: readonly [key: Uint8Array, nonce: Uint8Array],
): string {
  const hash = sha256(concatBytes([utf8('stratmesh/pair-digits/1\n'), low, high, lowNonce, highNonce]));
  // Of 2^64 numbers: each of the million has the same chance within one part in 10^13.
  const number = Buffer.from(hash.buffer, hash.byteOffset, 8).readBigUInt64BE();
  return String(number % 10n ** BigInt(DIGITS)).padStart(DIGITS, '0');
}
