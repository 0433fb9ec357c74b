// Verbs about machines of the local network: who is there, with which digits, and letting them in.
import type { AdmittedView, PairingView, PendingView } from '../../ui/api-members.ts';
import { type Client, connectClient } from '../cli/client.ts';
import { table } from '../cli/text.ts';
import { UsageError, type Verb, type VerbContext } from '../cli/verb.ts';
import { findNumber } from './flags.ts';

const MINUTES_MAX = 60;

export const pendingVerb: Verb = {
  name: 'pending',
  summary: 'machines of the local network that could come in here, with six digits to compare',
  options: {
    open: { type: 'string', value: 'MINUTES', help: `let machines in for so long, ${MINUTES_MAX} at most` },
    close: { type: 'boolean', help: 'let nobody in any more' },
  },
  async run(context) {
    const client = connectClient(context.dataDir);
    const pairing = await askPairing(context, client);
    if (context.json) context.document(pairing);
    else showPairing(context, pairing);
    return 0;
  },
};

async function askPairing(context: VerbContext, client: Client): Promise<PairingView> {
  const minutes = readMinutes(context, 'open');
  if (minutes !== undefined) return client.post<PairingView>('pairing', { as: 'host', minutes });
  if (context.values.close === true) return client.post<PairingView>('pairing/close', {});
  return client.get<PairingView>('pairing');
}

/** Throws UsageError `out_of_range`. */
export function readMinutes(context: VerbContext, flag: string): number | undefined {
  const minutes = findNumber(context, flag);
  if (minutes === undefined || (Number.isInteger(minutes) && minutes >= 1 && minutes <= MINUTES_MAX)) return minutes;
  const message = `--${flag} is a whole number of minutes from 1 to ${MINUTES_MAX}, not ${minutes}`;
  throw new UsageError('out_of_range', message, flag);
}

export function showPairing(context: VerbContext, { hostUntil, guestUntil, reason, pending }: PairingView): void {
  if (pending.length > 0) {
    for (const line of table(['NAME', 'DIGITS', 'HERE', 'MESH', 'ID'], pending.map(rowOf))) context.print(line);
  }
  if (reason !== null) context.note(reason);
  else if (hostUntil === null && guestUntil === null) {
    context.note('Closed. “stratmesh pending --open 10” lets machines of the local network in for ten minutes.');
  } else {
    if (pending.length === 0) context.note('Nobody is there yet.');
    if (hostUntil !== null) context.note(`Until ${hostUntil} machines are let in here: stratmesh admit NAME.`);
    if (guestUntil !== null) context.note(`Until ${guestUntil} a mesh of the local network may let this machine in.`);
    context.note('Compare the digits with those that the other machine shows for this one (stratmesh pending there).');
  }
}

function rowOf({ name, digits, canAdmit, meshName, members, peerId, state }: PendingView): string[] {
  const here = state === 'admitting' ? 'coming' : canAdmit ? 'admit' : 'to be let in there';
  return [name, spaced(digits), here, `${meshName} (${members})`, peerId];
}

function spaced(digits: string): string {
  return `${digits.slice(0, 3)} ${digits.slice(3)}`;
}

export const admitVerb: Verb = {
  name: 'admit',
  summary: 'let in a machine of the local network whose digits you have compared',
  positionals: ['[NAME|ID]'],
  options: {
    role: { type: 'string', value: 'ROLE', help: 'admin, member or worker (default: member)' },
    all: { type: 'boolean', help: 'all that “stratmesh pending” shows' },
    yes: { type: 'boolean', help: 'with --all: yes, the digits of all of them are right' },
  },
  async run(context) {
    const client = connectClient(context.dataDir);
    const { all, role, yes } = context.values;
    const body = role === undefined ? {} : { role };
    const admit = (who: string): Promise<AdmittedView> =>
      client.post<AdmittedView>(`pending/${encodeURIComponent(who)}/admit`, body);
    const [who] = context.positionals;
    if ((who === undefined) === (all !== true)) {
      throw new UsageError('missing_argument', 'Say which machine, by name or id, or --all.');
    }
    if (all !== true) {
      const admitted = await admit(who!);
      if (context.json) context.document(admitted);
      else context.print(sentenceOf(admitted));
      return 0;
    }
    if (yes !== true) {
      const message = 'Who is there may not be who you think. Compare the digits (stratmesh pending), then say --yes.';
      throw new UsageError('not_confirmed', message, 'yes');
    }
    return admitAll(context, client, admit);
  },
};

export const refuseVerb: Verb = {
  name: 'refuse',
  summary: 'turn a machine of the local network away until another window opens',
  positionals: ['<NAME|ID>'],
  options: {},
  async run(context) {
    const who = encodeURIComponent(context.positionals[0]!);
    const pairing = await connectClient(context.dataDir).post<PairingView>(`pending/${who}/refuse`, {});
    if (context.json) context.document(pairing);
    else showPairing(context, pairing);
    return 0;
  },
};

async function admitAll(
  context: VerbContext,
  client: Client,
  admit: (who: string) => Promise<AdmittedView>,
): Promise<number> {
  const { pending } = await client.get<PairingView>('pairing');
  const admitted: AdmittedView[] = [];
  const refused: { peerId: string; name: string; code: string; message: string }[] = [];
  for (const { peerId, name } of pending.filter(({ canAdmit }) => canAdmit)) {
    try {
      admitted.push(await admit(peerId));
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      if (code === undefined) throw error;
      refused.push({ peerId, name, code, message });
    }
  }
  if (context.json) context.document({ admitted, refused });
  else {
    for (const each of admitted) context.print(sentenceOf(each));
    for (const { message } of refused) context.note(message);
    if (admitted.length + refused.length === 0) context.note('Nobody is there to be let in.');
  }
  return refused.length === 0 ? 0 : 1;
}

function sentenceOf({ name, role }: AdmittedView): string {
  return `${name} is in, as ${role}.`;
}
