// Who this node is, and the invitations that still let somebody in.
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { MemberView } from '../../api.ts';
import type { OpenInviteView } from '../../api-members.ts';
import { cancelInvite, report } from '../commands.ts';
import { Await, readAll, useFetched } from '../fetched.tsx';
import { count, shortHash, span } from '../format.ts';
import { Icon } from '../icons.tsx';
import { Button, Facts, Panel } from '../parts.tsx';
import { canWrite, members, now, openDialog, status } from '../store.ts';
import { toast } from '../toasts.ts';
import { words } from '../words/words.ts';
import { PairingWindow } from './pairing.tsx';
import { peersWords } from './words.ts';

export function roleWord(role: MemberView['role']): string {
  const w = words.value;
  return { admin: w.roleAdmin, member: w.roleMember, worker: w.roleWorker }[role];
}

function Invite({ invite, again }: { invite: OpenInviteView; again: () => void }): VNode {
  const w = peersWords.value;
  const [busy, setBusy] = useState(false);
  const cancel = async (): Promise<void> => {
    setBusy(true);
    const outcome = await cancelInvite(invite.inviteId);
    setBusy(false);
    report(outcome);
    if (outcome.ok) toast('good', w.takenBack);
    again();
  };
  return (
    <li>
      <span>
        <strong>{shortHash(invite.inviteId)}</strong> · {roleWord(invite.role)}
        <span class="sub">
          {w.inviteUses(count(invite.usesLeft), count(invite.uses))} ·{' '}
          {w.inviteEnds(span(Date.parse(invite.expiresAt) - now.value))} · {w.inviteBy(invite.issuer)}
        </span>
      </span>
      <Button
        off={canWrite.value ? undefined : words.value.writesOff}
        busy={busy}
        label={w.takeBackOf(shortHash(invite.inviteId))}
        onClick={() => void cancel()}
      >
        {w.takeBack}
      </Button>
    </li>
  );
}

function Invites(): VNode {
  const w = peersWords.value;
  const invites = useFetched<OpenInviteView[]>('invites', status.value?.ledger.root, readAll);
  return (
    <>
      <h3 class="sub-title">{w.openInvites}</h3>
      <Await of={invites} lines={2}>
        {(all) =>
          all.length === 0 ? (
            <p class="small dim">{w.noInvites}</p>
          ) : (
            <ul class="invites">
              {all.map((invite) => (
                <Invite key={invite.inviteId} invite={invite} again={invites.again} />
              ))}
            </ul>
          )
        }
      </Await>
    </>
  );
}

/** Without the peer id, which stands above it. */
const bare = (address: string): string => address.split('/p2p/')[0]!;

export function Identity(): VNode {
  const w = peersWords.value;
  const here = status.value!;
  const self = members.value.find((member) => member.self);
  const off = canWrite.value ? undefined : words.value.writesOff;
  const addresses = here.mesh.addresses.map(bare);
  return (
    <Panel id="identity" title={w.identityTitle}>
      <div class="actions">
        <Button kind="primary" off={off} onClick={() => (openDialog.value = 'invite')}>
          <Icon name="plus" /> {words.value.invite} <kbd>I</kbd>
        </Button>
        <Button off={off} onClick={() => (openDialog.value = 'join')}>
          {w.joinAnother}
        </Button>
        <Button off={off} onClick={() => (openDialog.value = 'leave')}>
          {w.leaveMesh}
        </Button>
      </div>
      <Facts
        rows={[
          [words.value.you, here.name],
          [
            w.peerId,
            <span key="id" class="peer-id">
              {here.peerId}
            </span>,
          ],
          [w.role, self === undefined ? '—' : roleWord(self.role)],
          [w.meshId, here.meshId === '' ? '—' : shortHash(here.meshId)],
          [w.listening, <span key="addresses">{addresses.length === 0 ? w.nowhere : addresses.join('\u00a0· ')}</span>],
          [w.door, here.lobbyOpen ? w.doorOpen : w.doorClosed],
        ]}
      />
      <PairingWindow />
      <Invites />
    </Panel>
  );
}
