// A mesh on virtual time that shares out its units by the product's own scheduler: what each machine sees is what it has
// heard, and it decides with schedule.ts, open-work.ts, presence-book.ts, walk-rules.ts and verdict.ts. Only mining, the
// network and the clock are made up.
import type { JobRecord, State } from '../../src/ledger/derive.ts';
import { countApart, judgeVotes, type Vote } from '../../src/ledger/verdict.ts';
import { findOpenWork, isOpen, type OpenJobUnit } from '../../src/node/open-work.ts';
import { createPresenceBook, type PresenceBook } from '../../src/node/presence-book.ts';
import { chooseUnit, type Peers, shouldYield, windowUnits } from '../../src/node/schedule.ts';
import { Settling } from '../../src/node/settling.ts';
import { isBarred, mayGoOn, type UnitOnHand } from '../../src/node/walk-rules.ts';
import { fromHex, type Hex, sha256Hex, toHex, utf8 } from '../../src/protocol/bytes.ts';
import type { Presence } from '../../src/protocol/messages.ts';
import { chanceOf, Queue } from './clock.ts';
import {
  type Figures,
  jobsOf,
  type Node,
  newMachine,
  type Published,
  type Run,
  type Scenario,
  type Search,
  type Segment,
  type TimedVote,
} from './machine.ts';
import { figuresOf } from './outcome.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const GENERATIONS = 20;
/** Announced pause between two presences; the product says more while it works, which changes nothing here. */
const HEARTBEAT_MS = MINUTE;
const LOOK_MS = 5000;
/** As in the product's session. */
const SETTLE_MS = 2000;
const BEGUN_LOOK_UNITS = 64;

export class Model {
  readonly #scenario: Scenario;
  readonly #queue = new Queue();
  readonly #chance: () => number;
  readonly #nodes: Node[];
  readonly #jobs: ReadonlyMap<Hex, JobRecord>;
  readonly #segments: Segment[] = [];
  readonly #votes = new Map<Hex, TimedVote[]>();
  readonly #published = new Map<Hex, Map<Hex, Published>>();
  #isSplit = false;
  #starts = 0;
  #duplicates = 0;
  #lostMs = 0;
  #lostGenerations = 0;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.#chance = chanceOf(scenario.seed);
    this.#jobs = jobsOf(scenario);
    this.#nodes = Array.from({ length: scenario.peers }, (_, i) => this.#newNode(i));
  }

  run(): Figures {
    const { hours, partition, churn } = this.#scenario;
    for (const node of this.#nodes) {
      this.#queue.at(this.#chance() * (this.#scenario.startMs ?? 10 * MINUTE), () => this.#switchOn(node));
      if (churn !== undefined) this.#queue.at(this.#chance() * churn.on * HOUR, () => this.#switchOff(node));
    }
    if (partition !== undefined) {
      this.#queue.at(partition.from * HOUR, () => {
        this.#isSplit = true;
      });
      this.#queue.at(partition.to * HOUR, () => this.#heal());
    }
    this.#queue.run(hours * HOUR);
    return figuresOf({
      ...{ now: this.#queue.now, nodes: this.#nodes, votes: this.#votes, segments: this.#segments },
      ...{ lostMs: this.#lostMs, lostGenerations: this.#lostGenerations },
      ...{ starts: this.#starts, duplicates: this.#duplicates },
    });
  }

  #newNode(i: number): Node {
    const book = createPresenceBook(() => this.#queue.now);
    // From half to twice the median machine, which takes ten minutes.
    const generationMs = (10 * MINUTE) / 2 ** (2 * this.#chance() - 1) / GENERATIONS;
    const key = sha256Hex(utf8(`node ${this.#scenario.seed} ${i}`));
    return newMachine({ key, side: i % 2, generationMs, book, settling: this.#newSettling(book) });
  }

  #newSettling(presences: PresenceBook): Settling {
    return new Settling({ presences, settleMs: SETTLE_MS, now: () => this.#queue.now });
  }

  #delay(): number {
    return this.#scenario.gossipMs * (0.5 + this.#chance());
  }

  #canHear(a: Node, b: Node): boolean {
    return a.isOn && b.isOn && !(this.#isSplit && a.side !== b.side);
  }

  #newsOf(node: Node, state: Presence['state']): Presence {
    node.n += 1;
    const { run } = node;
    const generation = run === undefined ? 0 : this.#reached(node, run);
    const remaining = Math.round((GENERATIONS - generation) * node.generationMs);
    const place =
      run === undefined ? undefined : { unit: fromHex(run.unit), job: fromHex(run.job.id), index: run.index };
    const claim =
      place === undefined || state === 'asleep' ? null : { ...place, generation, generations: GENERATIONS, remaining };
    const said = { member: fromHex(node.key), boot: new Uint8Array(8), n: node.n, next: HEARTBEAT_MS, state, claim };
    return said as unknown as Presence;
  }

  #tell(node: Node, state: Presence['state'] = node.run === undefined ? 'idle' : 'working'): void {
    const news = this.#newsOf(node, state);
    for (const other of this.#nodes) {
      if (other === node || !this.#canHear(node, other)) continue;
      this.#queue.at(this.#queue.now + this.#delay(), () => this.#hear(other, news));
    }
  }

  #heartbeat(node: Node, turn: number): void {
    if (node.turn !== turn) return;
    const news = this.#newsOf(node, node.run === undefined ? 'idle' : 'working');
    const listeners = this.#nodes.filter((other) => other !== node && this.#canHear(node, other));
    this.#queue.at(this.#queue.now + this.#delay(), () => {
      for (const other of listeners) if (other.isOn) other.book.hear(news);
    });
    this.#queue.at(this.#queue.now + HEARTBEAT_MS, () => this.#heartbeat(node, turn));
  }

  #hear(node: Node, news: Presence): void {
    if (!node.isOn || !node.book.hear(news)) return;
    const { claim } = news;
    if (node.run === undefined) this.#look(node);
    else if (claim !== null && toHex(claim.unit) === node.run.unit) this.#reconsider(node);
  }

  #spread(node: Node, vote: TimedVote): void {
    for (const other of this.#nodes) {
      if (other === node) continue;
      if (!this.#canHear(node, other)) other.missed.push(vote);
      else this.#queue.at(this.#queue.now + this.#delay(), () => this.#receive(other, vote));
    }
  }

  #receive(node: Node, vote: TimedVote): void {
    if (!node.isOn) {
      node.missed.push(vote);
      return;
    }
    this.#count(node, vote);
    if (node.run === undefined) this.#look(node);
    else if (node.run.unit === vote.unit) this.#reconsider(node);
  }

  #count(node: Node, vote: TimedVote): void {
    const { job, index } = vote;
    const before = node.units.get(vote.unit)?.votes ?? [];
    if (before.some(({ entry }) => entry === vote.entry)) return;
    const votes = [...before, vote as unknown as Vote];
    const verdict = judgeVotes(votes, this.#jobs.get(job)!.job.validation);
    node.units.set({ id: vote.unit, job, index, votes, verdict });
  }

  /** Whoever is connected again gets by sync what it missed. */
  #catchUp(node: Node): void {
    for (const vote of node.missed.splice(0)) {
      const giver = this.#nodes.find(({ key }) => key === vote.author)!;
      const isThere = this.#nodes.some(
        (other) =>
          other !== node &&
          this.#canHear(other, node) &&
          other.units.get(vote.unit)?.votes.some(({ entry }) => entry === vote.entry),
      );
      if (isThere || this.#canHear(giver, node))
        this.#queue.at(this.#queue.now + this.#delay(), () => this.#receive(node, vote));
      else node.missed.push(vote);
    }
  }

  #heal(): void {
    this.#isSplit = false;
    for (const node of this.#nodes) {
      if (node.isOn) this.#catchUp(node);
      if (node.isOn) this.#tell(node);
    }
  }

  #switchOn(node: Node): void {
    node.isOn = true;
    node.onSince = this.#queue.now;
    node.settling = this.#newSettling(node.book);
    node.turn += 1;
    this.#heartbeat(node, node.turn);
    for (const other of this.#nodes)
      if (other !== node && this.#canHear(other, node))
        this.#queue.at(this.#queue.now + this.#delay(), () => this.#hearFrom(node, other));
    this.#catchUp(node);
    // It looks when it has heard who is there.
    this.#lookLater(node, 2 * this.#scenario.gossipMs);
    const { churn } = this.#scenario;
    if (churn !== undefined && node.cycles > 0)
      this.#queue.at(this.#queue.now + churn.on * HOUR, () => this.#switchOff(node));
  }

  #hearFrom(node: Node, other: Node): void {
    if (this.#canHear(other, node)) this.#hear(node, this.#newsOf(other, other.run === undefined ? 'idle' : 'working'));
  }

  #switchOff(node: Node): void {
    if (node.isOn) {
      node.cycles += 1;
      const { run } = node;
      if (run !== undefined) this.#interrupt(node, run);
      node.run = undefined;
      if (node.cycles % 2 === 0) this.#tell(node, 'asleep');
      node.isOn = false;
      node.onMs += this.#queue.now - node.onSince;
      node.turn += 1;
      node.waiting = undefined;
    }
    this.#queue.at(this.#queue.now + this.#scenario.churn!.off * HOUR, () => this.#switchOn(node));
  }

  #reached(node: Node, run: Run): number {
    const done = Math.floor((this.#queue.now - run.startedAt) / node.generationMs);
    return Math.min(GENERATIONS, run.from.generation + done);
  }

  /** What is done of whole generations is saved; the rest is lost. */
  #interrupt(node: Node, run: Run): void {
    const generation = this.#reached(node, run);
    const ms = (generation - run.from.generation) * node.generationMs;
    const lostMs = this.#queue.now - run.startedAt - ms;
    this.#lostMs += lostMs;
    this.#lostGenerations = Math.max(this.#lostGenerations, lostMs / node.generationMs);
    if (generation === run.from.generation) return;
    const segment = { unit: run.unit, ms, isUsed: false };
    this.#segments.push(segment);
    const search = { generation, lineage: run.from.lineage, segments: [...run.from.segments, segment] };
    node.saved.set(run.unit, search);
    const published = this.#published.get(run.unit) ?? new Map<Hex, Published>();
    this.#published.set(run.unit, published);
    published.set(node.key, { ...search, member: node.key, side: this.#isSplit ? node.side : -1 });
  }

  #lookLater(node: Node, ms: number): void {
    const at = this.#queue.now + ms;
    if (node.looksAt <= at && node.looksAt > this.#queue.now) return;
    node.looksAt = at;
    this.#queue.at(at, () => {
      if (node.looksAt !== at) return;
      node.looksAt = Number.POSITIVE_INFINITY;
      this.#look(node);
    });
  }

  #stateOf({ units }: Node): State {
    return { jobs: this.#jobs, units } as unknown as State;
  }

  #claims(node: Node): Map<Hex, Hex[]> {
    const byUnit = new Map<Hex, Hex[]>();
    for (const { member, claim } of node.book.claims()) {
      const unit = toHex(claim.unit);
      byUnit.set(unit, [...(byUnit.get(unit) ?? []), member]);
    }
    return byUnit;
  }

  #peers(node: Node): Peers {
    const live = node.book.live();
    const busy = new Set(node.book.claims().map(({ member }) => member));
    const others = [...new Set([...live, ...busy])];
    const silent = node.book.silent().filter((member) => !others.includes(member));
    return { taking: others.length + 1, others, silent, idle: live.filter((member) => !busy.has(member)) };
  }

  #visible(node: Node, unit: Hex): Published[] {
    return [...(this.#published.get(unit)?.values() ?? [])].filter(
      ({ side }) => !this.#isSplit || side === -1 || side === node.side,
    );
  }

  /** A search that others work on rests on what its last claimant took up. */
  #onHand(node: Node, { unit, job }: Pick<OpenJobUnit, 'unit' | 'job'>, claims: Map<Hex, Hex[]>): UnitOnHand {
    const held = (claims.get(unit) ?? []).map((member) => {
      const other = this.#nodes.find(({ key }) => key === member)!;
      return { member, lineage: other.run?.unit === unit ? other.run.from.lineage : [] };
    });
    const votes = node.units.get(unit)?.votes ?? [];
    return { votes, quorum: job.job.validation.quorum, claims: held, atHand: [node.key, ...node.book.live()] };
  }

  /** As the product's work loop. */
  #look(node: Node): void {
    if (!node.isOn || node.run !== undefined) return;
    const settling = node.settling.left();
    if (settling > 0) {
      this.#lookLater(node, settling);
      return;
    }
    const [peers, claims] = [this.#peers(node), this.#claims(node)];
    const work = findOpenWork({
      self: node.key,
      state: this.#stateOf(node),
      claims,
      windowUnits: Math.max(BEGUN_LOOK_UNITS, windowUnits(peers)),
      isBarred: (unit) => isBarred(node.key, this.#onHand(node, unit, claims)),
      obstacle: () => undefined,
    });
    const begun = work.units.find((unit) => node.saved.has(unit.unit) && unit.wanted > unit.claimed.length);
    if (begun !== undefined) {
      this.#start(node, begun, claims);
      return;
    }
    const choice = chooseUnit(node.key, peers, work.units);
    if (choice === undefined) {
      node.waiting = undefined;
      this.#lookLater(node, LOOK_MS);
      return;
    }
    if (node.waiting?.unit !== choice.unit) node.waiting = { unit: choice.unit, since: this.#queue.now };
    const left = node.waiting.since + choice.waitMs - this.#queue.now;
    if (left > 0) this.#lookLater(node, Math.min(left, LOOK_MS));
    else this.#start(node, work.units.find(({ unit }) => unit === choice.unit)!, claims);
  }

  #start(node: Node, open: OpenJobUnit, claims: Map<Hex, Hex[]>): void {
    node.waiting = undefined;
    this.#starts += 1;
    if (this.#isOneTooMany(open)) this.#duplicates += 1;
    const from = this.#choose(node, open, claims);
    node.run = { ...open, from, startedAt: this.#queue.now };
    const { run } = node;
    this.#queue.at(this.#queue.now + (GENERATIONS - from.generation) * node.generationMs, () => {
      if (node.run === run) this.#finish(node, run);
    });
    this.#tell(node);
  }

  /** By what is so, not by what anybody knows. */
  #isOneTooMany({ unit, job }: OpenJobUnit): boolean {
    const votes = this.#votes.get(unit) ?? [];
    const runs = this.#nodes.filter((other) => other.isOn && other.run?.unit === unit);
    return countApart(votes) + runs.length >= job.job.validation.replicas;
  }

  /** The furthest search, its own or another's (S8). */
  #choose(node: Node, open: OpenJobUnit, claims: Map<Hex, Hex[]>): Search {
    const own = node.saved.get(open.unit) ?? { generation: 0, lineage: [], segments: [] };
    const hand = this.#onHand(node, open, claims);
    const others = this.#visible(node, open.unit)
      .filter(({ member }) => member !== node.key)
      .sort((a, b) => b.generation - a.generation);
    for (const found of others) {
      const lineage = [...new Set([...found.lineage, found.member])].filter((member) => member !== node.key);
      if (found.generation > own.generation && mayGoOn(node.key, lineage, hand)) return { ...found, lineage };
    }
    return own;
  }

  #reconsider(node: Node): void {
    const { run } = node;
    if (run === undefined) return;
    const record = node.units.get(run.unit);
    const isDone = record !== undefined && !isOpen(record);
    const wanted = record?.verdict.wanted ?? run.job.job.validation.replicas;
    const voted = record?.votes.map(({ author }) => author) ?? [];
    const claimed = (this.#claims(node).get(run.unit) ?? []).filter((member) => !voted.includes(member));
    const isEarly = this.#reached(node, run) <= run.from.generation + 1;
    const ahead = new Set(node.book.claims().flatMap(({ member, claim }) => (claim.generation > 1 ? [member] : [])));
    if (this.#reached(node, run) > 1) ahead.add(node.key);
    if (!isDone && !(isEarly && shouldYield(node.key, { unit: run.unit, wanted, voted, claimed }, ahead))) return;
    this.#interrupt(node, run);
    if (isDone) node.saved.delete(run.unit);
    node.run = undefined;
    this.#tell(node);
    this.#look(node);
  }

  #finish(node: Node, run: Run): void {
    const segment = { unit: run.unit, ms: this.#queue.now - run.startedAt, isUsed: false };
    this.#segments.push(segment);
    node.saved.delete(run.unit);
    node.run = undefined;
    const vote: TimedVote = {
      ...{ unit: run.unit, job: run.job.id, index: run.index, segments: [...run.from.segments, segment] },
      ...{ entry: sha256Hex(utf8(`${run.unit} ${node.key}`)), author: node.key, time: 0, answer: 'right' },
      ...{ lineage: run.from.lineage, trials: 0 },
    };
    this.#votes.set(run.unit, [...(this.#votes.get(run.unit) ?? []), vote]);
    this.#count(node, vote);
    this.#spread(node, vote);
    this.#look(node);
    if (node.run === undefined) this.#tell(node);
  }
}
