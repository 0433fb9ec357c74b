// Ed25519 keys (RFC 8032). One key is a node's libp2p identity and signs what it says; each use has its own domain
// prefix, so that a signature given for one purpose proves nothing for another.
import { createPrivateKey, createPublicKey, type KeyObject, sign as nodeSign, verify as nodeVerify } from 'node:crypto';
import { concatBytes, type Hex, toBase58, toHex, utf8 } from './bytes.ts';

export type Domain = 'entry' | 'presence' | 'invite' | 'join' | 'checkpoint';

/** DER prefixes of raw Ed25519 keys, RFC 8410 §7 and §4. */
const PRIVATE_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const PUBLIC_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
/** Protobuf and identity-multihash prefix that libp2p puts before a raw Ed25519 public key (libp2p peer-ids spec). */
const PEER_ID_PREFIX = Uint8Array.from([0x00, 0x24, 0x08, 0x01, 0x12, 0x20]);

/** Signs in one node's name. `publicKey`: 32 raw bytes. */
export interface Signer {
  readonly publicKey: Uint8Array;
  sign(domain: Domain, message: Uint8Array): Uint8Array;
}

/** `seed`: 32 secret bytes. The same seed always gives the same key. */
export function createSigner(seed: Uint8Array): Signer {
  if (seed.length !== 32) throw new RangeError(`an Ed25519 seed has 32 bytes, not ${seed.length}`);
  const privateKey = createPrivateKey({ key: Buffer.concat([PRIVATE_PREFIX, seed]), format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return {
    publicKey: new Uint8Array(spki.subarray(PUBLIC_PREFIX.length)),
    sign: (domain, message) => new Uint8Array(nodeSign(null, prefixed(domain, message), privateKey)),
  };
}

/** That whoever has `publicKey` signed `message` for this use. */
export function verifySignature(
  publicKey: Uint8Array,
  domain: Domain,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (!isOfLength(publicKey, signature)) return false;
  return nodeVerify(null, prefixed(domain, message), publicKeyObject(publicKey), signature);
}

function isOfLength(publicKey: Uint8Array, signature: Uint8Array): boolean {
  return publicKey.length === 32 && signature.length === 64;
}

/** The text form that libp2p and people use: 12D3KooW…. */
export function peerIdText(publicKey: Uint8Array): string {
  return toBase58(concatBytes([PEER_ID_PREFIX, publicKey]));
}

const keyObjects = new Map<Hex, KeyObject>();
const KEY_OBJECTS_MAX = 1024;

/** Parsing a key costs as much as a third of a verification, and a mesh has few authors. */
function publicKeyObject(raw: Uint8Array): KeyObject {
  const id = toHex(raw);
  const known = keyObjects.get(id);
  if (known !== undefined) return known;
  const key = createPublicKey({ key: Buffer.concat([PUBLIC_PREFIX, raw]), format: 'der', type: 'spki' });
  if (keyObjects.size >= KEY_OBJECTS_MAX) keyObjects.clear();
  keyObjects.set(id, key);
  return key;
}

const prefixOf = (domain: Domain): Uint8Array => utf8(`stratmesh/${domain}/1\n`);
const PREFIXES: Readonly<Record<Domain, Uint8Array>> = {
  entry: prefixOf('entry'),
  presence: prefixOf('presence'),
  invite: prefixOf('invite'),
  join: prefixOf('join'),
  checkpoint: prefixOf('checkpoint'),
};

function prefixed(domain: Domain, message: Uint8Array): Uint8Array {
  return concatBytes([PREFIXES[domain], message]);
}
