// The only file of the engine that knows the hash library.
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';

/** SHA-256 (FIPS 180-4) of `bytes`: 32 bytes. */
export function hashBytes(bytes: Uint8Array): Uint8Array {
  return sha256(bytes);
}

/** SHA-256 over a domain label and the parts, the label ended by a zero byte so that no two domains overlap. */
export function hashWithDomain(domain: string, ...parts: Uint8Array[]): Uint8Array {
  return sha256(concatBytes(utf8ToBytes(domain), new Uint8Array(1), ...parts));
}

/** Lower-case hexadecimal digits. */
export function toHex(bytes: Uint8Array): string {
  return bytesToHex(bytes);
}

/** UTF-8 bytes of `text`. */
export function toUtf8(text: string): Uint8Array {
  return utf8ToBytes(text);
}
