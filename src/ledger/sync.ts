// Anti-entropy: how two nodes make their sets of entries equal. Here is what is asked and answered; who carries the
// frames is `node`'s business. One request at a time, one bounded page a reply, so a slow reader is never flooded.
import { equalBytes, toHex } from '../protocol/bytes.ts';
import { FRONTIER_LOGS_MAX } from '../protocol/limits.ts';
import type { FrontierLog, SyncReply, SyncRequest } from '../protocol/messages.ts';
import { isAuthor } from './derive.ts';
import type { Ingested, Ledger, Taken } from './ledger.ts';
import { isWhole, type Log, logKey } from './log.ts';

/** The peer sent what no honest node sends. `code`: bad_entries. */
class SyncFaultError extends Error {
  override readonly name = 'SyncFaultError';
  readonly code = 'bad_entries';
}

/** No honest frontier is longer: more is a peer that wants to keep us busy. */
const FRONTIER_PAGES_MAX = 200;

export type Ask = (request: SyncRequest) => Promise<SyncReply>;

export function answerSync(ledger: Ledger, request: SyncRequest): SyncReply {
  switch (request.ask) {
    case 'frontier': {
      const digest = ledger.frontierDigest();
      const isEqual = equalBytes(digest, request.digest);
      return { is: 'frontier', digest, logs: isEqual ? [] : ledger.frontier(request.after) };
    }
    case 'entries':
      return { is: 'entries', blocks: ledger.page(toHex(request.author), toHex(request.log), request.from) };
    case 'fork':
      return { is: 'entries', blocks: ledger.forkProof(toHex(request.author), toHex(request.log)) };
  }
}

/**
 * Pulls what the peer holds and we do not. The peer pulls from us in its own turn. Only members' logs are pulled; who
 * becomes a member by what came in is next, until nothing more comes. Resolves to the number of entries that came in;
 * throws SyncFaultError when the peer's entries do not hold, and whatever `ask` throws.
 */
export async function pullFrom(ledger: Ledger, ask: Ask): Promise<number> {
  const mine = ledger.frontierDigest();
  const remote = await askFrontier(ask, mine);
  let pulled = 0;
  let left = highestFirst(ledger, remote ?? []);
  for (let grew = true; grew; ) {
    const passed: FrontierLog[] = [];
    const before = pulled;
    for (const log of left) {
      const isKept = (): boolean => isAuthor(ledger.state(), toHex(log.author));
      if (isKept()) pulled += await pullLog(ledger, log, ask);
      // What came in may have let it in, or shut it out.
      if (!isKept()) passed.push(log);
    }
    grew = pulled > before && passed.length > 0;
    left = passed;
  }
  ledger.compared(remote);
  return pulled;
}

/** Who decides about members comes first, so that what they removed is not asked for. */
function highestFirst(ledger: Ledger, logs: readonly FrontierLog[]): FrontierLog[] {
  const { members } = ledger.state();
  const rank = ({ author }: FrontierLog): number => {
    const role = members.get(toHex(author))?.role;
    return role === undefined || role === 'admin' ? 0 : 1;
  };
  return [...logs].sort((a, b) => rank(a) - rank(b));
}

/** All pages of the peer's frontier; undefined when it is equal to ours. */
async function askFrontier(ask: Ask, digest: Uint8Array): Promise<FrontierLog[] | undefined> {
  const logs: FrontierLog[] = [];
  let before = '';
  for (let pages = 0; pages < FRONTIER_PAGES_MAX; pages += 1) {
    const last = logs.at(-1);
    const after = last === undefined ? {} : { after: { author: last.author, log: last.log } };
    const reply = await ask({ ask: 'frontier', digest, ...after });
    if (reply.is !== 'frontier') throw new SyncFaultError('asked for a frontier, got entries');
    if (pages === 0 && equalBytes(reply.digest, digest)) return undefined;
    for (const log of reply.logs) {
      const key = logKey(toHex(log.author), toHex(log.log));
      if (key <= before) throw new SyncFaultError('the logs of a frontier are not in order');
      before = key;
      logs.push(log);
    }
    if (reply.logs.length < FRONTIER_LOGS_MAX) return logs;
  }
  throw new SyncFaultError('a frontier does not end');
}

async function pullLog(ledger: Ledger, remote: FrontierLog, ask: Ask): Promise<number> {
  const held = (): Readonly<Log> | undefined => ledger.log(toHex(remote.author), toHex(remote.log));
  const from = firstUnknown(held(), remote);
  let pulled = from === undefined ? 0 : await pullEntries(ledger, remote, from, ask);
  const broken = held();
  if (broken !== undefined && isWanted(broken, remote)) pulled += await pullPinned(ledger, broken, remote, ask);
  const log = held();
  const isSettled = log?.fork !== undefined && log.fork.seq <= remote.count;
  if (!remote.frozen || isSettled || (log?.pin !== undefined && isWhole(log))) return pulled;
  return pulled + (await pullFork(ledger, remote, ask));
}

/**
 * Where to start reading: at our end, or from the beginning where the peer's log is another history than ours. What
 * lies beyond our own fork counts for nobody; if its history differs from ours below, the peer finds that out. Where a
 * pin has settled which history counts, nothing is read but that one.
 */
function firstUnknown(local: Readonly<Log> | undefined, remote: FrontierLog): number | undefined {
  if (remote.count === 0) return undefined;
  if (local === undefined) return 0;
  const ours = local.entries.length;
  const isKnown = local.entries.at(remote.count - 1)?.id === toHex(remote.head);
  if (isKnown || (local.pin !== undefined && (isWhole(local) || ours >= local.pin.count))) return undefined;
  if (remote.count > ours) return local.fork === undefined ? ours : undefined;
  return 0;
}

/** Whether the peer holds the history that our pin asks for, and we hold another one. */
function isWanted(local: Readonly<Log>, remote: FrontierLog): boolean {
  const { pin, fork, entries } = local;
  if (pin === undefined || isWhole(local) || remote.frozen) return false;
  if (fork === undefined && entries.length < pin.count) return false;
  return remote.count === pin.count && toHex(remote.head) === pin.head;
}

/** From the place where our history forked, and from the beginning where theirs parts from it further down. */
async function pullPinned(ledger: Ledger, log: Readonly<Log>, remote: FrontierLog, ask: Ask): Promise<number> {
  for (const from of new Set([log.fork?.seq ?? 0, 0])) {
    const blocks = await askRange(remote, from, ask);
    if (await ledger.restore(log.author, log.log, from, blocks)) return blocks.length;
  }
  return 0;
}

/** None where the peer has learnt better since it told its frontier. */
async function askRange({ author, log, count }: FrontierLog, from: number, ask: Ask): Promise<Uint8Array[]> {
  const blocks: Uint8Array[] = [];
  while (from + blocks.length < count) {
    const page = await askEntries(ask, { ask: 'entries', author, log, from: from + blocks.length });
    if (page.length === 0) return [];
    blocks.push(...page);
  }
  return blocks;
}

/** Nothing more of this log is for us: it forked, is too long, its author is no member, or we are too old for it. */
const ENDS: ReadonlySet<Taken> = new Set<Ingested>(['fork', 'frozen', 'cut', 'quota', 'stranger', 'newer']);

/** Ends because every page brings `from` further, by entries that their author chained and signed, and goes back once. */
async function pullEntries(ledger: Ledger, remote: FrontierLog, start: number, ask: Ask): Promise<number> {
  const pages = new Pages(remote, start, ask);
  let mayGoBack = start > 0;
  let pulled = 0;
  try {
    while (pages.from < remote.count) {
      const { from } = pages;
      const blocks = await pages.next();
      if (blocks.length === 0) return pulled;
      const answers = await takeHonest(ledger, remote, { from, isProof: false }, blocks);
      pulled += answers.filter((answer) => answer === 'stored').length;
      if (answers.some((answer) => ENDS.has(answer))) return pulled;
      if (answers[0] === 'diverged' && mayGoBack) {
        mayGoBack = false;
        await pages.goBack();
      } else if (answers.includes('diverged') || answers.includes('gap')) {
        throw new SyncFaultError('the entries of a page do not follow each other');
      }
    }
  } finally {
    await pages.end();
  }
  const log = ledger.log(toHex(remote.author), toHex(remote.log));
  if (
    log?.fork === undefined &&
    log?.pin === undefined &&
    log?.entries.at(remote.count - 1)?.id !== toHex(remote.head)
  ) {
    throw new SyncFaultError('a log does not lead to the head that the frontier names');
  }
  return pulled;
}

/** The pages of a log. Once the first one was good, the next is asked for while the last one is being taken in. */
class Pages {
  from: number;
  readonly #remote: FrontierLog;
  readonly #ask: Ask;
  #ahead: Promise<Uint8Array[]> | undefined;
  #isFirst = true;

  constructor(remote: FrontierLog, from: number, ask: Ask) {
    this.#remote = remote;
    this.#ask = ask;
    this.from = from;
  }

  async next(): Promise<Uint8Array[]> {
    const page = await (this.#ahead ?? this.#request());
    this.#ahead = undefined;
    this.from += page.length;
    if (!this.#isFirst && page.length > 0 && this.from < this.#remote.count) {
      this.#ahead = this.#request();
      // Whoever waits for it hears of it.
      this.#ahead.catch(() => undefined);
    }
    this.#isFirst = false;
    return page;
  }

  async goBack(): Promise<void> {
    await this.end();
    this.from = 0;
    this.#isFirst = true;
  }

  /** What was asked for must be answered before anything else can be asked. */
  async end(): Promise<void> {
    await this.#ahead?.catch(() => undefined);
    this.#ahead = undefined;
  }

  #request(): Promise<Uint8Array[]> {
    const { author, log } = this.#remote;
    return askEntries(this.#ask, { ask: 'entries', author, log, from: this.from });
  }
}

async function pullFork(ledger: Ledger, remote: FrontierLog, ask: Ask): Promise<number> {
  const proof = await askEntries(ask, { ask: 'fork', author: remote.author, log: remote.log });
  // The peer may have learnt of a lower fork since it told its frontier.
  const answers = await takeHonest(ledger, remote, { from: remote.count, isProof: true }, proof);
  return answers.filter((answer) => answer === 'stored' || answer === 'fork').length;
}

async function askEntries(ask: Ask, request: SyncRequest): Promise<Uint8Array[]> {
  const reply = await ask(request);
  if (reply.is !== 'entries') throw new SyncFaultError('asked for entries, got a frontier');
  return reply.blocks;
}

/** What was asked for, and nothing else: otherwise a peer could keep us busy with entries that lead nowhere. */
async function takeHonest(
  ledger: Ledger,
  { author, log }: FrontierLog,
  place: { from: number; isProof: boolean },
  blocks: readonly Uint8Array[],
): Promise<Taken[]> {
  const answers = await ledger.take({ author: toHex(author), log: toHex(log), ...place }, blocks);
  const bad = answers.find((answer) => FAULTS.has(answer));
  if (bad !== undefined) throw new SyncFaultError(`the peer sent an entry that is ${bad}`);
  return answers;
}

const FAULTS: ReadonlySet<Taken> = new Set<Taken>(['misplaced', 'malformed', 'forged', 'wrong_mesh']);
