// Where in a mesh this node is: nowhere yet, or in one session at a time.
import { toHex } from '../protocol/bytes.ts';
import { decodeTicket, type Ticket } from '../protocol/ticket.ts';
import { RequestError } from '../ui/api.ts';
import { adopt, type EnterDeps, type Entered, foundOwn, joinPatiently, knockOnce, openExisting } from './enter-mesh.ts';
import { JoinError } from './join.ts';
import type { Scope } from './scope.ts';
import { type Session, type SessionDeps, startSession } from './session.ts';

export class MeshPlace {
  readonly #deps: EnterDeps;
  readonly #sessionDeps: Omit<SessionDeps, 'store'>;
  readonly #abort = new AbortController();
  #session: Session | undefined;
  #waiting = 'Starting.';
  readonly #entered: Promise<Session>;
  #resolveEntered!: (session: Session) => void;
  #rejectEntered!: (error: unknown) => void;

  constructor(deps: EnterDeps, sessionDeps: Omit<SessionDeps, 'store'>, scope: Scope) {
    this.#deps = deps;
    this.#sessionDeps = sessionDeps;
    this.#entered = new Promise((resolve, reject) => {
      this.#resolveEntered = resolve;
      this.#rejectEntered = reject;
    });
    scope.onClose(async () => {
      this.#abort.abort();
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
    const existing = await openExisting(this.#deps);
    if (existing !== undefined) {
      await this.#open({ store: existing.store, host: undefined });
      if (ticket !== undefined) void this.#joinLater(ticket);
    } else if (ticket === undefined) await this.#open(await foundOwn(this.#deps));
    else void this.#waitAtDoor(ticket);
    return this.#entered;
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

  async #open(entered: Entered): Promise<void> {
    this.#session = await startSession(
      { ...this.#sessionDeps, store: entered.store },
      { bootstrap: this.#deps.bootstrap.peers, host: entered.host },
    );
    this.#waiting = '';
    this.#resolveEntered(this.#session);
  }

  async #waitAtDoor(ticket: Ticket): Promise<void> {
    const { events } = this.#sessionDeps;
    this.#waiting = 'Waiting to be let in by a member of the mesh that the ticket is for.';
    const tell = (error: JoinError): void => {
      this.#waiting = `Not in a mesh yet: ${error.message} It is tried again.`;
      events.problem('not_joined', this.#waiting);
    };
    try {
      const admission = await joinPatiently(this.#deps, ticket, tell, this.#abort.signal);
      events.solved('not_joined');
      await this.#open(await adopt(this.#deps, admission, undefined));
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      this.#waiting = `Not in a mesh: ${(error as Error).message}`;
      events.problem('not_joined', this.#waiting);
      if (!(error instanceof JoinError)) this.#rejectEntered(error);
    }
  }

  /** A ticket in the settings of a node that has a mesh: worth a try while it is alone there, else left for its owner. */
  async #joinLater(ticket: Ticket): Promise<void> {
    try {
      await this.#join(ticket);
    } catch (error) {
      if (error instanceof RequestError && error.code === 'already_in_this_mesh') return;
      this.#sessionDeps.events.problem('not_joined', `The ticket was not used: ${(error as Error).message}`);
    }
  }

  async #join(ticket: Ticket): Promise<void> {
    const session = this.#session;
    const state = session?.ledger.state();
    if (session !== undefined && session.ledger.meshId === toHex(ticket.mesh)) {
      throw new RequestError('already_in_this_mesh', 'This machine is already a member of that mesh.', { status: 409 });
    }
    if (state !== undefined && state.members.size > 1) {
      throw new RequestError(
        'already_member',
        `This machine is a member of “${state.mesh.genesis.name}” together with others. Use another --data-dir to join a second mesh.`,
        { status: 409 },
      );
    }
    const admission = await knockOnce(this.#deps, ticket);
    const older = session?.ledger.meshId;
    this.#session = undefined;
    this.#waiting = 'Changing to the mesh that the ticket is for.';
    await session?.close();
    await this.#open(await adopt(this.#deps, admission, older));
  }
}
