// Reads bootstrap.json again when it changes: an address or a ticket put into it counts without a restart.
import { statSync } from 'node:fs';
import { type Bootstrap, readBootstrap } from './bootstrap.ts';
import type { Events } from './events.ts';

const LOOK_MS = 2000;

export interface BootstrapWatchDeps {
  events: Pick<Events, 'problem' | 'solved'>;
  /** May throw; what it says is told. */
  onChange(bootstrap: Bootstrap): void;
}

/** A file that goes away changes nothing: folders that are synced are incomplete now and then. Returns how to stop. */
export function watchBootstrap({ events, onChange }: BootstrapWatchDeps, file: string): () => void {
  let seen = markOf(file);
  const timer = setInterval(() => {
    const mark = markOf(file);
    if (mark === seen || mark === undefined) return;
    seen = mark;
    try {
      onChange(readBootstrap(file, { required: true }));
      events.solved('bootstrap_unusable');
    } catch (error) {
      const what = `${(error as Error).message}. What it said before still counts.`;
      events.problem('bootstrap_unusable', what.replace('..', '.'));
    }
  }, LOOK_MS);
  return () => clearInterval(timer);
}

/** Editors that replace a file change its number, others its time or size. */
function markOf(file: string): string | undefined {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat === undefined ? undefined : `${stat.mtimeMs} ${stat.size} ${stat.ino}`;
}
