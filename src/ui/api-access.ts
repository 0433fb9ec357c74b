// Who may use the page and the API from other devices: tokens for programs, sessions for browsers, links that sign in once.

export interface TokenView {
  id: string;
  name: string;
  createdAt: string;
}

/** Its text is shown this once. */
export interface NewTokenView extends TokenView {
  token: string;
}

export interface SessionView {
  id: string;
  /** What the browser calls itself. */
  device: string;
  createdAt: string;
  expiresAt: string;
}

/** Signs one browser in. */
export interface SignInView {
  code: string;
  expiresAt: string;
}

export interface AccessView {
  /** Where the page can be opened. */
  urls: string[];
  /** It listens for other machines, and what travels is not encrypted. */
  exposed: boolean;
  tokens: TokenView[];
  sessions: SessionView[];
}

export interface AccessPort {
  /** SHA-256, in hex, of what is accepted now. */
  tokenHashes(): readonly string[];
  sessionHashes(): readonly string[];
  tokens(): TokenView[];
  sessions(): SessionView[];
  newToken(name: string): NewTokenView;
  /** With it end the sessions that it opened. Throws RequestError `token_unknown`. */
  dropToken(id: string): TokenView;
  newSignIn(): SignInView;
  /** The secret of a new session; undefined when neither is good. A code is good once. */
  openSession(key: { token: string } | { code: string }, device: string): string | undefined;
  /** Throws RequestError `session_unknown`. */
  endSession(id: string): SessionView;
  /** By its own secret; nothing happens when there is none. */
  closeSession(secret: string): void;
}
