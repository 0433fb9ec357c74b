// A blob from several peers, some of which lie, break off or are slow: it is whole and right, or it is not there.
import fc from 'fast-check';
import t from 'tap';
import { type ChunkSink, fetchBlob } from '../../src/node/blob-fetch.ts';
import { answerBlob, type BlobPeer, type BlobShelf } from '../../src/node/blob-service.ts';
import { type ChunkList, chunkOf, listChunks } from '../../src/protocol/blob.ts';
import { compareText, equalBytes, sha256, sha256Hex } from '../../src/protocol/bytes.ts';
import { BLOB_CHUNK_BYTES } from '../../src/protocol/limits.ts';
import { holds } from '../protocol/support/property.ts';

/** Chunks all differ, and the last one is short. */
function blobOf(chunks: number, salt = 0): Uint8Array {
  const blob = new Uint8Array((chunks - 1) * BLOB_CHUNK_BYTES + 100);
  for (let i = 0; i < blob.length; i += 97) blob[i] = (i * 31 + salt + Math.floor(i / BLOB_CHUNK_BYTES)) & 255;
  return blob;
}

const BLOBS = [1, 2, 5, 9].map((chunks) => blobOf(chunks));

/** In memory, with what was written and what was asked for counted. */
function memory(blob: Uint8Array) {
  const bytes = new Uint8Array(blob.length);
  const sink: ChunkSink & { bytes: Uint8Array; writes: number } = {
    bytes,
    writes: 0,
    async open({ chunks }: ChunkList) {
      return new Set([...chunks.keys()].filter((i) => equalBytes(sha256(chunkOf(bytes, i)), chunks[i]!)));
    },
    async write(index, chunk) {
      sink.writes += 1;
      bytes.set(chunk, index * BLOB_CHUNK_BYTES);
    },
    hash: async () => sha256Hex(bytes),
    discard: async () => void bytes.fill(0),
  };
  return sink;
}

type Manner = 'honest' | 'without' | 'wrong chunk' | 'short chunk' | 'wrong list' | 'breaks off' | 'silent';

function peerOf(name: string, blob: Uint8Array, manner: Manner, served: Map<string, number>): BlobPeer {
  // A liar's blob is another one under the same name, and its list fits to it.
  const mine = manner === 'wrong list' ? blob.map((byte) => byte ^ 1) : blob;
  const spoiled = (index: number): Uint8Array => {
    const chunk = chunkOf(mine, index);
    if (manner === 'short chunk') return chunk.subarray(1);
    return manner === 'wrong chunk' && index % 2 === 0 ? chunk.map((byte) => byte ^ 1) : chunk;
  };
  let left = manner === 'breaks off' ? 3 : Number.POSITIVE_INFINITY;
  const shelf: BlobShelf = {
    list: async () => (manner === 'without' ? undefined : listChunks(mine)),
    chunk: async (_, index) => spoiled(index),
    checkpoints: () => [],
    keep: () => undefined,
  };
  return {
    peerId: name,
    talk: (work) =>
      work(async (request) => {
        left -= 1;
        if (left < 0 || manner === 'silent') throw new Error('no answer');
        if (request.ask === 'chunk') served.set(name, (served.get(name) ?? 0) + 1);
        await new Promise((resolve) => setImmediate(resolve));
        return answerBlob(shelf, request);
      }),
  };
}

function fetchFrom(blob: Uint8Array, manners: readonly Manner[], distrusted = new Set<string>()) {
  const served = new Map<string, number>();
  const sink = memory(blob);
  const peers = manners.map((manner, i) => peerOf(`peer ${i}`, blob, manner, served));
  const shares: number[] = [];
  const deps = {
    peers: () => peers,
    distrusted,
    hasRoom: async () => true,
    onProgress: ({ share }: { share: number }) => void shares.push(share),
    signal: new AbortController().signal,
  };
  return { served, sink, shares, distrusted, done: fetchBlob(deps, sha256Hex(blob), sink), deps };
}

t.test('whoever the peers are: the blob as it should be, wherever one honest peer has it, else none', async (t) => {
  const manners = fc.array(
    fc.constantFrom<Manner>(
      ...(['honest', 'without', 'wrong chunk', 'short chunk', 'wrong list', 'breaks off', 'silent'] as const),
    ),
    { maxLength: 6 },
  );
  const property = fc.asyncProperty(fc.constantFrom(...BLOBS), manners, async (blob, all) => {
    const { sink, done, shares } = fetchFrom(blob, all);
    const fetched = await done;
    const isRight = sha256Hex(sink.bytes) === sha256Hex(blob);
    if (fetched.is === 'whole' && (!isRight || shares.at(-1) !== 1)) return false;
    return all.includes('honest') ? fetched.is === 'whole' : fetched.is === 'nobody' || isRight;
  });
  await holds(t, 'never anything else under the name', property, 150);
});

t.test('all that have it give a part of it, and none twice what one would do', async (t) => {
  const { served, sink, done } = fetchFrom(BLOBS[3]!, ['honest', 'honest', 'honest', 'without']);
  t.same(await done, { is: 'whole' });
  t.strictSame([...served.keys()].sort(compareText), ['peer 0', 'peer 1', 'peer 2']);
  t.equal(sink.writes, 9, 'no chunk is written twice');
  t.ok([...served.values()].reduce((sum, n) => sum + n) <= 9 + 3, 'only the last ones are asked for twice');
});

t.test('what came before a break is kept, and not fetched again', async (t) => {
  const { sink, done, deps } = fetchFrom(BLOBS[3]!, ['breaks off']);
  t.same(await done, { is: 'nobody' });
  const came = sink.writes;
  t.ok(came >= 1 && came <= 3, `${came} chunks came`);
  const served = new Map<string, number>();
  const honest = peerOf('honest', BLOBS[3]!, 'honest', served);
  t.same(await fetchBlob({ ...deps, peers: () => [honest] }, sha256Hex(BLOBS[3]!), sink), { is: 'whole' });
  t.equal(served.get('honest'), 9 - came);
});

t.test('who lied is not asked for that blob again; who only fell silent is', async (t) => {
  for (const [manner, isDistrusted] of [
    ['wrong chunk', true],
    ['short chunk', true],
    ['wrong list', true],
    ['breaks off', false],
    ['silent', false],
    ['without', false],
  ] as const) {
    const { distrusted, done } = fetchFrom(BLOBS[2]!, [manner]);
    t.same(await done, { is: 'nobody' }, manner);
    t.equal(distrusted.has('peer 0'), isDistrusted, manner);
  }
  const liar = fetchFrom(BLOBS[2]!, ['wrong list', 'honest'], new Set(['peer 0']));
  t.same(await liar.done, { is: 'whole' });
  t.notOk(liar.served.has('peer 0'));
});

t.test('nothing is fetched that has no room; a disk that fails ends it', async (t) => {
  const { deps, sink, served } = fetchFrom(BLOBS[2]!, []);
  const peers = () => [peerOf('a', BLOBS[2]!, 'honest', served)];
  const wanted = sha256Hex(BLOBS[2]!);
  const full = await fetchBlob({ ...deps, peers, hasRoom: async (bytes) => bytes < 1000 }, wanted, sink);
  t.same(full, { is: 'no_room', bytes: BLOBS[2]!.length });
  t.equal(served.size, 0);
  const broken = { ...sink, write: () => Promise.reject(new Error('the disk is full')) };
  await t.rejects(fetchBlob({ ...deps, peers }, wanted, broken), { message: 'the disk is full' });
});
