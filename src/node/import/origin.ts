// Where the data sets of this machine came from: a note beside each, on this machine only. The hash of a data set rests on
// its candles alone, so equal candles have one name wherever they came from.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BARS_MAX } from '../../engine/candles.ts';
import { ObjectReader } from '../../engine/reader.ts';
import { findFile, replaceFile } from '../atomic-file.ts';

const TEXT_MAX = 4096;

export type DatasetOrigin =
  | { kind: 'import'; file: string; repaired: number }
  /** `parent`: the data set that it was brought up to date from; `at`: when, ISO. */
  | { kind: 'download'; exchange: string; at: string; parent?: string }
  /** `parent`: the data set of smaller bars. */
  | { kind: 'larger'; parent: string };

function readOrigin(input: unknown): DatasetOrigin {
  const reader = new ObjectReader(input, 'origin');
  const kind = reader.choice('kind', ['import', 'download', 'larger']);
  if (kind === 'import')
    return {
      kind,
      file: reader.text('file', TEXT_MAX),
      repaired: reader.number('repaired', { min: 0, max: BARS_MAX }),
    };
  if (kind === 'larger') return { kind, parent: reader.text('parent', 64) };
  const download = { kind, exchange: reader.text('exchange', TEXT_MAX), at: reader.text('at', TEXT_MAX) };
  return reader.has('parent') ? { ...download, parent: reader.text('parent', 64) } : download;
}

const pathOf = (folder: string, name: string): string => join(folder, `${name}.origin.json`);

export async function saveOrigin(folder: string, name: string, origin: DatasetOrigin): Promise<void> {
  await replaceFile(pathOf(folder, name), new TextEncoder().encode(`${JSON.stringify(origin)}\n`));
}

/** Undefined when nothing is known of it. */
export async function findOrigin(folder: string, name: string): Promise<DatasetOrigin | undefined> {
  const bytes = await findFile(pathOf(folder, name));
  if (bytes === undefined) return undefined;
  try {
    return readOrigin(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    // A note that cannot be read says nothing.
    return undefined;
  }
}

export async function forgetOrigin(folder: string, name: string): Promise<void> {
  await rm(pathOf(folder, name), { force: true });
}
