// What the owner of this machine calls others. It stays here: no word of it reaches the mesh.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cleanText } from '../ui/clean.ts';
import { NAME_LENGTH_MAX } from '../ui/limits.ts';
import { type DataDirectory, writePrivate } from './data-directory.ts';

export interface OwnNames {
  /** By peer id; null where it was given none. */
  of(peerId: string): string | null;
  /** Nothing but spaces and controls takes the name away. Throws where it cannot be written; then nothing is changed. */
  give(peerId: string, name: string): string | null;
}

/** A damaged file is an empty one. */
function stored(file: string): Record<string, string> {
  try {
    const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
    const entries = Object.entries(parsed as Record<string, unknown>);
    return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  } catch {
    return {};
  }
}

export function openOwnNames({ path }: Pick<DataDirectory, 'path'>): OwnNames {
  const file = join(path, 'names.json');
  let names = new Map(Object.entries(stored(file)));
  return {
    of: (peerId) => names.get(peerId) ?? null,
    give(peerId, name) {
      const given = cleanText(name, NAME_LENGTH_MAX).trim();
      const after = new Map(names);
      if (given === '') after.delete(peerId);
      else after.set(peerId, given);
      writePrivate(file, `${JSON.stringify(Object.fromEntries(after), null, 2)}\n`);
      names = after;
      return given === '' ? null : given;
    },
  };
}
