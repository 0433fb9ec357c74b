import { isActive, type State } from '../ledger/derive.ts';
import { type Change, type Ledger, openLedger } from '../ledger/ledger.ts';
import type { Store } from '../ledger/store.ts';
import type { UnitRecord } from '../ledger/units.ts';
import type { Vote } from '../ledger/verdict.ts';
import { fromHex, type Hex, toHex } from '../protocol/bytes.ts';
import type { Entry } from '../protocol/entry.ts';
import type { Signer } from '../protocol/keys.ts';
import { KINDS } from '../protocol/kinds.ts';
import { WIRE } from '../protocol/messages.ts';
import { addressBook, type Host, keepAddressBook, trustedPeers } from './address-book.ts';
import { AnswerChecks } from './answer-checks.ts';
import type { Place } from './bootstrap-dialler.ts';
import type { CandleCache } from './candle-cache.ts';
import type { Config } from './config.ts';
import type { DataDirectory } from './data-directory.ts';
import type { Events } from './events.ts';
import type { Admission } from './join.ts';
import { createLobby, genesisOf, type Lobby, placesOfMembers } from './lobby.ts';
import { Mesh } from './mesh.ts';
import { whyOut } from './open-work.ts';
import { ownNews } from './own-news.ts';
import { Pairing } from './pairing.ts';
import type { Pool } from './pool.ts';
import { findPort } from './ports.ts';
import type { Decision } from './power/decide.ts';
import { type Check, createRecheck, type Recheck } from './recheck.ts';
import { createScope, type Scope } from './scope.ts';
import { meshEvents, workEvents } from './session-events.ts';
import { startTravel, type Travel } from './travel.ts';
import { JobVerdicts } from './verdicts/job-verdicts.ts';
import type { Judge } from './verdicts/judge-thread.ts';
import { VERSION } from './version.ts';
import { isClaimable, nameOf, type World } from './views.ts';
import { type WorkDeps, WorkLoop } from './work-loop.ts';

export interface SessionDeps {
  directory: DataDirectory;
  config: Config;
  seed: Uint8Array;
  signer: Signer;
  store: Store;
  pool: Pool;
  data: CandleCache;
  /** Hex SHA-256 of the engine's self-test. */
  fingerprint: Hex;
  events: Events;
  mine: WorkDeps['mine'];
  judge: Judge;
  backtestsPerSecond(): number | null;
  /** What owner and machine allow at the moment. */
  allowance(): Decision;
  /** The machine is about to sleep. */
  isAsleep(): boolean;
  now(): number;
  monotonic(): number;
  random(): number;
  randomBytes(length: number): Uint8Array;
  /** How many entries of a ledger have been read whose index is being made anew. */
  onReading?(entries: number): void;
  /** Since the machine was started, its sleep included, ms. */
  uptime(): number;
  interfaces(): string;
}

export interface SessionOptions {
  /** Where members may be: of bootstrap.json, and of the tailnet. The same list as long as nothing in it changes. */
  places(): readonly Place[];
  /** Member that let this node in and its addresses: trusted before the ledger has told of it. */
  host: Host | undefined;
  /** Leaves this mesh for the one that has let this machine in. Never rejects. */
  goTo(admission: Admission, words: string): Promise<void>;
}

export interface Session {
  ledger: Ledger;
  mesh: Mesh;
  lobby: Lobby;
  pairing: Pairing;
  work: WorkLoop;
  recheck: Recheck;
  verdicts: JobVerdicts;
  travel: Travel;
  /** When the ledger last changed here, monotonic ms. */
  changedAt: number;
  world(): World;
  /** Candles came to this machine: what waited for them goes on. */
  dataArrived(): void;
  close(): Promise<void>;
}

/** Who is at hand has said within this time what it does. */
const SETTLE_MS = 2000;
/** More at once are a node that catches up: what rests on the ledger follows when no more come for a while. */
const BULK_ENTRIES = 16;
const BULK_SETTLE_MS = 100;

export async function startSession(deps: SessionDeps, options: SessionOptions): Promise<Session> {
  const scope = createScope();
  try {
    return await openSession(deps, options, scope);
  } catch (error) {
    await scope.close();
    throw error;
  }
}

async function openSession(deps: SessionDeps, options: SessionOptions, scope: Scope): Promise<Session> {
  const ledger = await openLedger(deps);
  scope.onClose(() => ledger.close());
  tellDamage(deps, ledger);
  const parts: Partial<Session> = { ledger };
  const mesh = await joinNetwork(deps, options, ledger, parts, scope);
  parts.mesh = mesh;
  const travel = await startTravel(
    deps,
    { ledger, mesh, scope },
    { changed: () => parts.work?.nudge(), arrived: () => parts.dataArrived?.() },
  );
  const onFailure = ({ message }: Error): void =>
    deps.events.problem('check_failed', `An answer could not be checked: ${message}`);
  const recheck = createRecheck({
    candles: travel.candles,
    onChecked: (unit, vote, check) => tellCheck(deps, session, unit, vote, check),
    onFailure,
  });
  scope.onClose(() => recheck.stop());
  const verdicts = new JobVerdicts({ ...deps, ledger, candles: travel.candles });
  scope.onClose(() => verdicts.stop());
  const door = await openDoor(deps, options, ledger, mesh);
  parts.lobby = door.lobby;
  scope.onClose(() => door.lobby.stop());
  const work = startWork(deps, { ledger, mesh, travel }, parts);
  scope.onClose(() => work.stop());
  const session: Session = Object.assign(parts, {
    ledger,
    mesh,
    ...door,
    work,
    recheck,
    verdicts,
    travel,
    changedAt: deps.monotonic(),
    world: () => worldOf(deps, session),
    dataArrived() {
      answers.lookAtAll().catch(onFailure);
      work.nudge();
    },
    close: () => scope.close(),
  });
  const answers = new AnswerChecks({ ledger, recheck, hasCandles: deps.data.has, events: deps.events });
  scope.onClose(() => answers.stop());
  let following: NodeJS.Timeout | undefined;
  scope.onClose(() => clearTimeout(following));
  const onChange = (change: Change): void => {
    onLedgerChange(deps, session, change);
    answers.lookAt(change.units);
    verdicts.lookAt(change.units);
    clearTimeout(following);
    if (change.entries.length <= BULK_ENTRIES) follow(session);
    else following = setTimeout(() => follow(session), BULK_SETTLE_MS);
  };
  scope.onClose(ledger.onChange(onChange));
  keepAddressBook(deps, mesh, scope);
  answers.lookAtAll().catch(onFailure);
  travel.data.look();
  tellStanding(deps, session);
  await door.lobby.update();
  return session;
}

function startWork(
  deps: SessionDeps,
  { ledger, mesh, travel }: Pick<Session, 'ledger' | 'mesh' | 'travel'>,
  parts: Partial<Session>,
): WorkLoop {
  return new WorkLoop({
    publicKey: deps.signer.publicKey,
    ledger,
    presences: mesh.presences,
    pool: deps.pool,
    fingerprint: deps.fingerprint,
    checkpoints: deps.directory.checkpoints,
    allowance: deps.allowance,
    candles: travel.candles,
    hasCandles: deps.data.has,
    missing: (dataset) => travel.data.missing(dataset),
    walk: travel.walk,
    settleMs: SETTLE_MS,
    mine: deps.mine,
    now: deps.monotonic,
    events: workEvents(deps, parts),
  });
}

/** What is gone from the disk comes back from the other members, as far as they hold it. */
function tellDamage({ events }: SessionDeps, { damage }: Ledger): void {
  if (damage.length === 0) return;
  const what = `The ledger on this disk is not whole: ${damage.join('; ')}.`;
  events.problem(
    'ledger_mended',
    `${what} It goes on with the rest, in a new log, and fetches from the others what they have.`,
  );
}

async function joinNetwork(
  deps: SessionDeps,
  { places, host }: SessionOptions,
  ledger: Ledger,
  parts: Partial<Session>,
  scope: Scope,
): Promise<Mesh> {
  const { config, directory, fingerprint } = deps;
  const port = await findPort(config.meshHosts, config.meshPort, { fixed: config.fixedPorts.mesh, avoid: [] });
  const hello = {
    name: config.name,
    version: VERSION,
    os: process.platform,
    fingerprint: fromHex(fingerprint),
  };
  return Mesh.start(
    {
      ...deps,
      ledger,
      scope,
      now: deps.monotonic,
      places,
      hello: () => ({ ...hello, wire: [...WIRE] }),
      presence: () => ownNews(deps, parts.work),
      events: meshEvents(deps, parts),
    },
    {
      port,
      hosts: config.meshHosts,
      mdns: config.mdns,
      boot: deps.randomBytes(8),
      addressBook: addressBook(directory, host),
      trusted: trustedPeers(deps, ledger, host),
    },
  );
}

/** By default the lobby is next to the mesh port, so that whoever knows one knows the other. */
async function openDoor(
  { config, seed, signer, now, events, randomBytes }: SessionDeps,
  { goTo }: SessionOptions,
  ledger: Ledger,
  mesh: Mesh,
): Promise<Pick<Session, 'lobby' | 'pairing'>> {
  const self = toHex(signer.publicKey);
  const { publicKey } = signer;
  const taken = mesh.addresses().map((address) => Number(/\/tcp\/(\d+)/.exec(address)?.[1]));
  const port = await findPort(config.meshHosts, config.lobbyPort, { fixed: config.fixedPorts.lobby, avoid: taken });
  const meshAddresses = (): string[] => mesh.addresses().map((address) => address.split('/p2p/')[0]!);
  const places = () => placesOfMembers(mesh, ledger.state());
  const pairing = new Pairing({
    ...{ publicKey, ledger, now, randomBytes, meshAddresses, goTo },
    mdns: config.mdns,
    who: { name: config.name, os: process.platform, version: VERSION },
    genesis: () => genesisOf(ledger),
    onAdmitted: (_member, name) => events.emit('member.joined', `${name} was let in from the local network.`),
    onChange: () => void lobby.update(),
  });
  const lobby = createLobby(
    {
      ...{ seed, ledger, now, pairing, meshAddresses, places },
      mayAdmit: () => isActive(ledger.state(), self) && ledger.state().members.get(self)?.role !== 'worker',
      onAdmitted: (_member, name) => events.emit('member.joined', `${name} joined with a ticket.`),
      onProblem(message) {
        if (message === undefined) events.solved('door_closed');
        else events.problem('door_closed', message);
      },
    },
    { hosts: config.meshHosts, port },
  );
  return { lobby, pairing };
}

function worldOf(deps: SessionDeps, { ledger, mesh, work, recheck }: Session): World {
  const self = toHex(deps.signer.publicKey);
  const connections = new Map(mesh.peers().map((peer) => [peer.peerId, peer.connection]));
  return {
    self,
    state: ledger.state(),
    claims: mesh.presences.claims().filter(({ claim }) => isClaimable(ledger.state(), claim)),
    news(member) {
      const heard = mesh.presences.get(member);
      if (heard === undefined) return undefined;
      const ageMs = deps.monotonic() - heard.at;
      if (member !== self) return { presence: heard.presence, ageMs, fresh: mesh.isHere(member) };
      return { presence: { ...heard.presence, ...ownNews(deps, work) }, ageMs: 0, fresh: true };
    },
    connection(peerId) {
      const connection = connections.get(peerId);
      if (connection === undefined) return undefined;
      return { rttMs: connection.rtt ?? null, address: connection.remoteAddr.toString() };
    },
    hasDataset: deps.data.has,
    check: recheck.get,
    checked: recheck.holding,
    version: `${ledger.state().root} ${ledger.size()} ${recheck.made()}`,
  };
}

/** New entries move everything that rests on the ledger. */
function onLedgerChange(deps: SessionDeps, session: Session, change: Change): void {
  const { events } = deps;
  session.changedAt = deps.monotonic();
  events.emit('ledger.changed', `${session.ledger.size()} entries.`, { entries: session.ledger.size() });
  // A node that catches up has a thousand of them a second: who looks sees them in the lists.
  if (change.entries.length <= BULK_ENTRIES) for (const entry of change.entries) tellEntry(deps, session, entry);
  tellStanding(deps, session);
}

function follow({ work, mesh, lobby, travel }: Session): void {
  work.nudge();
  travel.data.look();
  travel.walk.tidy();
  mesh.announce();
  void lobby.update();
}

/** Whether this node is still one whose answers count. */
function tellStanding({ events, signer }: SessionDeps, { ledger }: Session): void {
  const out = whyOut(ledger.state(), toHex(signer.publicKey));
  for (const code of ['removed', 'rules_newer'] as const) {
    if (out?.code === code) events.problem(code, out.message);
    else events.solved(code);
  }
}

function tellEntry({ events }: SessionDeps, { ledger, world }: Session, entry: Entry): void {
  const state = ledger.state();
  const { id, kind } = entry;
  if (state.refused.has(id)) return;
  if (kind === 'job') {
    const job = state.jobs.get(id);
    if (job !== undefined) {
      events.emit(
        'job.created',
        `${nameOf(world(), job.creator)} created “${job.job.name}” with ${job.job.units} units.`,
        { job: id },
      );
    }
  }
  if (kind === 'control') events.emit('job.changed', 'A job was paused, resumed or stopped.');
  const unit = kind === 'result' ? unitOf(state, entry) : undefined;
  if (unit === undefined) return;
  const name = `Unit ${unit.index + 1} of “${state.jobs.get(unit.job)?.job.name}”`;
  const ids = { unit: unit.id, job: unit.job };
  if (unit.verdict.state === 'validated') {
    events.emit(
      'unit.validated',
      `${name} is validated by ${unit.verdict.count} of ${unit.votes.length} replicas.`,
      ids,
    );
  }
  if (unit.verdict.state === 'disputed')
    events.emit('unit.disputed', `Replicas of ${name.toLowerCase()} differ; another one decides.`, ids);
}

/** The unit that an answer is a vote on; undefined where it does not count. */
function unitOf(state: State, { id, data }: Entry): UnitRecord | undefined {
  const said = KINDS.result.safeParse(data);
  const unit = said.success ? state.units.of(toHex(said.data.job)).at(said.data.index) : undefined;
  return unit?.votes.some((vote) => vote.entry === id) ? unit : undefined;
}

function tellCheck({ events }: SessionDeps, session: Session, unit: Hex, vote: Vote, check: Check): void {
  events.emit('ledger.changed', 'An answer was checked here.', { unit });
  if (check.state === 'holds') return;
  const name = nameOf(session.world(), vote.author);
  events.problem(
    `differs:${unit}`,
    `An answer of ${name} does not hold on this machine and is not shown: ${check.message}.`,
  );
}
