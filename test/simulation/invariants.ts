// What must hold at every moment on every machine, and what must hold between them once all is healed. Each failure
// begins with the name of its invariant (design: I1 to I12).
import { deriveState, isActive, isAuthor } from '../../src/ledger/derive.ts';
import { countOf, type Log } from '../../src/ledger/log.ts';
import { pinOf } from '../../src/ledger/pins.ts';
import { entriesIn } from '../ledger/support/ledgers.ts';
import { countingOf, type Plain, plainOf, statedBy, truthOf } from './checker.ts';
import type { Machine } from './machine.ts';

export interface Finding {
  invariant: string;
  machine: string;
  what: string;
}

const setOf = (plains: readonly Plain[]): string =>
  plains
    .map(({ id }) => id)
    .sort()
    .join();

/** Roots by set of entries: the same set must have the same root, on whatever machine and at whatever time. */
export type RootsBySet = Map<string, string>;

/** Holds at any moment on a machine that runs. */
export function checkMachine(machine: Machine, roots: RootsBySet): Finding[] {
  const { session, name } = machine;
  if (session === undefined) return [];
  const { ledger } = session;
  const findings: Finding[] = [];
  const find = (invariant: string, what: string): void => void findings.push({ invariant, machine: name, what });
  const logs = [...ledger.logs()];
  const held = logs.flatMap((log) =>
    Array.from({ length: countOf(log) }, (_, seq) => ledger.entry(log.author, log.log, seq).block),
  );
  const proofs = logs.flatMap((log) => (log.fork?.proof ?? []).map((entry) => entry.block));
  const { counting, forks } = countingOf(ledger.meshId, [...held, ...proofs]);
  findings.push(...checkForks(machine, logs, forks));
  for (const { id, isSigned } of counting) if (!isSigned) find('I3', `entry ${id} is not signed by its author`);
  const expected = setOf(counting);
  if (expected !== setOf(held.map(plainOf))) find('I3', 'what counts is not what the chains and forks leave');
  const state = ledger.state();
  const again = deriveState(ledger.meshId, entriesIn(ledger));
  if (again.root !== state.root)
    find('I2', `root ${state.root} is kept up to date, ${again.root} derived from scratch`);
  const members = counting.filter(({ author }) => isAuthor(state, author));
  const known = roots.get(setOf(members));
  if (known !== undefined && known !== state.root) find('I1', `the same entries gave root ${known} and ${state.root}`);
  roots.set(setOf(members), state.root);
  const truth = truthOf(ledger.meshId, counting);
  const stated = statedBy(state);
  const wrong = stated.find((text) => !truth.includes(text)) ?? truth.find((text) => !stated.includes(text));
  if (wrong !== undefined) find('I6', `the rules and the state differ about: ${wrong}`);
  return findings;
}

function checkForks({ name }: Machine, logs: readonly Readonly<Log>[], forks: ReadonlyMap<string, number>): Finding[] {
  return logs.flatMap((log) => {
    const at = forks.get(`${log.author}/${log.log}`);
    const frozen = isFrozen(log) ? log.fork?.seq : undefined;
    if (at === frozen) return [];
    return [{ invariant: 'I5', machine: name, what: `log ${log.log} is frozen at ${frozen}, its forks say ${at}` }];
  });
}

/**
 * I4: what this machine acknowledged is on its disk after a crash. What its own fork froze is not lost but void, also where
 * somebody above it has sealed the other history.
 */
export function checkAcknowledged(machine: Machine): Finding[] {
  const { session, name } = machine;
  if (session === undefined) return [];
  return machine.acknowledged.flatMap(({ id, author, log, seq }) => {
    const held = session.ledger.log(author, log);
    const fork = held?.fork ?? held?.overruled;
    if (held?.entries.at(seq)?.id === id || (fork !== undefined && fork.seq <= seq)) return [];
    if (held?.pin !== undefined && held.pin.count <= seq) return [];
    return [{ invariant: 'I4', machine: name, what: `acknowledged entry ${seq} of log ${log} is gone` }];
  });
}

/** Between all machines, some time after everything was healed. */
export function checkAgreement(machines: readonly Machine[], mayFork: ReadonlySet<string>): Finding[] {
  const findings: Finding[] = [];
  // Who was removed hears nothing of the others any more.
  const state = machines.find((machine) => machine.isUp)?.session?.ledger.state();
  const up = machines.filter((machine) => machine.isUp && state !== undefined && isActive(state, machine.key));
  const [first] = up;
  if (first === undefined) return [{ invariant: 'I7', machine: '', what: 'nobody is up' }];
  for (const machine of up) {
    const { root } = machine.session!.ledger.state();
    if (root !== first.session!.ledger.state().root) {
      findings.push({ invariant: 'I7', machine: machine.name, what: `has another root than ${first.name}` });
    } else if (setOn(machine) !== setOn(first)) {
      findings.push({ invariant: 'I5', machine: machine.name, what: `holds other logs than ${first.name}` });
    }
    for (const log of machine.session!.ledger.logs()) {
      if (log.fork === undefined || mayFork.has(log.author)) continue;
      findings.push({
        invariant: 'O1-O3',
        machine: machine.name,
        what: `an honest author forked log ${log.log}: ${log.fork.proof.map(({ kind, seq, time }) => `${kind} ${seq} at ${(time - 1.8e12) / 1000} s`).join(', ')}`,
      });
    }
  }
  return [...findings, ...checkNothingLost(first, machines, mayFork)];
}

/** All logs of members, each with its end. */
function setOn({ session }: Machine): string {
  const state = session!.ledger.state();
  const logs = [...session!.ledger.logs()].filter(
    (log) => isAuthor(state, log.author) && (countOf(log) > 0 || isFrozen(log)),
  );
  return logs.map((log) => `${log.log}:${log.entries.at(countOf(log) - 1)?.id}:${isFrozen(log)}`).join('\n');
}

function isFrozen({ fork, pin }: Readonly<Log>): boolean {
  return fork !== undefined && fork.seq < (pin?.count ?? Number.POSITIVE_INFINITY);
}

/** I4: what anybody acknowledged is in the mesh, by now on all machines. */
function checkNothingLost(first: Machine, machines: readonly Machine[], mayFork: ReadonlySet<string>): Finding[] {
  const findings: Finding[] = [];
  const { ledger } = first.session!;
  const held = new Set([...ledger.logs()].flatMap((log) => log.entries.map(({ id }) => id)));
  for (const { name, acknowledged } of machines) {
    for (const { id, author, log, seq } of acknowledged) {
      if (held.has(id) || mayFork.has(author)) continue;
      // Whom the mesh never let in, or only beyond a cut, has said nothing; who left takes along what nobody had heard.
      const member = ledger.state().members.get(author);
      if (member === undefined || member.gone?.how === 'left') continue;
      if ((pinOf(ledger.state().pins, author, log)?.count ?? Number.POSITIVE_INFINITY) <= seq) continue;
      findings.push({ invariant: 'I4', machine: name, what: `acknowledged entry ${seq} (${id}) is nowhere` });
    }
  }
  return findings;
}
