// Before somebody is out for good: what will happen, and a second click.
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { MemberView } from '../../api.ts';
import type { RevokedView } from '../../api-members.ts';
import { leaveMesh, type Outcome, removeMember } from '../commands.ts';
import { count, span } from '../format.ts';
import { Button, Notice } from '../parts.tsx';
import { WhoKnows } from '../peers/who-knows.tsx';
import { peersWords } from '../peers/words.ts';
import { canWrite, members, memberToRemove, openDialog } from '../store.ts';
import { toast } from '../toasts.ts';
import { words } from '../words/words.ts';
import { Dialog } from './dialog.tsx';
import { Field, Seg } from './fields.tsx';

const HOUR_MS = 3_600_000;
const DISCARD_HOURS = ['1', '24', '168', 'since'] as const;

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

const closeRemoval = (): void => {
  memberToRemove.value = undefined;
};

/** It is done; who has heard of it fills in as the others say so. */
function Removed({ removed }: { removed: RevokedView }): VNode {
  const w = peersWords.value;
  return (
    <>
      <div class="dialog-body">
        <Notice tone="good" icon="check">
          {w.removedCounts(count(removed.kept), count(removed.discarded))} {w.removedTickets}
        </Notice>
        <WhoKnows />
      </div>
      <footer class="dialog-foot">
        <Button onClick={closeRemoval}>
          {words.value.close} <kbd>Esc</kbd>
        </Button>
      </footer>
    </>
  );
}

interface Cut {
  kind: 'keep' | 'discard';
  hours: (typeof DISCARD_HOURS)[number];
  since: string;
}

/** ISO time from which on nothing counts; undefined: all of it does. Null: no such time. */
function discardSince({ kind, hours, since }: Cut): string | undefined | null {
  if (kind === 'keep') return undefined;
  if (hours !== 'since') return new Date(Date.now() - Number(hours) * HOUR_MS).toISOString();
  const [, day, time = '00:00'] = /^\s*(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d))?\s*$/.exec(since) ?? [];
  const at = Date.parse(`${day}T${time}:00Z`);
  return at < Date.now() ? new Date(at).toISOString() : null;
}

function CutChoice({
  cut,
  error,
  onChange,
}: {
  cut: Cut;
  error: string | undefined;
  onChange: (cut: Cut) => void;
}): VNode {
  const w = peersWords.value;
  return (
    <>
      <Seg
        name="cut"
        legend={w.cut}
        value={cut.kind}
        onChange={(kind) => onChange({ ...cut, kind })}
        options={[
          { value: 'keep', text: w.cutKeep },
          { value: 'discard', text: w.cutDiscard },
        ]}
      />
      <p class="small dim">{cut.kind === 'keep' ? w.cutKeepText : w.cutDiscardText}</p>
      {cut.kind === 'keep' ? null : (
        <Seg
          name="discard"
          legend={w.discard}
          value={cut.hours}
          onChange={(hours) => onChange({ ...cut, hours })}
          options={DISCARD_HOURS.map((value) => ({
            value,
            text: value === 'since' ? w.discardSince : span(Number(value) * HOUR_MS),
          }))}
        />
      )}
      {cut.kind === 'discard' && cut.hours === 'since' ? (
        <Field
          name="since"
          label={w.since}
          value={cut.since}
          error={error}
          onInput={(since) => onChange({ ...cut, since })}
          placeholder="2026-11-21 18:00"
          text
        />
      ) : null}
    </>
  );
}

function AskRemoval({ member, done }: { member: MemberView; done: (removed: RevokedView) => void }): VNode {
  const w = peersWords.value;
  const [cut, setCut] = useState<Cut>({ kind: 'keep', hours: '24', since: '' });
  const [sinceError, setSinceError] = useState<string | undefined>(undefined);
  const [phrase, setPhrase] = useState('');
  const { busy, refusal, run } = useSending();
  const act = (): void => {
    const since = discardSince(cut);
    setSinceError(since === null ? w.errorSince : undefined);
    if (since === null) return;
    const input = {
      ...(since === undefined ? {} : { discardSince: since }),
      ...(phrase.trim() === '' ? {} : { phrase: phrase.trim() }),
    };
    void run(() => removeMember(member.peerId, input), done);
  };
  const admin = members.value.find(({ self }) => self)?.role === 'admin';
  const wanted = !admin || member.role === 'admin' || refusal !== undefined;
  return (
    <>
      <div class="dialog-body">
        <p>
          <strong>{member.name}</strong>
          <span class="sub peer-id">{member.peerId}</span>
        </p>
        <p class="muted">{w.removeText}</p>
        <CutChoice cut={cut} error={sinceError} onChange={setCut} />
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
      <Foot close={closeRemoval} act={act} busy={busy} text={w.removeConfirm} />
    </>
  );
}

export function RemoveMember(): VNode | null {
  const w = peersWords.value;
  const member = memberToRemove.value;
  const [removed, setRemoved] = useState<RevokedView | undefined>(undefined);
  if (member === undefined) return null;
  const title = removed === undefined ? w.removeTitle : w.removedTitle(removed.name);
  return (
    <Dialog id="remove" title={title} icon="remove" onClose={closeRemoval}>
      {removed === undefined ? <AskRemoval member={member} done={setRemoved} /> : <Removed removed={removed} />}
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
