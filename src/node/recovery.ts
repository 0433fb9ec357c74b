// The recovery phrase: the seed of the key that stands above every member of a mesh, as 24 words of BIP-39's English list. Eight
// bits of them are a checksum, so a wrong or misplaced word is noticed (255 times of 256).
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import { equalBytes } from '../protocol/bytes.ts';
import { createSigner } from '../protocol/keys.ts';
import { RequestError } from '../ui/api.ts';
import type { RecoveryPort, RecoveryView } from '../ui/api-recovery.ts';
import { loadSecret, openDataDirectory } from './data-directory.ts';

const WORDS = 24;

/** `code`: bad_phrase (no 24 words of the list, or the checksum is wrong), recovery_shown (no key is here to be shown). */
export class RecoveryError extends Error {
  override readonly name = 'RecoveryError';
  readonly code: 'bad_phrase' | 'recovery_shown';
  constructor(code: RecoveryError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** `seed`: 32 bytes. */
export function phraseOf(seed: Uint8Array): string {
  return entropyToMnemonic(seed, wordlist);
}

/** The 32 bytes behind the words, however they are spaced and capitalised. Throws RecoveryError `bad_phrase`. */
export function seedOfPhrase(text: string): Uint8Array {
  const words = text.trim().toLowerCase().split(/\s+/);
  const [wrong] = words.filter((word) => !wordlist.includes(word));
  if (words.length !== WORDS) {
    throw new RecoveryError('bad_phrase', `A recovery phrase has ${WORDS} words, this one ${words.length}.`);
  }
  if (wrong !== undefined) throw new RecoveryError('bad_phrase', 'One of the words is not on the list of the phrase.');
  try {
    return mnemonicToEntropy(words.join(' '), wordlist);
  } catch {
    throw new RecoveryError('bad_phrase', 'The words do not fit together: one is wrong, or two have changed places.');
  }
}

/**
 * The phrase of the mesh that was founded here. `show` gets it first; then the key is gone from the disk. Throws
 * RecoveryError `recovery_shown`, StartError `data_dir_unusable` when the key file is damaged.
 */
export function showPhrase(dataDir: string, show: (phrase: string) => void): void {
  const seed = readKey(dataDir);
  const phrase = phraseOf(seed);
  if (!equalBytes(seedOfPhrase(phrase), seed)) throw new Error('the phrase does not lead back to the key');
  show(phrase);
  rmSync(keyFile(dataDir));
}

const keyFile = (dataDir: string): string => join(dataDir, 'recovery.key');

function readKey(dataDir: string): Uint8Array {
  if (!existsSync(keyFile(dataDir))) {
    throw new RecoveryError(
      'recovery_shown',
      'No recovery key is here: its phrase was shown before, or the mesh was founded on another machine.',
    );
  }
  return loadSecret(openDataDirectory(dataDir), 'recovery.key');
}

/**
 * The same for the page, in two steps: a page may close before anybody has read the words, so the key goes only when they
 * come back. `root`: public key of the mesh's root; undefined while there is no mesh.
 */
export function openRecovery(dataDir: string, root: () => Uint8Array | undefined): RecoveryPort {
  const view = (): RecoveryView => {
    if (!existsSync(keyFile(dataDir))) return { state: 'gone' };
    const mesh = root();
    const isOf = mesh !== undefined && equalBytes(createSigner(readKey(dataDir)).publicKey, mesh);
    return { state: isOf ? 'here' : 'other' };
  };
  return {
    recovery: view,
    showRecovery: () => ({ words: asked(() => phraseOf(readKey(dataDir))).split(' ') }),
    forgetRecovery(phrase) {
      const isIt = asked(() => equalBytes(seedOfPhrase(phrase), readKey(dataDir)));
      if (!isIt) {
        const message = 'These are not the words of the key on this machine; it stays.';
        throw new RequestError('wrong_phrase', message, { status: 422, field: 'phrase' });
      }
      rmSync(keyFile(dataDir));
      return view();
    },
  };
}

function asked<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof RecoveryError)) throw error;
    if (error.code === 'recovery_shown') throw new RequestError(error.code, error.message, { status: 409 });
    throw new RequestError(error.code, error.message, { status: 422, field: 'phrase' });
  }
}
