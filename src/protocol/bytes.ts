// Bytes as the wire knows them: strict DAG-CBOR, SHA-256, hexadecimal text, total order.
import { createHash } from 'node:crypto';
import * as dagCbor from '@ipld/dag-cbor';
import { base58btc } from 'multiformats/bases/base58';
import { compare } from 'uint8arrays/compare';
import { concat } from 'uint8arrays/concat';
import { equals } from 'uint8arrays/equals';
import { fromString } from 'uint8arrays/from-string';
import { toString as bytesToString } from 'uint8arrays/to-string';
import { findFormFault } from './cbor-form.ts';

export { compare as compareBytes, concat as concatBytes, equals as equalBytes };

/** Lower-case hexadecimal text of bytes; ids are compared and sorted in this form. */
export type Hex = string;

/** What a peer sent does not hold to the wire form. `code` is `malformed`. */
export class MalformedError extends Error {
  override readonly name = 'MalformedError';
  readonly code = 'malformed';
}

export function toHex(bytes: Uint8Array): Hex {
  return bytesToString(bytes, 'base16');
}

export function fromHex(hex: Hex): Uint8Array {
  return fromString(hex, 'base16');
}

/** Total order of texts by UTF-16 code unit: the same everywhere, no locale. */
export function compareText(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

export function sha256(...parts: Uint8Array[]): Uint8Array {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Canonical bytes of a value: DAG-CBOR, the one encoding of each value. Throws on NaN, infinities and `undefined`. */
export function encode(value: unknown): Uint8Array {
  return dagCbor.encode(value);
}

/**
 * Decodes bytes of a stranger. Refuses more than `bytesMax` bytes before it looks inside, then whatever is not of the
 * form that travels here (cbor-form.ts), then bytes that are not the canonical encoding of what they say (one value,
 * one encoding, one hash).
 */
export function decode(bytes: Uint8Array, bytesMax: number): unknown {
  if (bytes.length > bytesMax) throw new MalformedError(`${bytes.length} bytes, at most ${bytesMax} are allowed`);
  const fault = findFormFault(bytes);
  if (fault !== undefined) throw new MalformedError(`not canonical: ${fault}`);
  let value: unknown;
  try {
    value = dagCbor.decode(bytes);
  } catch (cause) {
    throw new MalformedError('not DAG-CBOR', { cause });
  }
  if (!equals(dagCbor.encode(value), bytes)) throw new MalformedError('not canonical');
  return value;
}

export function toBase58(bytes: Uint8Array): string {
  return base58btc.baseEncode(bytes);
}

/** Throws MalformedError naming the first character (from 1) that base58 does not know. */
export function fromBase58(text: string): Uint8Array {
  const bad = [...text].findIndex((character) => !/[1-9A-HJ-NP-Za-km-z]/.test(character));
  if (bad >= 0) throw new MalformedError(`character ${bad + 1} is not base58`);
  return base58btc.baseDecode(text);
}
