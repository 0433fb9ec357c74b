// bootstrap.json: addresses to try and, where one folder is copied to every machine, the ticket that lets them in.
import { readFileSync } from 'node:fs';
import { multiaddr } from '@multiformats/multiaddr';
import { z } from 'zod';
import { StartError } from './start-error.ts';

const zBootstrap = z.strictObject({
  /** A line that starts with smesh1, from `stratmesh invite`. */
  ticket: z.string().nullable().optional(),
  /** Multiaddrs of mesh ports, with or without /p2p/<peer id>. */
  peers: z.array(z.string()).max(200).optional(),
});

export interface Bootstrap {
  ticket: string | undefined;
  peers: { address: string; peerId: string | undefined }[];
}

/** A missing file is an empty one, unless somebody named it. Throws StartError `bad_bootstrap` naming the field. */
export function readBootstrap(file: string, options: { required: boolean }): Bootstrap {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (missing && !options.required) return { ticket: undefined, peers: [] };
    throw new StartError('bad_bootstrap', `${file} cannot be read: ${(error as Error).message}`);
  }
  const parsed = zBootstrap.safeParse(parseJson(text, file));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const field = (issue?.path ?? []).map(String).join('.');
    throw new StartError('bad_bootstrap', `${file}: ${issue?.message}`, field === '' ? undefined : field);
  }
  const peers = (parsed.data.peers ?? []).map((peer, index) => splitAddress(peer, `${file}`, `peers.${index}`));
  return { ticket: parsed.data.ticket || undefined, peers };
}

/** Separates a multiaddr from the peer id that it may end with. */
function splitAddress(text: string, where: string, field: string): Bootstrap['peers'][number] {
  try {
    const parsed = multiaddr(text);
    const names = parsed.getComponents();
    const peerId = names.findLast((component) => component.name === 'p2p')?.value;
    if (!names.some((component) => component.name === 'tcp')) throw new Error('not a place to dial');
    return { address: text.split('/p2p/')[0]!, peerId };
  } catch {
    throw new StartError(
      'bad_bootstrap',
      `${where}: ${text} is not an address like /ip4/192.168.1.20/tcp/22071`,
      field,
    );
  }
}

function parseJson(text: string, file: string): unknown {
  try {
    // Some editors put a byte order mark before what they save.
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new StartError('bad_bootstrap', `${file} is not JSON: ${(error as Error).message}`);
  }
}
