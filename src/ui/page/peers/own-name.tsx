// What this node does about one member alone: a name of one's own for it, and the way there and back, measured now.
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { MemberView } from '../../api.ts';
import { NAME_LENGTH_MAX } from '../../limits.ts';
import { pingMember, renameMember, report } from '../commands.ts';
import { Field } from '../dialogs/fields.tsx';
import { decimal } from '../format.ts';
import { Button } from '../parts.tsx';
import { canWrite } from '../store.ts';
import { words } from '../words/words.ts';
import { peersWords } from './words.ts';

function Form({ member, close }: { member: MemberView; close: () => void }): VNode {
  const w = peersWords.value;
  const [name, setName] = useState(member.givenName ?? '');
  const [busy, setBusy] = useState(false);
  const save = async (wanted: string): Promise<void> => {
    setBusy(true);
    const outcome = await renameMember(member.peerId, wanted);
    setBusy(false);
    if (outcome.ok) close();
    else report(outcome);
  };
  const error = [...name.trim()].length > NAME_LENGTH_MAX ? w.nameLong : undefined;
  const off = canWrite.value ? error : words.value.writesOff;
  return (
    <form
      class="own-name"
      onSubmit={(event) => {
        event.preventDefault();
        if (off === undefined) void save(name.trim());
      }}
    >
      <Field name="own-name" label={w.nameHere} text value={name} onInput={setName} error={error} />
      <p class="small dim">{w.nameHint}</p>
      <span class="actions">
        <Button kind="primary" submit off={off} busy={busy} onClick={() => undefined}>
          {w.saveName}
        </Button>
        {member.givenName === null ? null : (
          <Button off={off} busy={busy} onClick={() => void save('')}>
            {w.ownNameAgain}
          </Button>
        )}
        <Button onClick={close}>{words.value.cancel}</Button>
      </span>
    </form>
  );
}

/** A button that becomes a field. */
export function OwnName({ member }: { member: MemberView }): VNode {
  const [open, setOpen] = useState(false);
  if (open) return <Form member={member} close={() => setOpen(false)} />;
  return <Button onClick={() => setOpen(true)}>{peersWords.value.rename}</Button>;
}

/** A button, and beside it the last answer. */
export function Ping({ member }: { member: MemberView }): VNode {
  const w = peersWords.value;
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState<{ text: string; tone: string } | undefined>(undefined);
  const measure = async (): Promise<void> => {
    setBusy(true);
    const outcome = await pingMember(member.peerId);
    setBusy(false);
    setSaid(
      outcome.ok
        ? { text: w.pinged(`${decimal(outcome.value.ms, 1)}\u00a0ms`), tone: 'accent' }
        : { text: `${words.value.failed} ${outcome.problem.detail}`, tone: 'red' },
    );
  };
  const off = !canWrite.value ? words.value.writesOff : member.connected ? undefined : w.pathNone;
  return (
    <>
      <Button off={off} busy={busy} onClick={() => void measure()}>
        {busy ? words.value.waiting : w.ping}
      </Button>
      <span role="status" class={`small ${said?.tone ?? ''}`}>
        {said?.text}
      </span>
    </>
  );
}
