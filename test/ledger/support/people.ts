// Keys and entries for tests, written without the ledger: honest ones and those that no honest node writes.
import { fromHex, sha256, utf8 } from '../../../src/protocol/bytes.ts';
import { type Entry, NOTHING, signEntry } from '../../../src/protocol/entry.ts';
import { createSigner, type Signer } from '../../../src/protocol/keys.ts';
import type { Admit, Invite, Job, Result } from '../../../src/protocol/kinds.ts';
import type { Role } from '../../../src/protocol/schema.ts';
import { inviteStatement, joinStatement } from '../../../src/protocol/ticket.ts';

const signers = new Map<string, Signer>();

/** The same name always has the same key. */
export function person(name: string): Signer {
  const known = signers.get(name);
  if (known !== undefined) return known;
  const signer = createSigner(sha256(utf8(name)));
  signers.set(name, signer);
  return signer;
}

export const hash = (text: string): Uint8Array => sha256(utf8(text));
export const logId = (text: string): Uint8Array => hash(`log ${text}`).subarray(0, 16);
export const keyOf = (name: string): Uint8Array => person(name).publicKey;
export const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

export function genesisBy(name: string): Entry {
  const first = keyOf(name);
  const data = { name: 'test mesh', root: keyOf('root'), first, firstName: name, salt: hash('salt').subarray(0, 16) };
  return signEntry(
    { mesh: NOTHING, log: logId(`${name}/0`), seq: 0, prev: NOTHING, time: 1, kind: 'genesis', data },
    person(name),
  );
}

/** One entry after `below` in the log `log` of `author`; `below` undefined starts the log. */
export function write(
  mesh: string,
  author: string,
  log: string,
  below: Entry | undefined,
  said: { kind: string; data: unknown; time?: number },
): Entry {
  const draft = {
    mesh: fromHex(mesh),
    log: below === undefined ? logId(`${author}/${log}`) : fromHex(below.log),
    seq: below === undefined ? 0 : below.seq + 1,
    prev: below === undefined ? NOTHING : fromHex(below.id),
    time: said.time ?? 1,
    kind: said.kind,
    data: said.data,
  };
  return signEntry(draft, person(author));
}

/** A log that grows entry by entry. */
export function scribe(mesh: string, author: string, log = '1', start?: Entry) {
  let head = start;
  return (kind: string, data: unknown, time?: number): Entry => {
    head = write(mesh, author, log, head, { kind, data, ...(time === undefined ? {} : { time }) });
    return head;
  };
}

export function invite(mesh: string, issuer: string, ticket: string, role: Role, uses = 1): Invite {
  const proof = person(ticket).sign('invite', inviteStatement(fromHex(mesh), keyOf(issuer)));
  return { key: keyOf(ticket), role, uses, expires: 1, proof };
}

export function admitBy(mesh: string, ticket: string, member: string, role: Role, name = member): Admit {
  const proof = person(ticket).sign('join', joinStatement(fromHex(mesh), keyOf(member), name));
  return { member: keyOf(member), name, role, invite: keyOf(ticket), proof };
}

export function admitPlain(member: string, role: Role, name = member): Admit {
  return { member: keyOf(member), name, role };
}

export function job(changes: Partial<Job> = {}): Job {
  return {
    name: 'job',
    dataset: hash('dataset'),
    market: { symbol: 'BTC', quote: 'USD', barMs: 60_000, sample: true },
    fingerprint: hash('engine'),
    seed: 'seed',
    units: 4,
    search: { generations: 3 },
    validation: { mode: 'replicate', replicas: 2, quorum: 2, most: 4 },
    priority: 5,
    ...changes,
  };
}

const segment = (netProfit: number) => ({
  netProfit,
  return: netProfit / 100,
  sharpe: 1.5,
  maxDrawdown: 0.25,
  trades: 12,
  winRate: 0.5,
  profitFactor: null,
});

export function champion(...profits: [number, number, number]): Result['champions'][number] {
  const [inSample, outOfSample, holdout] = profits.map(segment) as [never, never, never];
  return { strategy: { rules: [] }, inSample, outOfSample, holdout };
}

export function result(jobId: string, index: number, answer: string, changes: Partial<Result> = {}): Result {
  return {
    job: fromHex(jobId),
    index,
    fingerprint: hash('engine'),
    digest: hash(answer),
    seal: hash(`seal ${answer}`),
    champions: [champion(100, 50, 25)],
    trials: { count: 10, meanSharpe: 0.5, varianceSharpe: 0.25 },
    ms: 5,
    backtests: 7,
    ...changes,
  };
}
