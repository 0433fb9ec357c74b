// Who is connected with whom, by the nodes' logs: asking a command takes longer than what is measured.
import type { TestNode } from './nodes.ts';

/** Peers that a node is connected with. `since`: length of its log when it was last started. */
export function connectedTo(node: TestNode, since = 0): number {
  const peers = new Set<unknown>();
  for (const line of node.log().slice(since).split('\n').filter(isWhole)) {
    const { type, peerId } = JSON.parse(line) as { type?: string; peerId?: string };
    if (type === 'member.connected') peers.add(peerId);
    if (type === 'member.disconnected') peers.delete(peerId);
  }
  return peers.size;
}

/** The last line may be under way. */
function isWhole(line: string): boolean {
  return line.startsWith('{') && line.endsWith('}');
}

/** All hold the same. */
export async function agree(nodes: readonly TestNode[]): Promise<boolean> {
  const roots = await Promise.all(nodes.map(async (node) => (await node.status()).ledger.root));
  return new Set(roots).size === 1;
}
