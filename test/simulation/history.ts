// One seed, one history: machines found a mesh, join, work, and meet with everything that can go wrong, while the
// invariants are checked; then all is healed, and they have to agree and to finish their work.
import { isActive } from '../../src/ledger/derive.ts';
import { fromHex } from '../../src/protocol/bytes.ts';
import { cancelSome, remove, sealSome } from './authority.ts';
import { forgetBlocks } from './checker.ts';
import type { Image } from './disk.ts';
import { checkAcknowledged, checkAgreement, checkMachine, type Finding, type RootsBySet } from './invariants.ts';
import { Machine, type Product } from './machine.ts';
import { Network, type Weather } from './network.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import { fork, sayFromTheFuture, tellStories } from './rogue.ts';
import { useNetwork } from './standins.ts';
import { Chance, World } from './time.ts';

const FAULTS_MS = 6 * 60_000;
const LOOK_MS = 45_000;
const AGREE_MS = 5 * 60_000;
/** As long as a lid may be closed, and some more. */
const STOP_MS = 4 * 60_000;
const FINISH_MS = 20 * 60_000;
const HOUR_MS = 3_600_000;
const TEN_YEARS_MS = 10 * 365 * 24 * HOUR_MS;

export class History {
  readonly world = new World();
  readonly network: Network;
  readonly chance: Chance;
  readonly machines: Machine[] = [];
  readonly findings: Finding[] = [];
  readonly story: string[] = [];
  /** Authors that may have forked: on purpose, or because the image of a whole machine was put back. */
  readonly mayFork = new Set<string>();
  readonly #product: Product;
  readonly #roots: RootsBySet = new Map();
  readonly #images = new Map<Machine, Image>();
  readonly #clones: Machine[] = [];
  /** Who left, or whom somebody tried to remove. */
  readonly #doomed = new Set<Machine>();
  readonly #pending = new Set<Promise<unknown>>();
  mesh = '';

  constructor(product: Product, seed: number) {
    this.#product = product;
    this.chance = new Chance(seed);
    this.network = new Network(this.world, this.chance.fork());
    useNetwork(this.network);
    forgetBlocks();
  }

  tell(what: string): void {
    this.story.push(`${(this.world.now / 1000).toFixed(1)} s: ${what}`);
  }

  add(name: string, seed?: Uint8Array): Machine {
    const around = { product: this.#product, network: this.network, chance: this.chance };
    const machine = new Machine(around, this.machines.length + this.#clones.length + 1, name, seed);
    this.tell(`${name} is ${machine.host}, ${machine.key.slice(0, 8)}`);
    return machine;
  }

  /** Waits for what somebody does, in virtual time; a process that ends in the middle leaves it undone. */
  async wait<T>(work: Promise<T>, ms = 60_000): Promise<T | undefined> {
    let result: T | undefined;
    let done = false;
    const ending = work.then(
      (value) => {
        result = value;
        done = true;
      },
      (error: Error) => {
        this.tell(`failed: ${error.message}`);
        done = true;
      },
    );
    this.#pending.add(ending);
    for (const end = this.world.now + ms; !done && this.world.now < end; ) await this.world.run(100);
    return result;
  }

  async found(names: readonly string[]): Promise<Machine[]> {
    const first = this.add(names[0]!);
    this.machines.push(first);
    this.mesh = (await this.wait(first.found()))!;
    await this.wait(this.start(first));
    const ticket = await this.wait(first.invite(50));
    for (const name of names.slice(1)) await this.join(name, ticket!);
    return this.machines;
  }

  async join(name: string, ticket: string): Promise<Machine | undefined> {
    const machine = this.add(name);
    await this.wait(machine.join(ticket));
    if (!machine.isUp) return undefined;
    this.machines.push(machine);
    this.#watch(machine);
    return machine;
  }

  async start(machine: Machine): Promise<void> {
    // One process a disk, as the lock has it.
    if (machine.process !== undefined) return;
    await machine.start();
    this.#watch(machine);
    if (machine.isUp) this.findings.push(...checkAcknowledged(machine));
  }

  /** From now on what is acknowledged on it is remembered. */
  #watch(machine: Machine): void {
    const ledger = machine.session?.ledger;
    if (ledger === undefined) return;
    const append = ledger.append.bind(ledger);
    ledger.append = async (kind, data) => {
      const entry = await append(kind, data);
      machine.acknowledged.push(entry);
      return entry;
    };
  }

  look(): void {
    for (const machine of this.machines) this.findings.push(...checkMachine(machine, this.#roots));
  }

  async restart(machine: Machine): Promise<void> {
    if (!machine.isUp) await this.wait(this.start(machine));
  }

  keepImage(machine: Machine): void {
    this.#images.set(machine, machine.disk.image());
  }

  /** Puts a disk back to what it was; `copied` as files do it, otherwise as the image of a whole machine. */
  async restore(machine: Machine, copied: boolean): Promise<void> {
    const image = this.#images.get(machine);
    if (image === undefined) return;
    machine.crash();
    machine.disk.restore(image, copied);
    const held = new Set([...image.files.values()].map((block) => Buffer.from(block).toString('hex')));
    machine.acknowledged = machine.acknowledged.filter(({ block }) => held.has(Buffer.from(block).toString('hex')));
    if (!copied) this.mayFork.add(machine.key);
    await this.restart(machine);
  }

  async clone(machine: Machine): Promise<void> {
    const twin = this.add(machine.name, machine.seed);
    twin.disk.restore(machine.disk.image(), true);
    this.#clones.push(twin);
    await this.wait(twin.start());
  }

  /** Nothing is wrong any more. Resolves to how long it took until all agreed, or undefined. */
  async heal(): Promise<number | undefined> {
    this.tell('healed');
    this.network.calm();
    for (const clone of this.#clones) clone.crash();
    for (const machine of this.machines) {
      machine.disk.isFull = false;
      if (machine.process !== undefined) machine.process.sleepsUntil = 0;
      machine.lies = false;
    }
    for (const machine of this.machines) {
      await this.#letStop(machine);
      await this.restart(machine);
    }
    const since = this.world.now;
    while (this.world.now < since + AGREE_MS) {
      await this.world.run(5000);
      if (
        checkAgreement(this.machines, this.mayFork).every(({ invariant }) => invariant !== 'I7' && invariant !== 'I5')
      ) {
        return this.world.now - since;
      }
    }
    return undefined;
  }

  /** What was told to stop, perhaps with its lid closed, ends before long. */
  async #letStop(machine: Machine): Promise<void> {
    const isStopping = (): boolean => machine.process !== undefined && machine.session === undefined;
    for (const end = this.world.now + STOP_MS; isStopping() && this.world.now < end; ) await this.world.run(1000);
    if (!isStopping()) return;
    this.findings.push({ invariant: 'liveness', machine: machine.name, what: 'it neither starts nor stops' });
    machine.crash();
  }

  /** It keeps going by itself: all that is not stopped is decided before long. */
  async finish(): Promise<void> {
    const { ledger } = this.machines[0]!.session!;
    const open = (): string[] =>
      [...ledger.state().jobs.values()].flatMap(({ id, action, job }) => {
        if (action === 'pause' || action === 'stop') return [];
        const units = [...ledger.state().units.values()].filter((unit) => unit.job === id);
        // Where all that are left have voted, and each says something else, there is nobody who could decide it.
        const ended = units.filter(({ verdict, votes }) => verdict.wanted === 0 || !this.#mayVote(votes));
        return ended.length === job.units ? [] : [id];
      });
    for (const end = this.world.now + FINISH_MS; open().length > 0 && this.world.now < end; )
      await this.world.run(30_000);
    for (const id of open())
      this.findings.push({ invariant: 'liveness', machine: '', what: `job ${id} is not decided` });
  }

  #mayVote(votes: readonly { author: string }[]): boolean {
    const state = this.machines[0]!.session!.ledger.state();
    const isLeft = ({ key }: Machine): boolean => isActive(state, key) && !votes.some(({ author }) => author === key);
    return this.machines.some(isLeft);
  }

  async faults(ms: number): Promise<void> {
    let look = this.world.now + LOOK_MS;
    for (const end = this.world.now + ms; this.world.now < end; ) {
      await this.world.run(this.chance.between(1000, 15_000));
      await this.#somethingHappens();
      if (this.world.now < look) continue;
      this.look();
      look = this.world.now + LOOK_MS;
    }
  }

  async #somethingHappens(): Promise<void> {
    const { chance } = this;
    const machine = chance.of(this.machines);
    const [name, happen] = chance.of(this.#happenings(machine, chance.of(this.machines)));
    this.tell(`${name} ${machine.name}`);
    await happen();
  }

  #happenings(machine: Machine, other: Machine): [string, () => unknown][] {
    const { chance, network, world } = this;
    const later = (low: number, high: number, run: () => unknown): void =>
      world.after(chance.between(low, high), () => void run());
    const cutBoth = (): void => {
      for (const [a, b] of [
        [machine, other],
        [other, machine],
      ] as const)
        network.cut(a.host, b.host);
      later(10_000, 200_000, () => {
        network.mend(machine.host, other.host);
        network.mend(other.host, machine.host);
      });
    };
    const startLater = (low: number, high: number): void =>
      later(low, high, () => this.start(machine).catch(() => undefined));
    const oneWay = (): void => {
      network.cut(machine.host, other.host);
      later(10_000, 120_000, () => network.mend(machine.host, other.host));
    };
    const crash = (): void => {
      machine.crash();
      startLater(1000, 90_000);
    };
    const stop = (): unknown => {
      startLater(6000, 60_000);
      return this.wait(machine.stop(), 5000);
    };
    const fill = (): void => {
      machine.disk.isFull = true;
      later(5000, 60_000, () => {
        machine.disk.isFull = false;
      });
    };
    const setWeather = (weather: Weather) => (): void => {
      network.weather = weather;
    };
    const rogue = this.machines.at(-1)!;
    const authority: [string, () => unknown][] = [
      ['a removal of', () => this.#remove(chance.of([this.machines[0]!, other]), machine)],
      ['a seal on a log of', () => this.#seal(chance.of([this.machines[0]!, other]), machine)],
      ['a leave of', () => this.#leave(machine)],
      ['a ticket taken back at', () => this.wait(cancelSome(this, machine), 3000)],
    ];
    const work: [string, () => unknown][] = [
      ['a job by', () => this.wait(machine.createJob({ units: 1 + chance.whole(3) }), 3000)],
      ['a job steered by', () => this.wait(Promise.all([this.#steer(machine), this.#steer(other)]), 3000)],
      ['an entry from the future by', () => this.wait(sayFromTheFuture(this, machine), 3000)],
      ['a newcomer at', () => this.#newcomer(machine)],
    ];
    const weather: [string, () => unknown][] = [
      ['a cut at', cutBoth],
      ['a one-way link from', oneWay],
      ['a half without', () => this.#halve()],
      ['bad weather', setWeather({ latencyMs: chance.between(5, 3000), loss: chance.between(0, 0.5), twice: 0.1 })],
      ['good weather', setWeather({ latencyMs: 5, loss: 0.02, twice: 0.02 })],
    ];
    const troubles: [string, () => unknown][] = [
      ['a crash of', crash],
      ['a crash of', crash],
      ['a stop of', stop],
      ['a closed lid of', () => machine.sleep(chance.between(5000, 150_000))],
      ['a full disk of', fill],
      ['another clock of', () => Object.assign(machine, { skew: chance.of([-HOUR_MS, HOUR_MS, TEN_YEARS_MS, 0]) })],
      ['an image of', () => this.keepImage(machine)],
      ['an image put back on', () => this.restore(machine, false)],
      ['files put back on', () => this.restore(machine, true)],
      ['a copy that runs beside', () => this.clone(machine)],
      ['lies of', () => Object.assign(rogue, { lies: chance.is(0.7) })],
      ['different stories by', () => this.wait(tellStories(this, rogue), 3000)],
      ['a fork by', () => this.wait(fork(this, rogue), 3000)],
    ];
    return [...work, ...work, ...weather, ...troubles, ...authority, ...authority];
  }

  async #steer(machine: Machine): Promise<unknown> {
    const jobs = [...(machine.session?.ledger.state().jobs.values() ?? [])];
    if (jobs.length === 0) return undefined;
    const job = this.chance.of(jobs);
    const action = this.chance.of(['pause', 'resume', 'resume', 'stop'] as const);
    return machine.append('control', { job: fromHex(job.id), action, turn: job.turn + 1 });
  }

  async #remove(by: Machine, machine: Machine): Promise<unknown> {
    if (!this.#mayGo(machine)) return undefined;
    return this.wait(remove(by, machine, this.chance.is(0.5) ? this.chance.between(0, 1) : 1), 3000);
  }

  async #leave(machine: Machine): Promise<unknown> {
    return this.#mayGo(machine) ? this.wait(machine.append('leave', {}), 3000) : undefined;
  }

  /** As long as enough are left to decide something. */
  #mayGo(machine: Machine): boolean {
    const { session } = this.machines[0]!;
    if (session === undefined || machine === this.machines[0]) return false;
    const state = session.ledger.state();
    // Whom others let in goes with them, where they are cut off before.
    const isSafe = ({ key }: Machine): boolean =>
      isActive(state, key) && [undefined, '', this.machines[0]!.key].includes(state.members.get(key)?.parent);
    const left = this.machines.filter((each) => isSafe(each) && !this.#doomed.has(each) && each !== machine);
    if (left.length < 3) return false;
    this.#doomed.add(machine);
    return true;
  }

  async #seal(by: Machine, machine: Machine): Promise<unknown> {
    return machine === this.machines[0] ? undefined : this.wait(sealSome(this, by, machine), 3000);
  }

  async #newcomer(host: Machine): Promise<void> {
    if (this.machines.length >= 7) return;
    const ticket = await this.wait(host.invite(1, this.chance.is(0.5) ? 'admin' : 'member'), 3000);
    if (ticket !== undefined) await this.join(`newcomer ${this.machines.length}`, ticket);
  }

  #halve(): void {
    const inside = new Set(this.machines.filter(() => this.chance.is(0.5)));
    const pairs = this.machines.flatMap((a) => this.machines.map((b) => [a, b] as const));
    const apart = pairs.filter(([a, b]) => inside.has(a) !== inside.has(b));
    for (const [a, b] of apart) this.network.cut(a.host, b.host);
    this.world.after(this.chance.between(20_000, 240_000), () => {
      for (const [a, b] of apart) this.network.mend(a.host, b.host);
    });
  }

  end(): void {
    for (const machine of [...this.machines, ...this.#clones]) machine.crash();
  }
}

/** A history that goes as `script` has it. */
export async function play<T>(product: Product, seed: number, script: (history: History) => Promise<T>): Promise<T> {
  const history = new History(product, seed);
  const restore = history.world.takeOver();
  try {
    return await script(history);
  } finally {
    history.end();
    restore();
  }
}

/** A whole history of chance. */
export function live(product: Product, seed: number): Promise<Outcome> {
  return play(product, seed, async (history) => {
    await history.found(['ada', 'bob', 'cy', 'dee'].slice(0, 3 + (seed % 2)));
    await history.faults(FAULTS_MS);
    const agreedAfterMs = await history.heal();
    history.look();
    history.findings.push(...checkAgreement(history.machines, history.mayFork));
    if (agreedAfterMs !== undefined) await history.finish();
    return outcomeOf(history, seed, agreedAfterMs ?? Number.NaN);
  });
}
