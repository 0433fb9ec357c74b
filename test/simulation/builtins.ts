// What of Node itself is another one in a simulation.
//
// Every machine of a simulated mesh verifies the same signatures, and all of them in this one process: each is computed
// once and remembered, by key, message and signature. What the product asks and when it hears stays as it is.
//
// Work on the threads of Node's pool ends when the real machine gets round to it. In virtual time nothing may depend on
// that, or the same seed would not be the same history.
import crypto, { type KeyObject } from 'node:crypto';
import { type RmOptions, rmSync } from 'node:fs';
import files from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

type Answer = (error: Error | null, holds: boolean) => void;

const REMEMBERED_MAX = 100_000;
const remembered = new Map<string, boolean>();
const names = new WeakMap<KeyObject, string>();
const verify = crypto.verify;

function nameOf(key: KeyObject): string {
  const known = names.get(key) ?? key.export({ format: 'der', type: 'spki' }).toString('latin1');
  names.set(key, known);
  return known;
}

function holds(message: Uint8Array, key: KeyObject, signature: Uint8Array): boolean {
  const claim = nameOf(key) + Buffer.from(signature).toString('latin1') + Buffer.from(message).toString('latin1');
  const known = remembered.get(claim);
  if (known !== undefined) return known;
  const answer = verify(null, message, key, signature);
  if (remembered.size >= REMEMBERED_MAX) remembered.clear();
  remembered.set(claim, answer);
  return answer;
}

/** From here on, in this process. `verify` is for Ed25519 only. */
export function replaceBuiltins(): void {
  const remembering = (_: null, message: Uint8Array, key: KeyObject, signature: Uint8Array, answer?: Answer) => {
    const result = holds(message, key, signature);
    if (answer === undefined) return result;
    return setImmediate(() => answer(null, result));
  };
  Object.assign(crypto, { verify: remembering });
  Object.assign(files, { rm: async (path: string, options?: RmOptions) => rmSync(path, options) });
  syncBuiltinESMExports();
}
