// Who may open the page besides this computer: where it listens, tokens, browsers that have signed in, links for one more.
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { AccessView, NewTokenView, SessionView, SignInView, TokenView } from '../../api-access.ts';
import { dropToken, endSession, makeSignIn, makeToken, type Outcome, report } from '../commands.ts';
import { CopyBox } from '../dialogs/copy-box.tsx';
import { Field } from '../dialogs/fields.tsx';
import { QrCode } from '../dialogs/qr.tsx';
import { Await, useFetched } from '../fetched.tsx';
import { stamp } from '../format.ts';
import { Button, Notice } from '../parts.tsx';
import { canWrite } from '../store.ts';
import { toast } from '../toasts.ts';
import { words } from '../words/words.ts';
import { accessWords } from './access-words.ts';
import { PageAccess } from './page-access.tsx';
import { Row } from './row.tsx';

/** Sends once, reports a refusal, and reads the list again. */
function useCommand(
  again: () => void,
): [busy: boolean, run: <T>(work: Promise<Outcome<T>>, done: (value: T) => void) => void] {
  const [busy, setBusy] = useState(false);
  const run = async <T,>(work: Promise<Outcome<T>>, done: (value: T) => void): Promise<void> => {
    setBusy(true);
    const outcome = await work;
    setBusy(false);
    report(outcome);
    if (outcome.ok) done(outcome.value);
    again();
  };
  return [busy, (work, done) => void run(work, done)];
}

interface ItemProps {
  name: string;
  at: string;
  label: string;
  button: string;
  busy: boolean;
  onClick: () => void;
}

function Item({ name, at, label, button, busy, onClick }: ItemProps): VNode {
  return (
    <li>
      <span>
        <strong>{name}</strong>
        <span class="sub">{accessWords.value.madeAt(stamp(at))}</span>
      </span>
      <Button off={canWrite.value ? undefined : words.value.writesOff} busy={busy} label={label} onClick={onClick}>
        {button}
      </Button>
    </li>
  );
}

function Tokens({ tokens, again }: { tokens: readonly TokenView[]; again: () => void }): VNode {
  const w = accessWords.value;
  const [name, setName] = useState('');
  const [made, setMade] = useState<NewTokenView | undefined>(undefined);
  const [busy, run] = useCommand(again);
  const make = (): void =>
    run(makeToken(name.trim()), (value) => {
      setMade(value);
      setName('');
    });
  return (
    <Row name="tokens" title={w.tokens} hint={w.tokensHint}>
      {tokens.length === 0 ? (
        <p class="small dim">{w.noTokens}</p>
      ) : (
        <ul class="invites">
          {tokens.map((token) => (
            <Item
              key={token.id}
              name={token.name}
              at={token.createdAt}
              button={w.drop}
              label={w.dropOf(token.name)}
              busy={busy}
              onClick={() => run(dropToken(token.id), () => toast('good', w.dropped))}
            />
          ))}
        </ul>
      )}
      {made === undefined ? null : (
        <Notice tone="good" icon="check">
          {w.tokenOnce}
          <CopyBox label={w.token} text={made.token} lines={2} />
        </Notice>
      )}
      <Field name="token-name" label={w.tokenName} value={name} error={undefined} onInput={setName} text />
      <Button
        off={canWrite.value ? (name.trim() === '' ? w.tokenName : undefined) : words.value.writesOff}
        busy={busy}
        onClick={make}
      >
        {w.newToken}
      </Button>
    </Row>
  );
}

function Sessions({ sessions, again }: { sessions: readonly SessionView[]; again: () => void }): VNode {
  const w = accessWords.value;
  const [busy, run] = useCommand(again);
  return (
    <Row name="sessions" title={w.sessions} hint={w.sessionsHint}>
      {sessions.length === 0 ? <p class="small dim">{w.noSessions}</p> : null}
      <ul class={sessions.length === 0 ? '' : 'invites'}>
        {sessions.map(({ id, device, createdAt }) => (
          <Item
            key={id}
            name={device}
            at={createdAt}
            button={w.signOut}
            label={w.signOutOf(device)}
            busy={busy}
            onClick={() => run(endSession(id), () => toast('good', w.signedOut))}
          />
        ))}
      </ul>
    </Row>
  );
}

/** By an address that other devices can reach. */
function Link({ url }: { url: string }): VNode {
  const w = accessWords.value;
  const [made, setMade] = useState<SignInView | undefined>(undefined);
  const [busy, run] = useCommand(() => undefined);
  const link = made === undefined ? '' : `${url}#sign-in=${made.code}`;
  return (
    <Row name="link" title={w.link} hint={w.linkHint}>
      {made === undefined ? null : (
        <>
          <QrCode text={link} label={w.linkQr} />
          <p class="small muted">{w.linkOnce}</p>
          <CopyBox label={w.link} text={link} lines={3} />
        </>
      )}
      <Button
        off={canWrite.value ? undefined : words.value.writesOff}
        busy={busy}
        onClick={() => run(makeSignIn(), setMade)}
      >
        {w.newLink}
      </Button>
    </Row>
  );
}

function Listening({ urls, exposed }: AccessView): VNode {
  const w = accessWords.value;
  if (exposed) {
    return (
      <Notice tone="caution" icon="warning">
        {w.openFor(urls.slice(1).join(' · '))} {w.notEncrypted}
      </Notice>
    );
  }
  return (
    <Notice tone="good" icon="shield">
      {w.onlyHere(urls[0] ?? '—')}
    </Notice>
  );
}

export function Access(): VNode {
  const access = useFetched<AccessView>('access', undefined);
  return (
    <Await of={access} lines={4}>
      {(view) => (
        <>
          <Listening {...view} />
          <PageAccess tokens={view.tokens} again={access.again} />
          <Tokens tokens={view.tokens} again={access.again} />
          <Sessions sessions={view.sessions} again={access.again} />
          {view.exposed && view.urls.length > 1 ? <Link url={view.urls[1]!} /> : null}
        </>
      )}
    </Await>
  );
}
