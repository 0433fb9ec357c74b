// Tokens and sessions of this node's page, in tokens.json of the data directory (mode 0600): only their SHA-256 is kept, so
// the file lets nobody in. It is read again when it changes, because `stratmesh token` writes it beside a running node.
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { RequestError } from '../ui/api.ts';
import type { AccessPort, NewTokenView, SessionView, SignInView, TokenView } from '../ui/api-access.ts';
import { SESSION_MS } from '../ui/limits.ts';
import { writePrivate } from './data-directory.ts';
import { StartError } from './start-error.ts';

interface Token extends TokenView {
  hash: string;
}

interface SessionRecord extends SessionView {
  hash: string;
  /** The token that opened it; null for a link. */
  token: string | null;
}

interface Stored {
  tokens: Token[];
  sessions: SessionRecord[];
}

const FILE = 'tokens.json';
const SECRET_BYTES = 32;
const ID_DIGITS = 8;
const SIGN_IN_MS = 10 * 60_000;
const SIGN_INS_MAX = 20;
const SESSIONS_MAX = 100;
const TOKENS_MAX = 100;

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');
const newSecret = (): string => randomBytes(SECRET_BYTES).toString('base64url');

/** Throws StartError `data_dir_unusable` when the file is damaged: then nobody but this machine could be let in by it. */
function read(file: string): Stored {
  try {
    const { tokens, sessions } = JSON.parse(readFileSync(file, 'utf8')) as Partial<Stored>;
    if (Array.isArray(tokens) && Array.isArray(sessions)) return { tokens, sessions };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { tokens: [], sessions: [] };
  }
  throw new StartError('data_dir_unusable', `${file} is damaged. Remove it and make new tokens.`);
}

function markOf(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat === undefined ? '' : `${stat.mtimeMs} ${stat.ino} ${stat.size}`;
}

const tokenView = ({ id, name, createdAt }: Token): TokenView => ({ id, name, createdAt });

const sessionView = ({ id, device, createdAt, expiresAt }: SessionRecord): SessionView => ({
  ...{ id, device, createdAt, expiresAt },
});

/** The file as it is now, also when another process wrote it. */
class TokenFile {
  readonly #file: string;
  readonly #now: () => number;
  #mark: string;
  #stored: Stored;

  constructor(file: string, now: () => number) {
    this.#file = file;
    this.#now = now;
    this.#mark = markOf(file);
    this.#stored = read(file);
  }

  get(): Stored {
    const mark = markOf(this.#file);
    if (mark !== this.#mark) {
      this.#mark = mark;
      this.#stored = this.#readAgain();
    }
    const { tokens, sessions } = this.#stored;
    return { tokens, sessions: sessions.filter(({ expiresAt }) => Date.parse(expiresAt) > this.#now()) };
  }

  set(stored: Stored): void {
    writePrivate(this.#file, `${JSON.stringify(stored, null, 2)}\n`);
    [this.#stored, this.#mark] = [stored, markOf(this.#file)];
  }

  /** A node that runs lets nobody in by a damaged file, and lives on. */
  #readAgain(): Stored {
    try {
      return read(this.#file);
    } catch {
      return { tokens: [], sessions: [] };
    }
  }
}

/** Codes of links, in memory: each is good once, for ten minutes. */
class Codes {
  readonly #now: () => number;
  readonly #until = new Map<string, number>();

  constructor(now: () => number) {
    this.#now = now;
  }

  make(): SignInView {
    const code = newSecret();
    if (this.#until.size >= SIGN_INS_MAX) this.#until.delete(this.#until.keys().next().value!);
    const until = this.#now() + SIGN_IN_MS;
    this.#until.set(hashOf(code), until);
    return { code, expiresAt: new Date(until).toISOString() };
  }

  use(code: string): boolean {
    const hash = hashOf(code);
    const until = this.#until.get(hash);
    this.#until.delete(hash);
    return until !== undefined && until > this.#now();
  }
}

type TokenPart = Pick<AccessPort, 'tokenHashes' | 'tokens' | 'newToken' | 'dropToken'>;

function tokensOf(file: TokenFile, now: () => number): TokenPart {
  return {
    tokenHashes: () => file.get().tokens.map(({ hash }) => hash),
    tokens: () => file.get().tokens.map(tokenView),
    newToken(name): NewTokenView {
      const { tokens, sessions } = file.get();
      if (tokens.length >= TOKENS_MAX) {
        const message = `There are ${TOKENS_MAX} tokens. Take one back first.`;
        throw new RequestError('too_many_tokens', message, { status: 409 });
      }
      const token = newSecret();
      const hash = hashOf(token);
      const record = { id: hash.slice(0, ID_DIGITS), name, createdAt: new Date(now()).toISOString(), hash };
      file.set({ tokens: [...tokens, record], sessions });
      return { ...tokenView(record), token };
    },
    dropToken(id) {
      const { tokens, sessions } = file.get();
      const record = tokens.find((each) => each.id === id);
      if (record === undefined) throw new RequestError('token_unknown', `No token has the id ${id}.`, { status: 404 });
      file.set({
        tokens: tokens.filter((each) => each !== record),
        sessions: sessions.filter(({ token }) => token !== id),
      });
      return tokenView(record);
    },
  };
}

/** `now`: ms since 1970. */
export function openAccess(dataDirectory: string, now: () => number): AccessPort {
  const file = new TokenFile(join(dataDirectory, FILE), now);
  const codes = new Codes(now);

  /** What a key stands for: the id of its token, null for a code; undefined when it is neither. */
  function judge(key: Parameters<AccessPort['openSession']>[0]): string | null | undefined {
    if ('code' in key) return codes.use(key.code) ? null : undefined;
    return file.get().tokens.find(({ hash }) => hash === hashOf(key.token))?.id;
  }

  function end(isIt: (session: SessionRecord) => boolean): SessionRecord | undefined {
    const { tokens, sessions } = file.get();
    const record = sessions.find(isIt);
    if (record !== undefined) file.set({ tokens, sessions: sessions.filter((each) => each !== record) });
    return record;
  }

  return {
    ...tokensOf(file, now),
    sessionHashes: () => file.get().sessions.map(({ hash }) => hash),
    sessions: () => file.get().sessions.map(sessionView),
    newSignIn: () => codes.make(),
    openSession(key, device) {
      const token = judge(key);
      if (token === undefined) return undefined;
      const { tokens, sessions } = file.get();
      const secret = newSecret();
      const hash = hashOf(secret);
      const times = { createdAt: new Date(now()).toISOString(), expiresAt: new Date(now() + SESSION_MS).toISOString() };
      const record = { id: hash.slice(0, ID_DIGITS), device, ...times, hash, token };
      file.set({ tokens, sessions: [...sessions, record].slice(-SESSIONS_MAX) });
      return secret;
    },
    endSession(id) {
      const ended = end((session) => session.id === id);
      if (ended === undefined)
        throw new RequestError('session_unknown', `No session has the id ${id}.`, { status: 404 });
      return sessionView(ended);
    },
    closeSession(secret) {
      const hash = hashOf(secret);
      end((session) => session.hash === hash);
    },
  };
}
