// Overview: everything at a glance.
import type { VNode } from 'preact';
import { Activity } from './activity.tsx';
import { Best } from './best.tsx';
import { Kpis } from './kpis.tsx';
import { Mesh } from './mesh.tsx';
import { ThisNode } from './this-node.tsx';
import { Throughput } from './throughput.tsx';
import { Top } from './top.tsx';
import { Work } from './work.tsx';

export function Overview(): VNode {
  return (
    <>
      <Kpis />
      <div class="grid">
        <Mesh />
        <ThisNode />
        <Throughput />
        <Best />
        <Work />
        <Activity />
        <Top />
      </div>
    </>
  );
}
