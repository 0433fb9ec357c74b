// What stands where libp2p, its frames, the file of addresses, the engine's checks and walking searches are in the product. product.ts puts
// this module in their place.
import type { Host } from '../../src/node/address-book.ts';
import type { Recheck } from '../../src/node/recheck.ts';
import type { Disk } from './disk.ts';
import { type End, Instance, type Network, type SimStream } from './network.ts';
import { World } from './time.ts';

const disks = new Map<string, Disk>();
let network: Network;

/** One network at a time. */
export function useNetwork(next: Network): void {
  network = next;
  disks.clear();
}

export function putDisk(path: string, disk: Disk): void {
  disks.set(path, disk);
}

function instance(port: number, seed: Uint8Array, admits: (peerId: string) => boolean): Instance {
  const process = World.process;
  if (process === undefined) throw new Error('no process is running');
  return new Instance(network, { host: process.host, process, port, seed, admits });
}

const anybody = (): boolean => true;

export async function startMain(options: { seed: Uint8Array; isMember(peerId: string): boolean }) {
  return { libp2p: instance(22071, options.seed, options.isMember), discovery: undefined };
}

export async function startLobby({ seed }: { seed: Uint8Array }) {
  return { libp2p: instance(22072, seed, anybody), discovery: undefined };
}

export async function restartDiscovery(): Promise<void> {}

export async function startKnocker(seed: Uint8Array): Promise<Instance> {
  return instance(0, seed, anybody);
}

export function dialAddresses(libp2p: Instance, addresses: readonly string[]): Promise<End> {
  return libp2p.dial(addresses);
}

interface Limits {
  bytesMax: number;
  timeoutMs: number;
}

export function framesOf(stream: SimStream, { bytesMax, timeoutMs }: Limits) {
  return {
    async read(): Promise<Uint8Array> {
      const bytes = await stream.read(timeoutMs);
      if (bytes.length > bytesMax) throw new Error('the frame is too large');
      return bytes;
    },
    write: (bytes: Uint8Array) => stream.write(bytes),
    close: async () => undefined,
  };
}

export async function withStream<T>(
  connection: End,
  protocol: string,
  limits: Limits,
  work: (frames: ReturnType<typeof framesOf>) => Promise<T>,
): Promise<T> {
  const stream = await connection.newStream(protocol);
  try {
    return await work(framesOf(stream, limits));
  } finally {
    stream.abort(new Error('done'));
  }
}

export function addressBook({ path }: { path: string }, host: Host | undefined): Record<string, readonly string[]> {
  const known = disks.get(path)?.book ?? {};
  return host === undefined ? known : { ...known, ...host.places, [host.peerId]: host.addresses };
}

export function trustedPeers(
  { directory }: { directory: { path: string } },
  _: unknown,
  host: Host | undefined,
): readonly string[] {
  return host === undefined ? Object.keys(disks.get(directory.path)?.book ?? {}) : [host.peerId];
}

export function keepAddressBook(
  { directory }: { directory: { path: string } },
  mesh: { members(): string[]; keeper: { addressesOf(id: string): string[] } },
): void {
  const save = (): void => {
    const disk = disks.get(directory.path);
    if (disk === undefined) return;
    const places = mesh.members().map((id): [string, string[]] => [id, mesh.keeper.addressesOf(id)]);
    disk.book = { ...disk.book, ...Object.fromEntries(places.filter(([, addresses]) => addresses.length > 0)) };
  };
  save();
  setInterval(save, 30_000);
}

/** Every champion holds. */
export function createRecheck(): Recheck {
  const nothing = async (): Promise<void> => undefined;
  return {
    ...{ request: nothing, stop: nothing, holding: () => [], made: () => 0 },
    get: () => ({ state: 'holds', champions: [] }),
  };
}

/** Nothing is judged. */
export class JobVerdicts {
  lookAt(): void {}
  async stop(): Promise<void> {}
}

/** Nothing is searched that could be gone on with. */
export function createWalk() {
  const nothing = async () => undefined;
  return {
    ...{ publish: () => undefined, find: async () => [], fetch: nothing, refuse: () => undefined },
    ...{ lineageOf: () => undefined, tidy: () => undefined, stop: nothing },
    ...{ list: nothing, chunk: nothing, checkpoints: () => [] },
  };
}
