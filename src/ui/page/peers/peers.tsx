// Peers: who takes part, how they are reached, and who may come in.
import type { VNode } from 'preact';
import { PeerDetail } from './detail.tsx';
import { Identity } from './identity.tsx';
import { MeshMap } from './map.tsx';
import { PeersTable } from './table.tsx';

export function PeersPage(): VNode {
  return (
    <div class="grid">
      <MeshMap />
      <Identity />
      <PeerDetail />
      <PeersTable />
    </div>
  );
}
