// Who has heard of a removal: a member whose ledger has been equal to this one's since knows all that this node says.
import type { VNode } from 'preact';
import { useRef } from 'preact/hooks';
import type { MemberView } from '../../api.ts';
import { isOnline, present, status } from '../store.ts';
import { peersWords } from './words.ts';

function wordOf(member: MemberView, known: ReadonlySet<string>): { text: string; tone: string } {
  const w = peersWords.value;
  if (known.has(member.peerId)) return { text: `✓ ${w.knows}`, tone: 'accent' };
  return isOnline(member) ? { text: w.knowsNotYet, tone: 'amber' } : { text: w.knowsLater, tone: 'dim' };
}

export function WhoKnows(): VNode {
  const w = peersWords.value;
  const known = useRef(new Set<string>());
  const here = status.value?.ledger.root;
  const others = present.value.filter(({ self }) => !self);
  // Who knew once knows for ever, also while its ledger is a step behind again.
  for (const { peerId, root } of others) if (root !== null && root === here) known.current.add(peerId);
  return (
    <div class="who-knows">
      <h3 class="sub-title">{w.whoKnows}</h3>
      {others.length === 0 ? (
        <p class="small dim">{w.nobodyElse}</p>
      ) : (
        <ul class="invites live-numbers">
          {others.map((member) => {
            const { text, tone } = wordOf(member, known.current);
            return (
              <li key={member.peerId}>
                <span>{member.name}</span>
                <span class={tone}>{text}</span>
              </li>
            );
          })}
        </ul>
      )}
    </div>
  );
}
