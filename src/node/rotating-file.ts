// A log file that does not grow for ever: when it is full it becomes NAME.1, what was NAME.1 becomes NAME.2, and so on.
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

export interface RotatingFile {
  write(line: string): void;
}

const LIMITS = { bytesMax: 5 * 1024 * 1024, kept: 5 };

/** Throws what the disk says, now; later a line that cannot be written is lost, and the node lives on. */
export function openRotatingFile(path: string, { bytesMax, kept } = LIMITS): RotatingFile {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const open = (): number => openSync(path, 'a', 0o600);
  let handle = open();
  let bytes = fstatSync(handle).size;

  function rotate(): void {
    closeSync(handle);
    for (let n = kept - 1; n >= 0; n -= 1) {
      const from = n === 0 ? path : `${path}.${n}`;
      if (existsSync(from)) renameSync(from, `${path}.${n + 1}`);
    }
    handle = open();
    bytes = 0;
  }

  return {
    write(line) {
      try {
        const length = Buffer.byteLength(line);
        if (bytes > 0 && bytes + length > bytesMax) rotate();
        bytes += writeSync(handle, line);
      } catch {
        // A full disk is told by whoever cannot do without it.
      }
    },
  };
}
