// Work that walks: the state of each search that is under way is on other machines, too, so that one of them goes on when
// this one sleeps or is gone.
//
// Whoever works signs each generation's state and tells two other members, chosen by lot, who fetch it and keep the last one
// of each search. Who takes a unit asks all that are connected what they have of it.
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isActive, type State } from '../ledger/derive.ts';
import {
  type Checkpoint,
  type ChunkList,
  chunkOf,
  decodeCheckpoint,
  listChunks,
  signCheckpoint,
} from '../protocol/blob.ts';
import { compareText, concatBytes, fromHex, type Hex, MalformedError, sha256Hex, toHex } from '../protocol/bytes.ts';
import { peerIdText, type Signer } from '../protocol/keys.ts';
import { BLOB_CHUNK_BYTES, CHECKPOINT_BYTES_MAX, CHECKPOINTS_PER_UNIT_MAX } from '../protocol/limits.ts';
import { replaceFile } from './atomic-file.ts';
import { type ChunkSink, fetchBlob } from './blob-fetch.ts';
import type { Ask, BlobPeer, BlobShelf } from './blob-service.ts';
import { isOpen } from './open-work.ts';
import type { SavedSearch } from './saved-search.ts';
import { lotOf } from './schedule.ts';

/** A search of others that this node could go on with. */
export interface Walked {
  blob: Hex;
  generation: number;
  /** All whose generations are in it, its maker included. */
  lineage: readonly Hex[];
}

export interface Walk {
  /** A generation is saved here: the others may have it. `state` is not changed any more. */
  publish(unit: Hex, generation: number, search: SavedSearch): void;
  /** What others have of the unit, the furthest first. Asks all that are connected, which takes two seconds at most. */
  find(unit: Hex): Promise<Walked[]>;
  /** The state; undefined when nobody gives it. */
  fetch(walked: Walked): Promise<Uint8Array | undefined>;
  /** It cannot be gone on with: not to be offered again. */
  refuse(blob: Hex): void;
  /** Members on whose checkpoints `member` is known to rest in its search of the unit; undefined when nothing is known of it. */
  lineageOf(unit: Hex, member: Hex): readonly Hex[] | undefined;
  /** Drops what nobody needs any more. */
  tidy(): void;
  stop(): Promise<void>;
}

export interface WalkDeps {
  signer: Signer;
  mesh: Hex;
  folder: string;
  state(): State;
  /** Members that could take work now. */
  live(): readonly Hex[];
  /** Members that are connected. */
  peers(): readonly BlobPeer[];
}

interface Kept {
  signed: Uint8Array;
  said: Checkpoint;
  state: Uint8Array;
}

/** Members that keep what another one has worked on. */
const KEEPERS = 2;
/** More of them are those of units that nobody will decide. */
const KEPT_MAX = 64;
/** A machine works on one unit at a time; others of it may have been left for somebody to go on with. */
const KEPT_OF_ONE_MAX = 4;
const FIND_MS = 2000;
const FETCH_MS = 30_000;
const FILE_NAME = /^[0-9a-f]{64}-[0-9a-f]{64}$/;
const SIGNED_LENGTH_BYTES = 4;

export function createWalk(deps: WalkDeps): Walk & BlobShelf {
  return new Walker(deps);
}

class Walker implements Walk, BlobShelf {
  readonly #deps: WalkDeps;
  readonly #self: Hex;
  readonly #controller = new AbortController();
  /** By unit, then member: the furthest of each search. */
  readonly #kept = new Map<Hex, Map<Hex, Kept>>();
  /** The one before the last of an own search: somebody may be in the middle of fetching it. */
  #previous: Kept | undefined;
  /** What was said of searches whose states are not here, by unit. */
  readonly #told = new Map<Hex, readonly Checkpoint[]>();
  readonly #refused = new Set<Hex>();
  /** What is being fetched, by unit and member: the last that was asked for. */
  readonly #wanted = new Map<string, Omit<Kept, 'state'>>();
  /** Who is being told, and the last that there is to tell. */
  readonly #telling = new Map<string, Uint8Array>();
  /** Files are written one after the other. */
  #disk: Promise<unknown>;

  constructor(deps: WalkDeps) {
    this.#deps = deps;
    this.#self = toHex(deps.signer.publicKey);
    this.#disk = this.#load().catch(() => undefined);
  }

  publish(unit: Hex, generation: number, { state, lineage }: SavedSearch): void {
    const { signer, mesh } = this.#deps;
    if (state.length === 0 || state.length > CHECKPOINT_BYTES_MAX) return;
    const said: Checkpoint = {
      mesh: fromHex(mesh),
      unit: fromHex(unit),
      member: signer.publicKey,
      generation,
      blob: fromHex(sha256Hex(state)),
      bytes: state.length,
      lineage: lineage.map(fromHex),
    };
    this.#previous = this.#kept.get(unit)?.get(this.#self);
    const signed = signCheckpoint(said, signer);
    this.#put({ signed, said, state });
    for (const peer of this.#keepersOf(unit)) void this.#tell(peer, signed);
  }

  /** Of those that are connected the ones with the lowest lots, first of all among those that could go on at once. */
  #keepersOf(unit: Hex): BlobPeer[] {
    const live = new Set(this.#deps.live());
    const members = [...this.#deps.state().members.keys()];
    const byPeerId = new Map(members.map((member) => [peerIdText(fromHex(member)), member]));
    const ranked = this.#deps.peers().flatMap((peer) => {
      const member = byPeerId.get(peer.peerId);
      return member === undefined ? [] : [{ peer, rank: `${live.has(member) ? 0 : 1} ${lotOf(unit, member)}` }];
    });
    ranked.sort((a, b) => compareText(a.rank, b.rank));
    return ranked.slice(0, KEEPERS).map(({ peer }) => peer);
  }

  /** One after the other; what was not told yet when the next one is there needs no telling. */
  async #tell(peer: BlobPeer, signed: Uint8Array): Promise<void> {
    const { peerId } = peer;
    const isUnderWay = this.#telling.has(peerId);
    this.#telling.set(peerId, signed);
    if (isUnderWay) return;
    let told: Uint8Array | undefined;
    const tell = async (ask: Ask): Promise<void> => {
      while (told !== this.#telling.get(peerId)) {
        told = this.#telling.get(peerId)!;
        await ask({ ask: 'keep', signed: told });
      }
    };
    try {
      while (told !== this.#telling.get(peerId)) await peer.talk(tell);
    } catch {
      // It is gone, or knows nothing of keeping: the next generation is told to whoever is there then.
    } finally {
      this.#telling.delete(peerId);
    }
  }

  async find(unit: Hex): Promise<Walked[]> {
    await this.#disk;
    const timeout = new Promise<Checkpoint[]>((resolve) => setTimeout(() => resolve([]), FIND_MS).unref());
    const asked = this.#deps.peers().map((peer) => Promise.race([this.#ask(peer, unit).catch(() => []), timeout]));
    const told = (await Promise.all(asked)).flat();
    this.#told.delete(unit);
    this.#told.set(unit, told);
    const [oldest] = this.#told.keys();
    if (this.#told.size > KEPT_MAX) this.#told.delete(oldest!);
    const own = [...(this.#kept.get(unit)?.values() ?? [])].map(({ said }) => said);
    const found = new Map([...told, ...own].map((said) => [toHex(said.blob) + toHex(said.member), said]));
    return [...found.values()]
      .filter(({ member, blob }) => toHex(member) !== this.#self && !this.#refused.has(toHex(blob)))
      .sort((a, b) => b.generation - a.generation || compareText(toHex(a.member), toHex(b.member)))
      .map(({ blob, generation, lineage, member }) => ({
        ...{ blob: toHex(blob), generation },
        lineage: [...lineage.map(toHex), toHex(member)],
      }));
  }

  async fetch({ blob }: Walked): Promise<Uint8Array | undefined> {
    const kept = this.#byBlob(blob)?.state;
    return kept ?? this.#fetchFrom(() => this.#deps.peers(), blob);
  }

  refuse(blob: Hex): void {
    this.#refused.add(blob);
  }

  lineageOf(unit: Hex, member: Hex): readonly Hex[] | undefined {
    const told = this.#told.get(unit)?.find((said) => toHex(said.member) === member);
    return (this.#kept.get(unit)?.get(member)?.said ?? told)?.lineage.map(toHex);
  }

  keep(signed: Uint8Array): void {
    const [said] = this.#read(signed);
    if (said === undefined) return;
    const [maker, unit] = [toHex(said.member), toHex(said.unit)];
    if (maker === this.#self || this.#reached(unit, maker) >= said.generation) return;
    const task = unit + maker;
    const isUnderWay = this.#wanted.has(task);
    this.#wanted.set(task, { signed, said });
    if (isUnderWay) return;
    void this.#fetchLast(task);
  }

  tidy(): void {
    const { units, jobs } = this.#deps.state();
    for (const [unit, searches] of this.#kept) {
      const record = units.get(unit);
      const isOver = record !== undefined && (!isOpen(record) || jobs.get(record.job)?.action === 'stop');
      if (isOver) for (const { said } of searches.values()) this.#drop(said);
    }
  }

  async stop(): Promise<void> {
    this.#controller.abort();
    await this.#disk;
  }

  checkpoints(unit: Hex): Uint8Array[] {
    const searches = [...(this.#kept.get(unit)?.values() ?? [])];
    searches.sort((a, b) => b.said.generation - a.said.generation);
    return searches.slice(0, CHECKPOINTS_PER_UNIT_MAX).map(({ signed }) => signed);
  }

  async list(blob: Hex): Promise<ChunkList | undefined> {
    const kept = this.#byBlob(blob);
    return kept === undefined ? undefined : listChunks(kept.state);
  }

  async chunk(blob: Hex, index: number): Promise<Uint8Array | undefined> {
    const state = this.#byBlob(blob)?.state;
    return state === undefined || index * BLOB_CHUNK_BYTES >= state.length ? undefined : chunkOf(state, index);
  }

  /** Generation up to which the search of `member` is kept here. */
  #reached(unit: Hex, member: Hex): number {
    return this.#kept.get(unit)?.get(member)?.said.generation ?? 0;
  }

  #byBlob(blob: Hex): Kept | undefined {
    const all = [...this.#kept.values()].flatMap((searches) => [...searches.values()]);
    return [...all, this.#previous].find((kept) => kept !== undefined && toHex(kept.said.blob) === blob);
  }

  /** Checked: of this mesh and unit, signed by a member that takes part. */
  async #ask(peer: BlobPeer, unit: Hex): Promise<Checkpoint[]> {
    const reply = await peer.talk((ask) => ask({ ask: 'checkpoints', unit: fromHex(unit) }));
    return reply.is === 'checkpoints' ? reply.signed.flatMap((signed) => this.#read(signed, unit)) : [];
  }

  /** `unit`: which it must be of. */
  #read(signed: Uint8Array, unit?: Hex): Checkpoint[] {
    try {
      const said = decodeCheckpoint(signed);
      if (said === undefined || toHex(said.mesh) !== this.#deps.mesh) return [];
      const isOfUnit = unit === undefined || toHex(said.unit) === unit;
      return isOfUnit && isActive(this.#deps.state(), toHex(said.member)) ? [said] : [];
    } catch (error) {
      if (error instanceof MalformedError) return [];
      throw error;
    }
  }

  /** What is asked for meanwhile is fetched as well: it may be the last that comes. */
  async #fetchLast(task: string): Promise<void> {
    let tried: Omit<Kept, 'state'> | undefined;
    try {
      while (tried !== this.#wanted.get(task)) {
        tried = this.#wanted.get(task)!;
        const peerId = peerIdText(tried.said.member);
        const maker = this.#deps.peers().filter((peer) => peer.peerId === peerId);
        const state = await this.#fetchFrom(() => maker, toHex(tried.said.blob));
        if (state !== undefined) this.#put({ ...tried, state });
      }
    } catch {
      // It did not come; the next generation is asked for by itself.
    } finally {
      this.#wanted.delete(task);
    }
  }

  async #fetchFrom(peers: () => readonly BlobPeer[], blob: Hex): Promise<Uint8Array | undefined> {
    const sink = new MemorySink();
    const signal = AbortSignal.any([this.#controller.signal, AbortSignal.timeout(FETCH_MS)]);
    const hasRoom = async (bytes: number): Promise<boolean> => bytes <= CHECKPOINT_BYTES_MAX;
    const onProgress = (): void => undefined;
    const fetched = await fetchBlob({ peers, distrusted: new Set(), hasRoom, onProgress, signal }, blob, sink);
    return fetched.is === 'whole' ? sink.bytes : undefined;
  }

  #put(kept: Kept): void {
    const { unit, member, generation } = kept.said;
    const searches = this.#kept.get(toHex(unit)) ?? new Map<Hex, Kept>();
    const before = searches.get(toHex(member));
    if (before !== undefined && before.said.generation >= generation && toHex(member) !== this.#self) return;
    searches.set(toHex(member), kept);
    // The unit that was heard of longest ago is the first.
    this.#kept.delete(toHex(unit));
    this.#kept.set(toHex(unit), searches);
    // The own ones are saved where the search is.
    if (toHex(member) !== this.#self) this.#write(() => replaceFile(this.#pathOf(kept.said), packed(kept)));
    const ofMaker = [...this.#kept.values()].flatMap((each) => each.get(toHex(member)) ?? []);
    if (ofMaker.length > KEPT_OF_ONE_MAX) this.#drop(ofMaker[0]!.said);
    const [oldest] = this.#kept.values();
    if (this.#kept.size > KEPT_MAX) for (const { said } of oldest!.values()) this.#drop(said);
  }

  #drop(said: Checkpoint): void {
    const searches = this.#kept.get(toHex(said.unit));
    searches?.delete(toHex(said.member));
    if (searches?.size === 0) this.#kept.delete(toHex(said.unit));
    if (toHex(said.member) !== this.#self) this.#write(() => rm(this.#pathOf(said), { force: true }));
  }

  /** What is not on the disk is fetched again, or run again. */
  #write(work: () => Promise<void>): void {
    this.#disk = this.#disk.then(work).catch(() => undefined);
  }

  #pathOf({ unit, member }: Checkpoint): string {
    return join(this.#deps.folder, `${toHex(unit)}-${toHex(member)}`);
  }

  /** Of an earlier run. */
  async #load(): Promise<void> {
    await mkdir(this.#deps.folder, { recursive: true, mode: 0o700 });
    for (const name of await readdir(this.#deps.folder)) {
      const path = join(this.#deps.folder, name);
      const kept = FILE_NAME.test(name) ? unpacked(await readFile(path)) : undefined;
      const [said] = kept === undefined ? [] : this.#read(kept.signed, name.slice(0, 64));
      const isWhole = said !== undefined && sha256Hex(kept!.state) === toHex(said.blob);
      if (isWhole) this.#put({ ...kept!, said });
      else await rm(path, { force: true });
    }
  }
}

/** Length of what is signed (u32), that, then the state. */
function packed({ signed, state }: Kept): Uint8Array {
  const length = new DataView(new ArrayBuffer(SIGNED_LENGTH_BYTES));
  length.setUint32(0, signed.length);
  return concatBytes([new Uint8Array(length.buffer), signed, state]);
}

function unpacked(bytes: Uint8Array): Pick<Kept, 'signed' | 'state'> | undefined {
  if (bytes.length < SIGNED_LENGTH_BYTES) return undefined;
  const end = SIGNED_LENGTH_BYTES + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  return { signed: bytes.subarray(SIGNED_LENGTH_BYTES, end), state: bytes.subarray(end) };
}

class MemorySink implements ChunkSink {
  bytes = new Uint8Array(0);

  async open({ bytes }: ChunkList): Promise<Set<number>> {
    this.bytes = new Uint8Array(bytes);
    return new Set();
  }

  async write(index: number, bytes: Uint8Array): Promise<void> {
    this.bytes.set(bytes, index * BLOB_CHUNK_BYTES);
  }

  async hash(): Promise<Hex> {
    return sha256Hex(this.bytes);
  }

  async discard(): Promise<void> {
    this.bytes = new Uint8Array(0);
  }
}
