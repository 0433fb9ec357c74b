// Verbs about who takes part: tickets, removal, leaving, recovery.
import { text } from 'node:stream/consumers';
import type { Page } from '../../ui/api.ts';
import type { InviteView, LeftView, OpenInviteView, PingView, RenamedView, RevokedView } from '../../ui/api-members.ts';
import { connectClient } from '../cli/client.ts';
import { table } from '../cli/text.ts';
import { UsageError, type Verb, type VerbContext } from '../cli/verb.ts';
import { showPhrase } from '../recovery.ts';
import { findNumber } from './flags.ts';

const PHRASE_OPTION = { type: 'boolean', help: 'by the recovery phrase: its 24 words are read from stdin' } as const;

async function phraseOf({ values, note }: VerbContext): Promise<{ phrase?: string }> {
  if (values.phrase !== true) return {};
  if (process.stdin.isTTY) note('The 24 words of the recovery phrase, then Ctrl-D:');
  return { phrase: await text(process.stdin) };
}

/** A minute or so, and thirty days. */
const HOURS_MIN = 0.02;
const HOURS_MAX = 720;

export const inviteVerb: Verb = {
  name: 'invite',
  summary: 'make a ticket that lets other machines in; list and take back the open ones',
  options: {
    role: { type: 'string', value: 'ROLE', help: 'admin, member or worker (default: member)' },
    uses: { type: 'string', value: 'N', help: 'how many machines it lets in (default: 1)' },
    expires: { type: 'string', value: 'HOURS', help: 'how long it is good for (default: 24)' },
    phrase: PHRASE_OPTION,
    list: { type: 'boolean', help: 'show the tickets that still let somebody in' },
    cancel: { type: 'string', value: 'ID', help: 'take a ticket back; whom it let in stays' },
  },
  async run(context) {
    if (context.values.list === true) return listInvites(context);
    if (context.values.cancel !== undefined) return cancelInvite(context, String(context.values.cancel));
    const { role, uses, expires } = context.values;
    const hours = findNumber(context, 'expires') ?? 24;
    if (!(hours >= HOURS_MIN && hours <= HOURS_MAX)) {
      const message = `--expires is a number of hours from ${HOURS_MIN} to ${HOURS_MAX}, not ${hours}`;
      throw new UsageError('out_of_range', message, 'expires');
    }
    const invite = await connectClient(context.dataDir).post<InviteView>('invites', {
      ...(role === undefined ? {} : { role }),
      ...(uses === undefined ? {} : { uses: findNumber(context, 'uses') }),
      ...(await phraseOf(context)),
      ...(expires === undefined ? {} : { expiresInMs: Math.round(hours * 3_600_000) }),
    });
    if (context.json) context.document(invite);
    else {
      context.print(invite.ticket);
      context.note(
        `Good for ${invite.uses} machine(s) until ${invite.expiresAt}. On the other machine: node dist/node.js --join TICKET`,
      );
    }
    return 0;
  },
};

async function listInvites(context: VerbContext): Promise<number> {
  const items = await connectClient(context.dataDir).all<OpenInviteView>('invites');
  if (context.json) context.document({ items, next: null } satisfies Page<OpenInviteView>);
  else for (const line of table(['ID', 'ROLE', 'USES LEFT', 'UNTIL', 'BY'], items.map(inviteRow))) context.print(line);
  return 0;
}

function inviteRow({ inviteId, role, uses, usesLeft, expiresAt, issuer }: OpenInviteView): string[] {
  return [inviteId.slice(0, 16), role, `${usesLeft} of ${uses}`, expiresAt, issuer];
}

async function cancelInvite(context: VerbContext, id: string): Promise<number> {
  const path = `invites/${encodeURIComponent(id)}/cancel`;
  const invite = await connectClient(context.dataDir).post<OpenInviteView>(path, {});
  if (context.json) context.document(invite);
  else context.print(`Taken back. ${invite.uses - invite.usesLeft} of ${invite.uses} uses were made, and stay.`);
  return 0;
}

const DISCARD_HOURS_MAX = 24 * 365;

export const revokeVerb: Verb = {
  name: 'revoke',
  summary: 'remove a member for good; what it has finished goes on counting',
  positionals: ['<NAME|ID>'],
  options: {
    'discard-since': {
      type: 'string',
      value: 'HOURS',
      help: 'what it wrote in the last so many hours, by its own clock, counts no more',
    },
    phrase: PHRASE_OPTION,
    yes: { type: 'boolean', help: 'yes, for good: its key never comes in again' },
  },
  async run(context) {
    requireYes(context, 'A removed machine comes back only with a new identity.');
    const hours = findNumber(context, 'discard-since');
    if (hours !== undefined && !(hours >= 0 && hours <= DISCARD_HOURS_MAX)) {
      const message = `--discard-since is a number of hours from 0 to ${DISCARD_HOURS_MAX}, not ${hours}`;
      throw new UsageError('out_of_range', message, 'discard-since');
    }
    const since = hours === undefined ? {} : { discardSince: new Date(Date.now() - hours * 3_600_000).toISOString() };
    const path = `members/${encodeURIComponent(context.positionals[0]!)}/revoke`;
    const revoked = await connectClient(context.dataDir).post<RevokedView>(path, {
      ...since,
      ...(await phraseOf(context)),
    });
    if (context.json) context.document(revoked);
    else {
      const { name, kept, discarded } = revoked;
      context.print(`${name} is removed. ${kept} of its entries go on counting, ${discarded} do not.`);
      context.note('Who shows “same” under LEDGER in “stratmesh members” knows of it.');
    }
    return 0;
  },
};

export const leaveVerb: Verb = {
  name: 'leave',
  summary: 'take this node out of its mesh for good; what it has finished goes on counting',
  options: { yes: { type: 'boolean', help: 'yes, for good: this data directory never comes in again' } },
  async run(context) {
    requireYes(context, 'A machine that left comes back only with a new identity, from a new data directory.');
    const left = await connectClient(context.dataDir).post<LeftView>('leave', {});
    if (context.json) context.document(left);
    else {
      context.print(
        left.told === 0
          ? 'This machine has left, and nobody was connected to hear it: let the node run until another member is there.'
          : `This machine has left the mesh; ${left.told} connected members are told.`,
      );
      if (left.admins === 0) context.note('The mesh has no admin any more: only the recovery phrase can make one.');
    }
    return 0;
  },
};

export const recoveryShowVerb: Verb = {
  name: 'recovery show',
  summary: 'show the recovery phrase of the mesh that was founded here, once',
  options: { yes: { type: 'boolean', help: 'yes, paper is at hand: afterwards the key is on this machine no more' } },
  async run(context) {
    requireYes(context, 'The 24 words are shown once; afterwards they are on no machine.');
    showPhrase(context.dataDir, (phrase) => {
      const words = phrase.split(' ');
      if (context.json) context.document({ words });
      else for (let i = 0; i < words.length; i += 6) context.print(words.slice(i, i + 6).join(' '));
    });
    context.note('Write them down, in this order. Whoever has them removes and lets in whom they like.');
    return 0;
  },
};

function requireYes({ values }: VerbContext, why: string): void {
  if (values.yes !== true) throw new UsageError('not_confirmed', `${why} Say --yes if that is meant.`, 'yes');
}

export const memberRenameVerb: Verb = {
  name: 'member rename',
  summary: 'call a member something else, on this machine only',
  positionals: ['<NAME|ID>', '[NAME]'],
  options: {},
  async run(context) {
    const [who, name = ''] = context.positionals;
    const path = `members/${encodeURIComponent(who!)}/rename`;
    const renamed = await connectClient(context.dataDir).post<RenamedView>(path, { name });
    if (context.json) context.document(renamed);
    else if (renamed.givenName === null) context.print(`${renamed.name} is called by its own name.`);
    else context.print(`${renamed.name} is called ${renamed.givenName} here.`);
    return 0;
  },
};

export const memberPingVerb: Verb = {
  name: 'member ping',
  summary: 'measure the way to a member and back, now',
  positionals: ['<NAME|ID>'],
  options: {},
  async run(context) {
    const path = `members/${encodeURIComponent(context.positionals[0]!)}/ping`;
    const pinged = await connectClient(context.dataDir).post<PingView>(path, {});
    if (context.json) context.document(pinged);
    else context.print(`${pinged.name} answered after ${pinged.ms} ms.`);
    return 0;
  },
};
