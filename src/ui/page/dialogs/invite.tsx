// Tickets: making one for another machine, and joining with one.
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { InviteView } from '../../api-members.ts';
import { cancelInvite, joinMesh, makeInvite } from '../commands.ts';
import { span, stamp } from '../format.ts';
import { Button, Notice } from '../parts.tsx';
import { peersWords } from '../peers/words.ts';
import { canWrite, openDialog } from '../store.ts';
import { toast } from '../toasts.ts';
import { words } from '../words/words.ts';
import { CopyBox } from './copy-box.tsx';
import { Dialog } from './dialog.tsx';
import { Field, Seg } from './fields.tsx';
import { QrCode } from './qr.tsx';

const HOUR_MS = 3_600_000;
const USES = ['1', '5', '20'] as const;
const EXPIRES_HOURS = ['1', '24', '168'] as const;

const close = (): void => {
  openDialog.value = undefined;
};

function Ticket({ invite }: { invite: InviteView }): VNode {
  const w = words.value;
  return (
    <>
      <div class="invite-code">
        <QrCode text={invite.ticket} label={peersWords.value.qrLabel} />
        <div class="invite-text">
          <p class="small muted">{peersWords.value.scan}</p>
          <CopyBox label={w.ticket} text={invite.ticket} lines={5} />
        </div>
      </div>
      <CopyBox label={w.inviteCommand} text={`node dist/node.js --join ${invite.ticket}`} lines={4} />
      <Notice tone="caution" icon="info">
        {w.inviteUntil(stamp(invite.expiresAt))}
      </Notice>
    </>
  );
}

interface InviteTerms {
  role: InviteView['role'];
  uses: (typeof USES)[number];
  hours: (typeof EXPIRES_HOURS)[number];
}

function Terms({ terms, onChange }: { terms: InviteTerms; onChange: (terms: InviteTerms) => void }): VNode {
  const w = words.value;
  const roles = { member: w.roleMember, worker: w.roleWorker, admin: w.roleAdmin };
  return (
    <div class="choices">
      <Seg
        name="role"
        legend={w.inviteRole}
        value={terms.role}
        onChange={(role) => onChange({ ...terms, role })}
        options={(['member', 'worker', 'admin'] as const).map((value) => ({ value, text: roles[value] }))}
      />
      <Seg
        name="uses"
        legend={w.inviteUses}
        value={terms.uses}
        onChange={(uses) => onChange({ ...terms, uses })}
        options={USES.map((value) => ({ value, text: value }))}
      />
      <Seg
        name="expires"
        legend={w.inviteExpires}
        value={terms.hours}
        onChange={(hours) => onChange({ ...terms, hours })}
        options={EXPIRES_HOURS.map((value) => ({ value, text: span(Number(value) * HOUR_MS) }))}
      />
    </div>
  );
}

export function Invite(): VNode {
  const w = words.value;
  const [terms, setTerms] = useState<InviteTerms>({ role: 'member', uses: '1', hours: '24' });
  const [invite, setInvite] = useState<InviteView | undefined>(undefined);
  const [refusal, setRefusal] = useState<string | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  const make = async (): Promise<void> => {
    setBusy(true);
    setRefusal(undefined);
    const outcome = await makeInvite({
      role: terms.role,
      uses: Number(terms.uses),
      expiresInMs: Number(terms.hours) * HOUR_MS,
    });
    setBusy(false);
    if (outcome.ok) setInvite(outcome.value);
    else setRefusal(outcome.problem.detail);
  };
  const takeBack = async ({ inviteId }: InviteView): Promise<void> => {
    setBusy(true);
    const outcome = await cancelInvite(inviteId);
    setBusy(false);
    if (!outcome.ok) {
      setRefusal(outcome.problem.detail);
      return;
    }
    setInvite(undefined);
    toast('good', peersWords.value.takenBack);
  };
  return (
    <Dialog id="invite" title={w.inviteTitle} icon="mesh" wide={invite !== undefined} onClose={close}>
      <div class="dialog-body">
        <p class="muted">{w.inviteText}</p>
        {invite === undefined ? <Terms terms={terms} onChange={setTerms} /> : <Ticket invite={invite} />}
        {refusal === undefined ? null : (
          <Notice tone="error" icon="warning">
            <strong>{w.failed}</strong> <span lang="en">{refusal}</span>
          </Notice>
        )}
      </div>
      <footer class="dialog-foot">
        <Button onClick={close}>
          {invite === undefined ? w.cancel : w.close} <kbd>Esc</kbd>
        </Button>
        {invite === undefined ? (
          <Button kind="primary" off={canWrite.value ? undefined : w.writesOff} busy={busy} onClick={() => void make()}>
            {w.makeTicket}
          </Button>
        ) : (
          <>
            <Button kind="danger" busy={busy} onClick={() => void takeBack(invite)}>
              {peersWords.value.takeBack}
            </Button>
            <Button onClick={() => setInvite(undefined)}>{w.newTicket}</Button>
          </>
        )}
      </footer>
    </Dialog>
  );
}

export function Join(): VNode {
  const w = words.value;
  const [ticket, setTicket] = useState('');
  const [error, setError] = useState<string | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  const submit = async (): Promise<void> => {
    if (ticket.trim() === '') {
      setError(w.errorTicket);
      return;
    }
    setBusy(true);
    setError(undefined);
    const outcome = await joinMesh(ticket.trim());
    setBusy(false);
    if (!outcome.ok) {
      setError(outcome.problem.detail);
      return;
    }
    close();
    toast('good', w.joined(outcome.value.meshName));
  };
  return (
    <Dialog id="join" title={w.joinTitle} icon="mesh" onClose={close}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <div class="dialog-body">
          <p class="muted">{w.joinText}</p>
          <Field name="ticket" label={w.ticket} value={ticket} error={error} onInput={setTicket} text rows={5} />
        </div>
        <footer class="dialog-foot">
          <Button onClick={close}>
            {w.cancel} <kbd>Esc</kbd>
          </Button>
          <Button
            kind="primary"
            submit
            off={canWrite.value ? undefined : w.writesOff}
            busy={busy}
            onClick={() => undefined}
          >
            {w.joinButton}
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}
