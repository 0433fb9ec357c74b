// The files of the page, read once at start from the manifest that the build wrote. A request can only name one of
// these; no path is ever made from a URL.
import { readFileSync } from 'node:fs';
import { z } from 'zod';

export interface Asset {
  body: Uint8Array<ArrayBuffer>;
  type: string;
  cache: string;
}

const Manifest = z.strictObject({
  files: z.record(z.string(), z.strictObject({ file: z.string(), type: z.string(), immutable: z.boolean() })),
});

/** URL path → file; undefined when the page has not been built there. */
export function loadAssets(directory: URL): ReadonlyMap<string, Asset> | undefined {
  let text: string;
  try {
    text = readFileSync(new URL('manifest.json', directory), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const { files } = Manifest.parse(JSON.parse(text));
  return new Map(
    Object.entries(files).map(([path, { file, type, immutable }]) => [
      path,
      {
        body: new Uint8Array(readFileSync(new URL(file, directory))),
        type,
        cache: immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
      },
    ]),
  );
}
