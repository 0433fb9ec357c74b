// Starts the real server on a free port over a fixture node, with a clock and a log of its own.
import { createHash } from 'node:crypto';
import { type RunningServer, type ServerOptions, startServer } from '../../src/ui/server.ts';
import type { Clock } from '../../src/ui/stream.ts';
import { type Care, careOf } from './fixture-care.ts';
import { createFixtureNode, type FixtureNode } from './fixture-node.ts';

export const TOKEN = 'test-token-0123456789abcdefghijklmnopqrstuv';
export const PAGE = new URL('../../dist/ui/page/', import.meta.url);

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

export interface Harness extends RunningServer, Care {
  node: FixtureNode;
  logged: { fields: object; message: string }[];
}

export async function startHarness(
  options: Partial<ServerOptions> & { node?: FixtureNode; clock?: Clock; tokens?: number } = {},
): Promise<Harness> {
  const { node = createFixtureNode(), clock = systemClock, tokens = 1, ...rest } = options;
  const closers: (() => unknown)[] = [];
  const care = careOf({ teardown: (close) => closers.push(close) }, () => clock.now());
  for (let i = 0; i < tokens; i++) care.access.newToken(`token ${i}`);
  const logged: Harness['logged'] = [];
  const note = (fields: object, message: string) => logged.push({ fields, message });
  const server = await startServer(
    { node, log: { info: note, warn: note, error: note }, clock, ...care },
    {
      host: '127.0.0.1',
      port: 0,
      ownHash: createHash('sha256').update(TOKEN).digest('hex'),
      assets: PAGE,
      ...rest,
    },
  );
  const stop = async (): Promise<void> => {
    await server.stop();
    for (const close of closers) close();
  };
  return { ...server, ...care, stop, node, logged };
}

/** Polls until the condition holds; throws with `what` after the deadline. */
export async function until<T>(
  what: string,
  condition: () => T | Promise<T>,
  deadlineMs = 20_000,
): Promise<NonNullable<T>> {
  const end = Date.now() + deadlineMs;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== null && value !== false) return value as NonNullable<T>;
    if (Date.now() > end) throw new Error(`waited ${deadlineMs} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
