// `token …`: who may use page and API from other devices. Works on the data directory, with or without a running node.
import { openAccess } from '../access.ts';
import { table } from '../cli/text.ts';
import { UsageError, type Verb } from '../cli/verb.ts';
import { openDataDirectory } from '../data-directory.ts';
import { findText } from './flags.ts';

const accessOf = (dataDir: string) => openAccess(openDataDirectory(dataDir).path, Date.now);

export const tokenNewVerb: Verb = {
  name: 'token new',
  summary: 'make a token for a program or another device; it is shown this once',
  options: { name: { type: 'string', value: 'NAME', help: 'what it is for (default: token)' } },
  async run(context) {
    const made = accessOf(context.dataDir).newToken(findText(context, 'name') ?? 'token');
    if (context.json) context.document(made);
    else {
      context.print(made.token);
      context.note(
        'Shown this once. Send it as “Authorization: Bearer …”, or enter it on the page of the other device.',
      );
    }
    return 0;
  },
};

export const tokenListVerb: Verb = {
  name: 'token list',
  summary: 'tokens, and the browsers of other devices that have signed in',
  options: {},
  async run(context) {
    const access = accessOf(context.dataDir);
    const [tokens, sessions] = [access.tokens(), access.sessions()];
    if (context.json) {
      context.document({ tokens, sessions });
      return 0;
    }
    const rows = [
      ...tokens.map(({ id, name, createdAt }) => [id, 'token', name, createdAt]),
      ...sessions.map(({ id, device, createdAt }) => [id, 'session', device, createdAt]),
    ];
    if (rows.length === 0) context.note('None: only this machine can use the page.');
    else for (const line of table(['ID', 'KIND', 'NAME', 'SINCE'], rows)) context.print(line);
    return 0;
  },
};

export const tokenDropVerb: Verb = {
  name: 'token drop',
  summary: 'take a token back, with the sessions that it opened, or end one session',
  positionals: ['<ID>'],
  options: {},
  async run(context) {
    const [id] = context.positionals as [string];
    const access = accessOf(context.dataDir);
    const isSession = access.sessions().some((session) => session.id === id);
    if (!isSession && !access.tokens().some((token) => token.id === id))
      throw new UsageError('token_unknown', `No token and no session has the id ${id}.`, 'ID');
    const gone = isSession ? access.endSession(id) : access.dropToken(id);
    if (context.json) context.document(gone);
    else context.print(`${id} is good no longer.`);
    return 0;
  },
};
