// The decoders of the wire: everything that a stranger's bytes reach.
import { readFileSync } from 'node:fs';
import {
  type Checkpoint,
  decodeBlobReply,
  decodeBlobRequest,
  decodeCheckpoint,
  signCheckpoint,
} from '../../src/protocol/blob.ts';
import {
  concatBytes,
  decode,
  encode,
  equalBytes,
  fromBase58,
  fromHex,
  MalformedError,
  sha256,
  sha256Hex,
  toBase58,
  utf8,
} from '../../src/protocol/bytes.ts';
import { decodeEntry, NewerEntryError, verifyEntry } from '../../src/protocol/entry.ts';
import { createSigner } from '../../src/protocol/keys.ts';
import { KINDS } from '../../src/protocol/kinds.ts';
import {
  decodeComeAnswer,
  decodeHello,
  decodeJoinReply,
  decodeJoinRequest,
  decodeMeetAnswer,
  decodeNonce,
  decodePairRequest,
  decodePresence,
  decodeSyncReply,
  decodeSyncRequest,
  decodeWelcome,
  type Presence,
  signPresence,
} from '../../src/protocol/messages.ts';
import { decodeTicket, encodeTicket } from '../../src/protocol/ticket.ts';
import { type Layer, plain, Surprise, type Target } from './target.ts';

const vectors = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), 'utf8')) as T;
const { valid, seed } = vectors<{ valid: { block: string }[]; seed: string }>('entries');
const blocks = valid.map(({ block }) => fromHex(block));
const bytes = (length: number, fill = 1): Uint8Array => new Uint8Array(length).fill(fill);

const isMalformed = (error: unknown): boolean => error instanceof MalformedError;

/** Blocks as they are, and blocks whose body is changed while what stands around it stays in order. */
function blockLayers(): Layer[] {
  return blocks.flatMap((block) => {
    const [body, signature] = decode(block, 4096) as [Uint8Array, Uint8Array];
    return [plain(block, 'cbor'), { valid: body, wrap: (changed) => encode([changed, signature]), form: 'cbor' }];
  });
}

function runEntry(input: Uint8Array): void {
  const entry = decodeEntry(input);
  if (!equalBytes(entry.block, input) || entry.id !== sha256Hex(input)) throw new Surprise('another block');
  verifyEntry(entry);
  if (Object.hasOwn(KINDS, entry.kind)) KINDS[entry.kind as keyof typeof KINDS].safeParse(entry.data);
  encode(entry.data);
}

/** A message that is accepted is the encoding of what was understood. */
function message(name: string, decodeMessage: (bytes: Uint8Array) => unknown, samples: readonly object[]): Target {
  return {
    name,
    layers: samples.map((sample) => plain(encode(sample), 'cbor')),
    run(input) {
      const known = encode(decodeMessage(input));
      // Less than came in where keys are not known here, and then it says the same again.
      if (known.length > input.length) throw new Surprise('it grew');
      if (!equalBytes(encode(decodeMessage(known)), known)) throw new Surprise('it encodes to other bytes');
    },
    isRefusal: isMalformed,
  };
}

const frontierLog = { author: bytes(32), log: bytes(16, 2), count: 3, head: bytes(32, 3), frozen: false };
const hello = {
  ...{ wire: [1, 1], mesh: bytes(32), boot: bytes(8), name: 'desk', version: '0.1.0', os: 'linux x64' },
  ...{ fingerprint: bytes(32, 2), frontier: bytes(32, 3), addresses: ['/ip4/192.168.1.5/tcp/4501'] },
};
const signer = createSigner(fromHex(seed));
const presence: Presence = {
  ...{ mesh: bytes(32), member: signer.publicKey, boot: bytes(8), n: 7, next: 5000, name: 'desk', version: '0.1.0' },
  ...{ os: 'linux x64', fingerprint: bytes(32, 2), state: 'working', reason: '', threads: [4, 8], loads: [100, 0, 50] },
  claim: { unit: bytes(32, 4), job: bytes(32, 5), index: 3, generation: 2, generations: 10, remaining: null },
  ...{ backtestsPerSecond: 1234.5, frontier: bytes(32, 3), root: bytes(32, 6), addresses: ['/ip4/10.0.0.1/tcp/1'] },
};

/** What somebody signed: whoever changes it is found out. */
function signedTarget(name: string, signed: Uint8Array, read: (input: Uint8Array) => unknown): Target {
  const [body, signature] = decode(signed, 4096) as [Uint8Array, Uint8Array];
  return {
    name,
    layers: [plain(signed, 'cbor'), { valid: body, wrap: (changed) => encode([changed, signature]), form: 'cbor' }],
    run(input) {
      if (read(input) !== undefined && !equalBytes(input, signed)) throw new Surprise(`a forged ${name}`);
    },
    isRefusal: isMalformed,
  };
}

const checkpoint: Checkpoint = {
  ...{ mesh: bytes(32), unit: bytes(32, 4), member: signer.publicKey, generation: 7, blob: bytes(32, 5), bytes: 9000 },
  lineage: [bytes(32, 6), bytes(32, 7)],
};

function ticketTarget(): Target {
  const { line } = vectors<{ line: string }>('ticket');
  const content = fromBase58(line.slice('smesh1'.length)).subarray(0, -4);
  const wrap = (changed: Uint8Array): Uint8Array =>
    utf8(`smesh1${toBase58(concatBytes([changed, sha256(changed).subarray(0, 4)]))}`);
  return {
    name: 'ticket',
    layers: [plain(utf8(line), 'bytes'), { valid: content, wrap, form: 'cbor' }],
    run(input) {
      const text = new TextDecoder().decode(input);
      if (encodeTicket(decodeTicket(text)) !== text.trim()) throw new Surprise('it is written another way');
    },
    isRefusal: isMalformed,
  };
}

const key = bytes(32, 9);
const who = {
  ...{ wire: [1, 2], mesh: bytes(32), meshName: 'home', members: 3, name: 'büro', os: 'linux', version: '0.1.0' },
  ...{ hosts: true, asks: false },
};
const no = { ok: false, code: 'pairing_closed', message: 'Neither lets the other in at the moment.' };

export const WIRE_TARGETS: readonly Target[] = [
  {
    name: 'entry',
    layers: blockLayers(),
    run: runEntry,
    isRefusal: (error) => isMalformed(error) || error instanceof NewerEntryError,
  },
  message('hello', decodeHello, [hello]),
  signedTarget('presence', signPresence(presence, signer), decodePresence),
  signedTarget('signed checkpoint', signCheckpoint(checkpoint, signer), decodeCheckpoint),
  message('join request', decodeJoinRequest, [
    { wire: [1, 1], mesh: bytes(32), invite: key, proof: bytes(64), member: key, name: 'büro' },
  ]),
  message('join reply', decodeJoinReply, [
    { ok: true, genesis: blocks[0]!, addresses: ['/ip4/192.168.1.5/tcp/4501'] },
    { ok: false, code: 'ticket_used', message: 'This ticket has been used.' },
  ]),
  message('sync request', decodeSyncRequest, [
    { ask: 'frontier', digest: bytes(32) },
    { ask: 'frontier', digest: bytes(32), after: { author: key, log: bytes(16) } },
    { ask: 'entries', author: key, log: bytes(16), from: 300 },
    { ask: 'fork', author: key, log: bytes(16) },
  ]),
  message('sync reply', decodeSyncReply, [
    {
      is: 'frontier',
      digest: bytes(32),
      logs: [frontierLog, { ...frontierLog, count: 0, head: bytes(0), frozen: true }],
    },
    { is: 'entries', blocks },
  ]),
  message('pairing request', decodePairRequest, [
    { do: 'meet', who, commitment: bytes(32, 3) },
    { do: 'meet', who },
    { do: 'come', role: 'worker' },
  ]),
  message('pairing meeting', decodeMeetAnswer, [
    { ok: true, who, nonce: bytes(32) },
    { ok: true, who, commitment: bytes(32) },
    no,
  ]),
  message('pairing nonce', decodeNonce, [{ nonce: bytes(32, 4) }]),
  message('pairing answer', decodeComeAnswer, [{ ok: true, name: 'büro' }, no]),
  message('pairing welcome', decodeWelcome, [{ genesis: blocks[0]!, addresses: ['/ip4/192.168.1.5/tcp/4501'] }]),
  message('blob request', decodeBlobRequest, [
    { ask: 'list', blob: bytes(32) },
    { ask: 'chunk', blob: bytes(32), index: 3 },
    { ask: 'checkpoints', unit: bytes(32) },
    { ask: 'keep', signed: bytes(300) },
  ]),
  message('blob reply', decodeBlobReply, [
    { is: 'none' },
    { is: 'list', bytes: 300_000, chunks: [bytes(32), bytes(32, 2)] },
    { is: 'chunk', bytes: bytes(500) },
    { is: 'checkpoints', signed: [bytes(300)] },
    { is: 'heard' },
  ]),
  ticketTarget(),
];
