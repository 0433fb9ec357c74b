// The node's own folder: in the operating system's data directory, never beside the code, readable by its owner alone.
//
//   node.key         secret seed of this machine's identity (hex)
//   recovery.key     secret seed that outranks every member of a mesh founded here (hex)
//   api.json         where the running node's API is, and its token
//   lock             process id of the running node, and when this machine was started
//   peers.json       address book
//   names.json       what the owner calls other machines
//   attendance.json  when other machines were there lately
//   paused           there while the owner has paused the node, and until when
//   limits.json      what the owner allows this machine
//   ledger/          LevelDB
//   ledger.own.json  how far this node's own log had come, on this disk
//   data/            candles by hash
//   checkpoints/     searches that are under way
//   walks/           searches that are under way on other members
//   verdicts/        judgements on jobs
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';
import envPaths from 'env-paths';
import { fromHex, toHex } from '../protocol/bytes.ts';
import { StartError } from './start-error.ts';

export interface DataDirectory {
  readonly path: string;
  readonly ledger: string;
  readonly data: string;
  readonly checkpoints: string;
  readonly walks: string;
  readonly verdicts: string;
}

export function defaultDataDirectory(): string {
  return envPaths('stratmesh', { suffix: '' }).data;
}

export function openDataDirectory(path: string): DataDirectory {
  const directory = {
    path,
    ledger: join(path, 'ledger'),
    data: join(path, 'data'),
    checkpoints: join(path, 'checkpoints'),
    walks: join(path, 'walks'),
    verdicts: join(path, 'verdicts'),
  };
  try {
    for (const each of [path, directory.data, directory.checkpoints]) mkdirSync(each, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new StartError('data_dir_unusable', `${path} cannot be used: ${(error as Error).message}`, 'data-dir');
  }
  return directory;
}

/** Reads a secret, or makes it on first use. Never overwrites one that is there. */
export function loadSecret(directory: DataDirectory, name: 'node.key' | 'recovery.key'): Uint8Array {
  const file = join(directory.path, name);
  if (!existsSync(file)) writeFileSync(file, `${toHex(randomBytes(32))}\n`, { mode: 0o600, flag: 'wx' });
  const text = readFileSync(file, 'utf8').trim();
  if (!/^[0-9a-f]{64}$/.test(text)) {
    throw new StartError(
      'data_dir_unusable',
      `${file} is damaged: it should hold 64 hexadecimal digits. Nothing was changed.`,
    );
  }
  return fromHex(text);
}

/** One process at a time: two would write one log and fork it. Returns how to release it. */
export function lockDataDirectory(directory: DataDirectory): () => void {
  const file = join(directory.path, 'lock');
  for (let attempt = 0; ; attempt += 1) {
    try {
      const handle = openSync(file, 'wx', 0o600);
      writeSync(handle, `${process.pid}\n${machineStartedAt()}\n`);
      closeSync(handle);
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const [holder, startedAt] = readLock(file);
      if (attempt > 0 || (isRunning(holder) && !isOfEarlierStart(startedAt))) {
        throw new StartError(
          'already_running',
          `A node already runs on ${directory.path} (process ${holder}). Use its page, stop it, or choose another --data-dir.`,
          'data-dir',
        );
      }
      rmSync(file, { force: true });
    }
  }
}

/** Gone again already: whoever held it has just ended. */
function readLock(file: string): [pid: number, machineStartedAt: number] {
  try {
    const [pid = '', startedAt = ''] = readFileSync(file, 'utf8').split('\n');
    return [Number(pid), Number.parseInt(startedAt, 10)];
  } catch {
    return [0, Number.NaN];
  }
}

/** Seconds since 1970. */
function machineStartedAt(): number {
  return Math.round(Date.now() / 1000 - uptime());
}

/** Clocks are set now and then; the ledger's own lock stands behind this one. */
const CLOCK_SLACK_S = 60;

/** Whether a lock is from before this machine was last started: its process id says nothing any more. */
function isOfEarlierStart(startedAt: number): boolean {
  return machineStartedAt() - startedAt > CLOCK_SLACK_S;
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

export interface ApiAddress {
  url: string;
  token: string;
}

export function writeApiAddress(directory: DataDirectory, address: ApiAddress): void {
  writePrivate(join(directory.path, 'api.json'), `${JSON.stringify(address)}\n`);
}

export function removeApiAddress(directory: DataDirectory): void {
  rmSync(join(directory.path, 'api.json'), { force: true });
}

/** Undefined when no node has run on this data directory. */
export function readApiAddress(path: string): ApiAddress | undefined {
  try {
    const { url, token } = JSON.parse(readFileSync(join(path, 'api.json'), 'utf8')) as Partial<ApiAddress>;
    return typeof url === 'string' && typeof token === 'string' ? { url, token } : undefined;
  } catch {
    return undefined;
  }
}

export type AddressBook = Record<string, string[]>;

/** The book is a convenience: a damaged one is an empty one. */
export function readAddressBook(directory: DataDirectory): AddressBook {
  try {
    const parsed: unknown = JSON.parse(readFileSync(join(directory.path, 'peers.json'), 'utf8'));
    const entries = Object.entries(parsed as Record<string, unknown>);
    return Object.fromEntries(entries.filter(([, value]) => isTextList(value))) as AddressBook;
  } catch {
    return {};
  }
}

export function writeAddressBook(directory: DataDirectory, book: AddressBook): void {
  writePrivate(join(directory.path, 'peers.json'), `${JSON.stringify(book, null, 2)}\n`);
}

/** Keeps the ledger of a mesh that this node leaves for another. Returns the archive's path. */
export function archiveLedger(directory: DataDirectory, mesh: string): string {
  let archive = `${directory.ledger}-${mesh.slice(0, 16)}`;
  for (let n = 2; existsSync(archive); n += 1) archive = `${directory.ledger}-${mesh.slice(0, 16)}-${n}`;
  renameSync(directory.ledger, archive);
  const witness = `${directory.ledger}.own.json`;
  if (existsSync(witness)) renameSync(witness, `${archive}.own.json`);
  return archive;
}

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/** Whole or not at all, for its owner's eyes alone. */
export function writePrivate(file: string, text: string): void {
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, text, { mode: 0o600 });
  renameSync(temporary, file);
}
