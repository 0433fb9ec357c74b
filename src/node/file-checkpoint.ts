import { findFile, replaceFile } from './atomic-file.ts';
import type { Checkpoint } from './mine-unit.ts';

/** A checkpoint in one file, replaced atomically and synced at each save. */
export function openFileCheckpoint(path: string): Checkpoint {
  return {
    load: () => findFile(path),
    save: (bytes) => replaceFile(path, bytes),
  };
}
