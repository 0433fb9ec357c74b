import { readFileSync } from 'node:fs';

/** Of the package that this file belongs to; the same place seen from src/node and from dist/node. */
export const VERSION = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version;
