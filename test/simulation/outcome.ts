// What came of a history, for the test's report.
import { isActive } from '../../src/ledger/derive.ts';
import type { History } from './history.ts';
import type { Finding } from './invariants.ts';

export interface Outcome {
  seed: number;
  findings: Finding[];
  /** What happened, for whoever looks into a failure. */
  story: string[];
  entries: number;
  machines: number;
  logs: number;
  forks: number;
  removed: number;
  /** Logs of those that stay, with an end. */
  sealed: number;
  validated: number;
  /** Virtual time from healing to agreement, ms. */
  agreedAfterMs: number;
}

export function outcomeOf({ findings, story, machines }: History, seed: number, agreedAfterMs: number): Outcome {
  const ledger = machines[0]?.session?.ledger;
  const logs = [...(ledger?.logs() ?? [])];
  const units = [...(ledger?.state().units.values() ?? [])];
  return {
    ...{ seed, findings, story, agreedAfterMs },
    entries: ledger?.size() ?? 0,
    machines: machines.length,
    logs: logs.length,
    forks: logs.filter((log) => log.fork !== undefined).length,
    removed: [...(ledger?.state().members.values() ?? [])].filter(({ gone }) => gone !== undefined).length,
    sealed: logs.filter(({ author, pin }) => pin !== undefined && isActive(ledger!.state(), author)).length,
    validated: units.filter(({ verdict }) => verdict.state === 'validated').length,
  };
}
