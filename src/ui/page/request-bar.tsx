// Machines at the door, on every page: their digits, and the two answers.
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { AdmittedView, PendingView } from '../api-members.ts';
import { admitMachine, pending, refuseMachine } from './commands.ts';
import { count } from './format.ts';
import { Icon } from './icons.tsx';
import { Button } from './parts.tsx';
import { canWrite, pairing } from './store.ts';
import { words } from './words/words.ts';

const ROLES = ['member', 'worker', 'admin'] as const;

/** Two groups of three; read out one by one. */
function Digits({ digits }: { digits: string }): VNode {
  return (
    <span class="digits" role="img" aria-label={words.value.digitsLabel([...digits].join(' '))}>
      {digits.slice(0, 3)} {digits.slice(3)}
    </span>
  );
}

function Answers({ machine }: { machine: PendingView }): VNode {
  const w = words.value;
  const [role, setRole] = useState<AdmittedView['role']>('member');
  const off = canWrite.value ? undefined : w.writesOff;
  const busy = machine.state === 'admitting' || pending.value.has(machine.peerId);
  const names = { member: w.roleMember, worker: w.roleWorker, admin: w.roleAdmin };
  return (
    <span class="request-answers">
      {machine.canAdmit ? (
        <>
          <Button
            kind="primary"
            off={off}
            busy={busy}
            label={`${w.letIn}: ${machine.name}`}
            onClick={() => void admitMachine(machine, role)}
          >
            {busy ? w.lettingIn : w.letIn}
          </Button>
          <label class="request-role">
            <span aria-hidden="true">{w.asRole}</span>
            <select
              aria-label={w.roleOf(machine.name)}
              value={role}
              onChange={(event) => setRole(event.currentTarget.value as AdmittedView['role'])}
            >
              {ROLES.map((each) => (
                <option key={each} value={each}>
                  {names[each]}
                </option>
              ))}
            </select>
          </label>
        </>
      ) : null}
      <Button off={off} busy={busy} label={`${w.refuse}: ${machine.name}`} onClick={() => void refuseMachine(machine)}>
        {w.refuse}
      </Button>
    </span>
  );
}

function Request({ machine }: { machine: PendingView }): VNode {
  const w = words.value;
  const { name, os, version, meshName, members, canAdmit, canJoin } = machine;
  return (
    <li class={`notice request ${canAdmit ? 'caution' : 'info'}`}>
      <Icon name="shield" />
      <div class="notice-text">
        <p>
          <strong>{canAdmit ? w.wantsIn(name) : w.canTake(name, meshName)}</strong>{' '}
          {w.machineIs(os, version, meshName, count(members))}
        </p>
        <p class="request-digits">
          <Digits digits={machine.digits} />
          <span>
            {canAdmit ? w.compareThenAdmit : w.compareThenGo} {canAdmit && canJoin ? w.orGoThere : null}
          </span>
        </p>
      </div>
      <Answers machine={machine} />
    </li>
  );
}

export function RequestBar(): VNode | null {
  const machines = pairing.value?.pending ?? [];
  if (machines.length === 0) return null;
  return (
    <ul class="requests">
      {machines.map((machine) => (
        <Request key={machine.peerId} machine={machine} />
      ))}
    </ul>
  );
}
