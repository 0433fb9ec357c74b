// Before somebody is out for good: what will happen, and a second click.
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { leaveMesh, type Outcome, removeMember } from '../commands.ts';
import { count, span } from '../format.ts';
import { Button, Notice } from '../parts.tsx';
import { peersWords } from '../peers/words.ts';
import { canWrite, members, memberToRemove, openDialog } from '../store.ts';
import { toast } from '../toasts.ts';
import { words } from '../words/words.ts';
import { Dialog } from './dialog.tsx';
import { Field, Seg } from './fields.tsx';

const HOUR_MS = 3_600_000;
const DISCARD_HOURS = ['0', '1', '24', '168'] as const;

function Foot({ close, act, busy, text }: { close: () => void; act: () => void; busy: boolean; text: string }): VNode {
  return (
    <footer class="dialog-foot">
      <Button onClick={close}>
        {words.value.cancel} <kbd>Esc</kbd>
      </Button>
      <Button kind="danger" off={canWrite.value ? undefined : words.value.writesOff} busy={busy} onClick={act}>
        {text}
      </Button>
    </footer>
  );
}

function Refusal({ text }: { text: string | undefined }): VNode | null {
  if (text === undefined) return null;
  return (
    <Notice tone="error" icon="warning">
      <strong>{words.value.failed}</strong> <span lang="en">{text}</span>
    </Notice>
  );
}

/** Sends once, and keeps what was refused. */
function useSending(): {
  busy: boolean;
  refusal: Extract<Outcome<unknown>, { ok: false }>['problem'] | undefined;
  run: <T>(work: () => Promise<Outcome<T>>, done: (value: T) => void) => Promise<void>;
} {
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Extract<Outcome<unknown>, { ok: false }>['problem'] | undefined>(undefined);
  return {
    busy,
    refusal,
    async run(work, done) {
      setBusy(true);
      setRefusal(undefined);
      const outcome = await work();
      setBusy(false);
      if (outcome.ok) done(outcome.value);
      else setRefusal(outcome.problem);
    },
  };
}

export function RemoveMember(): VNode | null {
  const w = peersWords.value;
  const member = memberToRemove.value;
  const [hours, setHours] = useState<(typeof DISCARD_HOURS)[number]>('0');
  const [phrase, setPhrase] = useState('');
  const { busy, refusal, run } = useSending();
  if (member === undefined) return null;
  const close = (): void => {
    memberToRemove.value = undefined;
  };
  const act = (): void => {
    const discardSince = new Date(Date.now() - Number(hours) * HOUR_MS).toISOString();
    const input = {
      ...(hours === '0' ? {} : { discardSince }),
      ...(phrase.trim() === '' ? {} : { phrase: phrase.trim() }),
    };
    void run(
      () => removeMember(member.peerId, input),
      ({ name, kept }) => {
        close();
        toast('good', w.removed(name, count(kept)));
      },
    );
  };
  const admin = members.value.find(({ self }) => self)?.role === 'admin';
  const wanted = !admin || member.role === 'admin' || refusal !== undefined;
  return (
    <Dialog id="remove" title={w.removeTitle} icon="remove" onClose={close}>
      <div class="dialog-body">
        <p>
          <strong>{member.name}</strong>
          <span class="sub peer-id">{member.peerId}</span>
        </p>
        <p class="muted">{w.removeText}</p>
        <Seg
          name="discard"
          legend={w.discard}
          value={hours}
          onChange={setHours}
          options={DISCARD_HOURS.map((value) => ({
            value,
            text: value === '0' ? w.discardNone : span(Number(value) * HOUR_MS),
          }))}
        />
        {wanted ? (
          <>
            <Field
              name="phrase"
              label={w.phrase}
              value={phrase}
              error={refusal?.field === 'phrase' ? refusal.detail : undefined}
              onInput={setPhrase}
              text
              rows={2}
            />
            <p class="small dim">{w.phraseHint}</p>
          </>
        ) : null}
        <Refusal text={refusal?.field === 'phrase' ? undefined : refusal?.detail} />
      </div>
      <Foot close={close} act={act} busy={busy} text={w.removeConfirm} />
    </Dialog>
  );
}

export function Leave(): VNode {
  const w = peersWords.value;
  const { busy, refusal, run } = useSending();
  const close = (): void => {
    openDialog.value = undefined;
  };
  const act = (): void =>
    void run(leaveMesh, ({ told }) => {
      close();
      toast('good', w.left(count(told)));
    });
  return (
    <Dialog id="leave" title={w.leaveTitle} icon="mesh" onClose={close}>
      <div class="dialog-body">
        <p class="muted">{w.leaveText}</p>
        <p class="muted">{w.leaveLastAdmin}</p>
        <Refusal text={refusal?.detail} />
      </div>
      <Foot close={close} act={act} busy={busy} text={w.leaveConfirm} />
    </Dialog>
  );
}
