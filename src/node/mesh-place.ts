// Where in a mesh this node is: nowhere yet, or in one session at a time. Coming, going and ending happen in turn, so
// that no two of them ever hold the ledger's folder, and nothing opens once the node has been told to stop.
import { type Hex, toHex } from '../protocol/bytes.ts';
import { decodeTicket, type Ticket } from '../protocol/ticket.ts';
import { RequestError } from '../ui/api.ts';
import type { Bootstrap } from './bootstrap.ts';
import type { Place } from './bootstrap-dialler.ts';
import {
  adopt,
  type EnterDeps,
  type Entered,
  foundOwn,
  joinPatiently,
  knockOnce,
  openExisting,
  ticketOf,
} from './enter-mesh.ts';
import { type Admission, JoinError } from './join.ts';
import type { Scope } from './scope.ts';
import { type Session, type SessionDeps, startSession } from './session.ts';

export class MeshPlace {
  #deps: EnterDeps;
  readonly #sessionDeps: Omit<SessionDeps, 'store'>;
  readonly #abort = new AbortController();
  #session: Session | undefined;
  #waiting = 'Starting.';
  #tailnet: readonly string[] = [];
  #places: readonly Place[];
  /** Ends the use of a ticket, when another one takes its place. */
  #knocking = new AbortController();
  #queue: Promise<unknown> = Promise.resolve();
  readonly #entered: Promise<Session>;
  #resolveEntered!: (session: Session) => void;
  #rejectEntered!: (error: unknown) => void;

  constructor(deps: EnterDeps, sessionDeps: Omit<SessionDeps, 'store'>, scope: Scope) {
    this.#deps = deps;
    this.#places = placesOf(deps.bootstrap, []);
    this.#sessionDeps = sessionDeps;
    this.#entered = new Promise((resolve, reject) => {
      this.#resolveEntered = resolve;
      this.#rejectEntered = reject;
    });
    scope.onClose(async () => {
      this.#abort.abort();
      await this.#queue;
      await this.#session?.close();
    });
  }

  get session(): Session | undefined {
    return this.#session;
  }

  get waiting(): string {
    return this.#waiting;
  }

  /** Resolves once in a mesh. Rejects when that cannot be, with a StartError or what the disk or network said. */
  async enter(ticket: Ticket | undefined): Promise<Session> {
    const isInside = await this.#inTurn(async () => {
      const existing = await openExisting(this.#deps);
      if (existing !== undefined) await this.#open({ store: existing.store, host: undefined });
      else if (ticket === undefined) await this.#open(await foundOwn(this.#deps));
      return this.#session !== undefined;
    });
    if (ticket !== undefined) this.#use(ticket, isInside);
    return this.#entered;
  }

  /** bootstrap.json says something else now. Throws StartError `bad_ticket`; the addresses count all the same. */
  useBootstrap(bootstrap: Bootstrap): void {
    const isNew = bootstrap.ticket !== this.#deps.bootstrap.ticket;
    this.#deps = { ...this.#deps, bootstrap };
    this.#places = placesOf(bootstrap, this.#tailnet);
    const ticket = isNew ? ticketOf({ ...this.#deps.config, join: undefined }, bootstrap) : undefined;
    if (ticket !== undefined) this.#use(ticket, this.#session !== undefined);
  }

  /** Multiaddrs of the owner's other machines on the tailnet. */
  useTailnet(addresses: readonly string[]): void {
    this.#tailnet = addresses;
    this.#places = placesOf(this.#deps.bootstrap, addresses);
  }

  #use(ticket: Ticket, isInside: boolean): void {
    this.#knocking.abort();
    this.#knocking = new AbortController();
    const signal = AbortSignal.any([this.#abort.signal, this.#knocking.signal]);
    void (isInside ? this.#joinLater(ticket, signal) : this.#waitAtDoor(ticket, signal));
  }

  /** A person gave a ticket. Throws RequestError. */
  async joinBy(line: string): Promise<void> {
    let ticket: Ticket;
    try {
      ticket = decodeTicket(line);
    } catch (error) {
      throw new RequestError('bad_ticket', (error as Error).message, { status: 422, field: 'ticket' });
    }
    try {
      await this.#join(ticket);
    } catch (error) {
      if (!(error instanceof JoinError)) throw error;
      throw new RequestError(error.code, error.message, { status: 409, field: 'ticket' });
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(() => {
      this.#abort.signal.throwIfAborted();
      return work();
    });
    this.#queue = done.catch(() => undefined);
    return done;
  }

  async #open(entered: Entered): Promise<void> {
    const onReading = (entries: number): void => {
      this.#waiting = `Starting: the index of the ledger is made anew from its entries, ${entries} of them so far.`;
    };
    this.#session = await startSession(
      { ...this.#sessionDeps, store: entered.store, onReading },
      { places: () => this.#places, host: entered.host, goTo: (admission, words) => this.#goTo(admission, words) },
    );
    this.#waiting = '';
    this.#resolveEntered(this.#session);
  }

  async #waitAtDoor(ticket: Ticket, signal: AbortSignal): Promise<void> {
    this.#waiting = 'Waiting to be let in by a member of the mesh that the ticket is for.';
    const tell = (error: JoinError): void => this.#say(`Not in a mesh yet: ${error.message} It is tried again.`);
    try {
      await joinPatiently(() => this.#joinUnlessInside(ticket), tell, signal);
    } catch (error) {
      if (signal.aborted) return;
      this.#say(`Not in a mesh: ${(error as Error).message}`);
      if (!(error instanceof JoinError)) this.#rejectEntered(error);
    }
  }

  /** Somebody may have given another ticket on the page meanwhile. */
  async #joinUnlessInside(ticket: Ticket): Promise<void> {
    if (this.#session === undefined) await this.#join(ticket);
  }

  /** A ticket in the settings of a node that has a mesh: tried while it is alone there, else left for its owner. */
  async #joinLater(ticket: Ticket, signal: AbortSignal): Promise<void> {
    const { events } = this.#sessionDeps;
    const tell = (error: JoinError): void =>
      events.problem('not_joined', `The ticket was not used yet: ${error.message} It is tried again.`);
    try {
      await joinPatiently(() => this.#join(ticket), tell, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof RequestError && error.code === 'already_in_this_mesh') events.solved('not_joined');
      else events.problem('not_joined', `The ticket was not used: ${(error as Error).message}`);
    }
  }

  #say(waiting: string): void {
    this.#waiting = waiting;
    this.#sessionDeps.events.problem('not_joined', waiting);
  }

  #join(ticket: Ticket): Promise<void> {
    return this.#inTurn(async () => {
      this.#refuseJoin(toHex(ticket.mesh));
      await this.#change(await knockOnce(this.#deps, ticket, this.#abort.signal));
    });
  }

  /** By pairing, without a ticket. */
  async #goTo(admission: Admission, words: string): Promise<void> {
    const { events } = this.#sessionDeps;
    try {
      await this.#inTurn(async () => {
        this.#refuseJoin(admission.mesh);
        await this.#change(admission);
      });
      events.emit('member.joined', words);
    } catch (error) {
      if (!this.#abort.signal.aborted)
        events.problem('not_joined', `Let in, and not there: ${(error as Error).message}`);
    }
  }

  async #change(admission: Admission): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    this.#waiting = 'Changing to the mesh that has let this machine in.';
    try {
      await session?.close();
      await this.#open(await adopt(this.#deps, admission, session?.ledger.meshId));
    } catch (error) {
      this.#say(`Not in a mesh: ${(error as Error).message} Start the node again.`);
      throw error;
    }
    this.#sessionDeps.events.solved('not_joined');
  }

  #refuseJoin(mesh: Hex): void {
    const ledger = this.#session?.ledger;
    if (ledger === undefined) return;
    if (ledger.meshId === mesh) {
      throw new RequestError('already_in_this_mesh', 'This machine is already a member of that mesh.', { status: 409 });
    }
    const { members, mesh: own } = ledger.state();
    if (members.size > 1) {
      throw new RequestError(
        'already_member',
        `This machine is a member of “${own.genesis.name}” together with others. Use another --data-dir to join a second mesh.`,
        { status: 409 },
      );
    }
  }
}

function placesOf(bootstrap: Bootstrap, tailnet: readonly string[]): Place[] {
  const written = bootstrap.peers.map((peer) => ({ ...peer, isWritten: true }));
  const found = tailnet.filter((address) => !written.some((place) => place.address === address));
  return [...written, ...found.map((address) => ({ address, peerId: undefined, isWritten: false }))];
}
