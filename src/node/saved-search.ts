// A search as it lies in this machine's folder: its state, and behind it on whose checkpoints it rests.
//
//   state, where it was run here from the beginning
//   state ‖ keys, 32 bytes each ‖ how many (1 byte) ‖ "SMWALKED", where it was gone on with
import { concatBytes, equalBytes, fromHex, type Hex, toHex, utf8 } from '../protocol/bytes.ts';

const MARK = utf8('SMWALKED');
const KEY_BYTES = 32;

export interface SavedSearch {
  state: Uint8Array;
  /** Members other than this one whose generations are in it. */
  lineage: readonly Hex[];
}

export function encodeSaved({ state, lineage }: SavedSearch): Uint8Array {
  if (lineage.length === 0) return state;
  return concatBytes([state, ...lineage.map(fromHex), Uint8Array.of(lineage.length), MARK]);
}

export function decodeSaved(bytes: Uint8Array): SavedSearch {
  const end = bytes.length - MARK.length - 1;
  const count = bytes[end] ?? 0;
  const start = end - count * KEY_BYTES;
  if (start < 0 || !equalBytes(bytes.subarray(end + 1), MARK)) return { state: bytes, lineage: [] };
  const lineage = Array.from({ length: count }, (_, i) =>
    toHex(bytes.subarray(start + i * KEY_BYTES, start + (i + 1) * KEY_BYTES)),
  );
  return { state: bytes.subarray(0, start), lineage };
}
