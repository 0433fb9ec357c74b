// The window through which machines of the local network come in without a ticket.
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { PairingView } from '../../api-members.ts';
import { pending, setPairing } from '../commands.ts';
import { Seg, Switch } from '../dialogs/fields.tsx';
import { span } from '../format.ts';
import { canWrite, members, now, pairing, present } from '../store.ts';
import { words } from '../words/words.ts';
import { peersWords } from './words.ts';

const MINUTES = ['5', '10', '30', '60'] as const;
const MINUTE_MS = 60_000;

function openLines({ hostUntil, guestUntil, reason }: PairingView): VNode {
  const w = peersWords.value;
  const left = (until: string): string => span(Math.max(0, Date.parse(until) - now.value));
  return (
    <>
      {hostUntil === null ? null : <p class="small">{w.hostOpen(left(hostUntil))}</p>}
      {guestUntil === null ? null : <p class="small">{w.guestOpen(left(guestUntil))}</p>}
      {hostUntil === null && guestUntil === null ? <p class="small dim">{w.pairingClosed}</p> : null}
      {reason === null ? null : (
        <p class="small amber" lang="en">
          {reason}
        </p>
      )}
    </>
  );
}

export function PairingWindow(): VNode | null {
  const w = peersWords.value;
  const [side, setSide] = useState<'host' | 'guest'>('host');
  const [minutes, setMinutes] = useState<(typeof MINUTES)[number]>('10');
  const view = pairing.value;
  if (view === undefined) return null;
  const isOpen = view.hostUntil !== null || view.guestUntil !== null;
  const isAlone = present.value.length <= 1;
  const as = isAlone ? side : 'host';
  const isAdmin = members.value.find(({ self }) => self)?.role === 'admin';
  const busy = pending.value.has('pairing') ? words.value.waiting : undefined;
  const forbidden = isAdmin || as === 'guest' ? undefined : w.pairingRole;
  return (
    <div class="pairing">
      <h3 class="sub-title">{w.network}</h3>
      <Switch
        label={w.pairingSwitch}
        on={isOpen}
        off={canWrite.value ? (busy ?? (isOpen ? undefined : forbidden)) : words.value.writesOff}
        onChange={(on) => void setPairing(on ? { as, minutes: Number(minutes) } : undefined)}
      />
      {openLines(view)}
      {isOpen ? null : (
        <div class="choices">
          {isAlone ? (
            <Seg
              name="side"
              legend={w.pairingSide}
              value={side}
              onChange={setSide}
              options={[
                { value: 'host', text: w.sideHost },
                { value: 'guest', text: w.sideGuest },
              ]}
            />
          ) : null}
          <Seg
            name="minutes"
            legend={w.pairingMinutes}
            value={minutes}
            onChange={setMinutes}
            options={MINUTES.map((value) => ({ value, text: span(Number(value) * MINUTE_MS) }))}
          />
        </div>
      )}
    </div>
  );
}
