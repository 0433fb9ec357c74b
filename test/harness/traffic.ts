// Nodes whose traffic is counted by protocol (count-traffic.mjs) and that log each change of their ledger.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestNode } from '../support/nodes.ts';

const COUNTER = fileURLToPath(new URL('count-traffic.mjs', import.meta.url));
export const SYNC = '/stratmesh/sync/1';

/** Bytes since the start, by protocol. */
export type Traffic = Record<string, { sent: number; received: number }>;

const fileOf = (node: TestNode): string => join(node.dataDir, 'traffic.json');

/** As of half a second ago. */
export function trafficOf(node: TestNode): Traffic {
  return JSON.parse(readFileSync(fileOf(node), 'utf8')) as Traffic;
}

export async function startCounted(node: TestNode, bootstrap?: string): Promise<void> {
  const here = ['--mesh-host', '127.0.0.1', '--no-mdns', '--mesh-port', '0', '--lobby-port', '0'];
  await node.start({
    args: [...here, '--log-level', 'debug'],
    environment: { NODE_OPTIONS: `--import=${COUNTER}`, STRATMESH_TRAFFIC: fileOf(node) },
    ...(bootstrap === undefined ? {} : { bootstrap }),
  });
}
