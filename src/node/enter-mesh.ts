// How a node comes to be in a mesh: the one it was in before, the one that its ticket is for, or a new one of its own.
import { existsSync, mkdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { adoptMesh, foundMesh } from '../ledger/found.ts';
import type { LedgerDeps } from '../ledger/ledger.ts';
import { openStore, type Store } from '../ledger/store.ts';
import { type Hex, MalformedError, toHex } from '../protocol/bytes.ts';
import { createSigner, type Signer } from '../protocol/keys.ts';
import { NAME_CHARS_MAX } from '../protocol/limits.ts';
import { decodeTicket, type Ticket } from '../protocol/ticket.ts';
import type { Host } from './address-book.ts';
import type { Bootstrap } from './bootstrap.ts';
import type { Config } from './config.ts';
import { archiveLedger, type DataDirectory, loadSecret } from './data-directory.ts';
import { type Admission, JoinError, knock } from './join.ts';
import { REDIAL_LADDER_MS } from './keeper.ts';
import { machineId } from './machine-id.ts';
import { StartError } from './start-error.ts';

export interface EnterDeps {
  directory: DataDirectory;
  config: Config;
  bootstrap: Bootstrap;
  seed: Uint8Array;
  signer: Signer;
  now(): number;
  randomBytes(length: number): Uint8Array;
}

/** A store that holds a mesh, and who let this node in if somebody just did. */
export interface Entered {
  store: Store;
  host: Host | undefined;
}

/** The ticket that settings or bootstrap.json hold. Throws StartError `bad_ticket`. */
export function ticketOf(config: Config, bootstrap: Bootstrap): Ticket | undefined {
  const line = config.join ?? bootstrap.ticket;
  if (line === undefined) return undefined;
  try {
    return decodeTicket(line);
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    const where = config.join === undefined ? `the ticket in ${config.bootstrap}` : 'the ticket';
    throw new StartError(
      'bad_ticket',
      `${where} cannot be read: ${error.message}`,
      config.join === undefined ? 'ticket' : 'join',
    );
  }
}

/** The mesh that this data directory already belongs to, if any; its store is left open. */
export async function openExisting({ directory }: EnterDeps): Promise<{ store: Store; mesh: Hex } | undefined> {
  if (!existsSync(directory.ledger)) return undefined;
  const store = await openStore(directory.ledger, machineId());
  const mesh = await store.meta('mesh');
  if (mesh !== undefined) return { store, mesh: toHex(mesh) };
  await store.close();
  return undefined;
}

export async function foundOwn(deps: EnterDeps): Promise<Entered> {
  const store = await openNewStore(deps);
  const root = createSigner(loadSecret(deps.directory, 'recovery.key')).publicKey;
  const { name } = deps.config;
  await foundMesh(ledgerDeps(deps, store), { name: `${name} mesh`.slice(0, NAME_CHARS_MAX), firstName: name, root });
  return { store, host: undefined };
}

/** Knocks again and again at what `knock` rejects with, until it lets in. Throws JoinError when that can never work. */
export async function joinPatiently<T>(
  knock: () => Promise<T>,
  tell: (error: JoinError) => void,
  signal: AbortSignal,
): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await knock();
    } catch (error) {
      if (!(error instanceof JoinError) || !error.passing) throw error;
      tell(error);
    }
    await delay(REDIAL_LADDER_MS[Math.min(attempt, REDIAL_LADDER_MS.length - 1)]!, undefined, { signal });
  }
}

export function knockOnce(deps: EnterDeps, ticket: Ticket, signal: AbortSignal): Promise<Admission> {
  const { seed, signer, config, bootstrap } = deps;
  return knock({ seed, signer, name: config.name }, ticket, lobbiesNear(bootstrap), signal);
}

/** Opens a store for the mesh that let this node in. An older ledger in its place is archived, never deleted. */
export async function adopt(deps: EnterDeps, admission: Admission, older: Hex | undefined): Promise<Entered> {
  if (older !== undefined) archiveLedger(deps.directory, older);
  const store = await openNewStore(deps);
  try {
    await adoptMesh(ledgerDeps(deps, store), admission.mesh, admission.genesis);
  } catch (error) {
    await store.close();
    throw error;
  }
  const { host, addresses, places } = admission;
  return { store, host: { peerId: host, addresses, places } };
}

/** For its owner's eyes alone, also where the data directory was there before. */
async function openNewStore({ directory }: EnterDeps): Promise<Store> {
  mkdirSync(directory.ledger, { recursive: true, mode: 0o700 });
  return openStore(directory.ledger, machineId());
}

function ledgerDeps({ signer, now, randomBytes }: EnterDeps, store: Store): LedgerDeps {
  return { store, signer, now, randomBytes };
}

/** By default a lobby is one port above its mesh port. */
function lobbiesNear(bootstrap: Bootstrap): string[] {
  return bootstrap.peers.map(({ address }) =>
    address.replace(/\/tcp\/(\d+)$/, (_, port) => `/tcp/${Number(port) + 1}`),
  );
}
