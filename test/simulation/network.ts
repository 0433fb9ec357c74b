// The network between simulated machines, in the shape in which the program knows it: streams with frames, connections
// with a gater, gossip with validators. Messages take time, get lost, come twice or out of order; links are cut, in one
// direction or both; whoever is cut off learns of it late.
import { sha256, utf8 } from '../../src/protocol/bytes.ts';
import { createSigner, peerIdText } from '../../src/protocol/keys.ts';
import { Gossip } from './gossip.ts';
import type { Chance, Process, World } from './time.ts';

export interface Weather {
  latencyMs: number;
  /** Share of gossip that is lost; of frames it stalls the stream. */
  loss: number;
  twice: number;
}

export interface Way {
  from: string;
  to: string;
  /** Of a stream, or the topic of gossip. */
  protocol: string;
}

type Listener = (event: { detail: End }) => void;
type Handler = (stream: SimStream, connection: End) => unknown;

const CALM: Weather = { latencyMs: 5, loss: 0, twice: 0 };
/** A connection that nothing comes through is given up. */
const NOTICE_MS = 20_000;
let ids = 0;

export class Network {
  weather: Weather = CALM;
  /** Bytes of frames that were sent, by protocol. */
  readonly traffic = new Map<string, number>();
  readonly world: World;
  readonly chance: Chance;
  readonly instances = new Map<string, Instance>();
  /** What becomes of a message on its way. */
  carry = (_way: Way, bytes: Uint8Array): Uint8Array => bytes.slice();
  readonly #cut = new Set<string>();
  #connections: Link[] = [];

  constructor(world: World, chance: Chance) {
    this.world = world;
    this.chance = chance;
  }

  calm(): void {
    this.weather = CALM;
    this.#cut.clear();
  }

  /** From now on nothing goes from one machine to the other. Connections between them end before long. */
  cut(from: string, to: string): void {
    this.#cut.add(`${from} ${to}`);
    this.world.after(this.chance.between(1000, NOTICE_MS), () => {
      for (const link of this.#connections) if (!this.isOpen(link)) link.close();
    });
  }

  mend(from: string, to: string): void {
    this.#cut.delete(`${from} ${to}`);
  }

  passes(from: string, to: string): boolean {
    return !this.#cut.has(`${from} ${to}`);
  }

  isOpen({ a, b }: Link): boolean {
    return this.passes(a.instance.host, b.instance.host) && this.passes(b.instance.host, a.instance.host);
  }

  latency(): number {
    return this.weather.latencyMs * this.chance.between(0.5, this.chance.is(0.1) ? 8 : 1.5);
  }

  connect(a: Instance, b: Instance): End {
    const link = new Link(this, a, b);
    this.#connections.push(link);
    return link.a;
  }

  forget(link: Link): void {
    this.#connections = this.#connections.filter((each) => each !== link);
  }

  linksOf(instance: Instance): Link[] {
    return this.#connections.filter(({ a, b }) => a.instance === instance || b.instance === instance);
  }

  /** A process is gone without a word: the others notice when nothing comes any more, or the machine says so. */
  drop(process: Process): void {
    for (const [address, instance] of this.instances) {
      if (instance.process !== process) continue;
      this.instances.delete(address);
      for (const link of this.linksOf(instance))
        this.world.after(this.chance.between(0, NOTICE_MS), () => link.close());
    }
  }
}

/** A libp2p instance, as much of it as the program uses. */
export class Instance {
  readonly network: Network;
  readonly host: string;
  readonly peerId: string;
  readonly process: Process;
  readonly address: string;
  readonly admits: (peerId: string) => boolean;
  readonly handlers = new Map<string, Handler>();
  readonly listeners = new Map<string, Listener[]>();
  readonly services: { pubsub: Gossip };

  constructor(
    network: Network,
    options: { host: string; port: number; seed: Uint8Array; process: Process; admits(peerId: string): boolean },
  ) {
    const { host, port, seed, process, admits } = options;
    this.network = network;
    this.host = host;
    this.process = process;
    this.admits = admits;
    this.peerId = peerIdText(createSigner(seed).publicKey);
    this.address = `/ip4/${host}/tcp/${port}`;
    this.services = { pubsub: new Gossip(this) };
    if (port > 0) network.instances.set(this.address, this);
  }

  async handle(protocol: string, handler: Handler): Promise<void> {
    this.handlers.set(protocol, handler);
  }

  addEventListener(name: string, listener: Listener): void {
    this.listeners.set(name, [...(this.listeners.get(name) ?? []), listener]);
  }

  emit(name: string, detail: End): void {
    if (this.process.ended) return;
    this.network.world.inside(this.process, () => {
      for (const listener of this.listeners.get(name) ?? []) listener({ detail });
    });
  }

  getConnections(peer?: { toString(): string }): End[] {
    const ends = this.network.linksOf(this).map((link) => link.endOf(this));
    return peer === undefined ? ends : ends.filter((end) => end.remotePeer.toString() === peer.toString());
  }

  getMultiaddrs(): string[] {
    return [`${this.address}/p2p/${this.peerId}`];
  }

  /** As the dialler sees it: who refuses lets the connection succeed first. */
  async dial(addresses: readonly string[]): Promise<End> {
    const { network } = this;
    await network.world.delay(network.latency() * 2);
    for (const text of addresses) {
      const [place = '', wanted] = text.split('/p2p/');
      const other = network.instances.get(place);
      if (other === undefined || other === this || other.process.ended) continue;
      if (wanted !== undefined && wanted !== other.peerId) continue;
      if (!(network.passes(this.host, other.host) && network.passes(other.host, this.host))) continue;
      if (!this.admits(other.peerId)) continue;
      const end = network.connect(this, other);
      if (other.admits(this.peerId)) return end;
      network.world.after(network.latency(), () => end.link.close());
      return end;
    }
    throw new Error('nobody there');
  }

  async stop(): Promise<void> {
    this.network.instances.delete(this.address);
    for (const link of this.network.linksOf(this)) link.close();
  }
}

/** Both ends of a connection. */
class Link {
  readonly id: string;
  readonly network: Network;
  readonly a: End;
  readonly b: End;
  open = true;

  constructor(network: Network, a: Instance, b: Instance) {
    ids += 1;
    this.id = String(ids);
    this.network = network;
    this.a = new End(this, a, b, 'outbound');
    this.b = new End(this, b, a, 'inbound');
    network.world.after(network.latency(), () => {
      if (!this.open) return;
      b.emit('connection:open', this.b);
      a.emit('connection:open', this.a);
    });
  }

  endOf(instance: Instance): End {
    return this.a.instance === instance ? this.a : this.b;
  }

  close(): void {
    if (!this.open) return;
    this.open = false;
    this.network.forget(this);
    for (const end of [this.a, this.b]) {
      for (const stream of [...end.pending]) stream.abort(new Error('the connection ended'));
      end.instance.emit('connection:close', end);
    }
  }
}

export class End {
  readonly link: Link;
  readonly instance: Instance;
  readonly remote: Instance;
  readonly direction: 'inbound' | 'outbound';
  readonly rtt = 1;
  readonly pending = new Set<SimStream>();

  constructor(link: Link, instance: Instance, remote: Instance, direction: 'inbound' | 'outbound') {
    this.link = link;
    this.instance = instance;
    this.remote = remote;
    this.direction = direction;
  }

  get id(): string {
    return this.link.id;
  }

  get remotePeer(): { toString(): string } {
    return { toString: () => this.remote.peerId };
  }

  get remoteAddr(): { toString(): string } {
    return { toString: () => this.remote.address };
  }

  get status(): 'open' | 'closed' {
    return this.link.open ? 'open' : 'closed';
  }

  /** Gossip is there as long as the connection is. */
  get streams(): { protocol: string; direction: string; status: string }[] {
    return [{ protocol: '/meshsub/1', direction: 'outbound', status: 'open' }];
  }

  abort(): void {
    this.link.close();
  }

  async newStream(protocol: string): Promise<SimStream> {
    if (!this.link.open) throw new Error('the connection has ended');
    const { network } = this.link;
    const mine = new SimStream(this, protocol);
    const other = this.link.endOf(this.remote);
    const theirs = new SimStream(other, protocol);
    mine.other = theirs;
    theirs.other = mine;
    await network.world.delay(network.latency());
    const handler = this.remote.handlers.get(protocol);
    if (handler === undefined || !this.link.open) throw new Error(`nobody speaks ${protocol}`);
    if (network.isOpen(this.link) && !this.remote.process.ended) {
      network.world.after(0, () => network.world.inside(this.remote.process, () => void handler(theirs, other)));
    }
    return mine;
  }
}

export class SimStream {
  readonly end: End;
  readonly protocol: string;
  other!: SimStream;
  status: 'open' | 'closed' = 'open';
  readonly #arrived: Uint8Array[] = [];
  #waiting: { resolve(bytes: Uint8Array): void; reject(error: Error): void } | undefined;

  constructor(end: End, protocol: string) {
    this.end = end;
    this.protocol = protocol;
    end.pending.add(this);
  }

  read(timeoutMs: number): Promise<Uint8Array> {
    const next = this.#arrived.shift();
    if (next !== undefined) return Promise.resolve(next);
    if (this.status === 'closed') return Promise.reject(new Error('the stream has ended'));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting = undefined;
        reject(new Error(`no answer within ${timeoutMs} ms`));
      }, timeoutMs);
      const done =
        <T>(settle: (value: T) => void) =>
        (value: T): void => {
          this.#waiting = undefined;
          clearTimeout(timer);
          settle(value);
        };
      this.#waiting = { resolve: done(resolve), reject: done(reject) };
    });
  }

  async write(bytes: Uint8Array): Promise<void> {
    const { network } = this.end.link;
    if (this.status === 'closed') throw new Error('the stream has ended');
    const { traffic, chance, weather } = network;
    traffic.set(this.protocol, (traffic.get(this.protocol) ?? 0) + bytes.length);
    const isLost = chance.is(weather.loss / 10) || !network.passes(this.end.instance.host, this.end.remote.host);
    if (isLost) return;
    const way = { from: this.end.instance.host, to: this.end.remote.host, protocol: this.protocol };
    const copy = network.carry(way, bytes);
    network.world.after(network.latency(), () => this.other.arrive(copy));
  }

  arrive(bytes: Uint8Array): void {
    const { process } = this.end.instance;
    if (process.ended || this.status === 'closed') return;
    const { world } = this.end.link.network;
    // Whoever sleeps reads it when it wakes up.
    if (process.sleepsUntil > world.now) world.after(process.sleepsUntil - world.now, () => this.arrive(bytes));
    else if (this.#waiting === undefined) this.#arrived.push(bytes);
    else this.#waiting.resolve(bytes);
  }

  abort(error: Error): void {
    if (this.status === 'closed') return;
    this.status = 'closed';
    this.end.pending.delete(this);
    this.#waiting?.reject(error);
    const { network } = this.end.link;
    network.world.after(network.latency(), () => this.other.abort(new Error('the other side ended the stream')));
  }
}

export const hostOf = (n: number): string => `10.0.0.${n}`;
export const seedOf = (name: string): Uint8Array => sha256(utf8(`machine ${name}`));
