import { rm } from 'node:fs/promises';
import { findFile, replaceFile } from './atomic-file.ts';
import type { Checkpoint } from './mine-unit.ts';

export interface FileCheckpoint extends Checkpoint {
  /** Deletes the file; nothing happens when there is none. */
  remove(): Promise<void>;
}

/** A checkpoint in one file, replaced atomically and synced at each save. */
export function fileCheckpoint(path: string): FileCheckpoint {
  return {
    load: () => findFile(path),
    save: (bytes) => replaceFile(path, bytes),
    remove: () => rm(path, { force: true }),
  };
}
