import { InvalidInput } from '../engine/errors.ts';
import { fromHex, type Hex } from '../protocol/bytes.ts';
import { findFile, replaceFile } from './atomic-file.ts';
import type { Checkpoint } from './mine-unit.ts';

const isPrefix = (prefix: Uint8Array, bytes: Uint8Array): boolean =>
  prefix.length <= bytes.length && prefix.every((byte, i) => byte === bytes[i]);

/**
 * A checkpoint in one file, replaced atomically and synced at each save. It begins with the engine's fingerprint: what
 * another engine left would end in bits that are neither this one's nor that one's. `load` throws InvalidInput
 * (`unknown_checkpoint`) for such a file.
 */
export function openFileCheckpoint(path: string, engine: Hex): Checkpoint {
  const mark = fromHex(engine);
  return {
    async load() {
      const bytes = await findFile(path);
      if (bytes === undefined) return undefined;
      if (isPrefix(mark, bytes)) return bytes.slice(mark.length);
      throw new InvalidInput('unknown_checkpoint', 'the checkpoint was saved by another engine', 'checkpoint');
    },
    save: (bytes) => replaceFile(path, Buffer.concat([mark, bytes])),
  };
}
