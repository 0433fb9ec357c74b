// For a browser on another device: a token, or a link whose code stands behind the # and so never reaches a log.
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { openSession } from './commands.ts';
import { Field } from './dialogs/fields.tsx';
import { Logo } from './icons.tsx';
import { Button } from './parts.tsx';
import { words } from './words/words.ts';

const LINK = /^#sign-in=([\w-]+)$/;

/** Uses up the link that opened the page, if one did, and takes it out of the address. */
export async function signInByLink(): Promise<void> {
  const code = LINK.exec(location.hash)?.[1];
  if (code === undefined) return;
  history.replaceState(null, '', location.pathname);
  await openSession({ code });
}

export function SignIn(): VNode {
  const w = words.value;
  const [token, setToken] = useState('');
  const [error, setError] = useState<string | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    const outcome = await openSession({ token: token.trim() });
    setBusy(false);
    // A page opened from elsewhere came without the cookie; opened again it comes with it.
    if (outcome.ok) location.reload();
    else setError(outcome.problem.detail);
  };
  return (
    <main id="main" class="whole">
      <form class="welcome-card" noValidate onSubmit={(event) => void submit(event)}>
        <p class="brand">
          <Logo /> <strong>stratmesh</strong>
        </p>
        <h1>{w.signInTitle}</h1>
        <p class="muted">{w.signInText}</p>
        <Field name="token" label={w.signInToken} value={token} error={error} onInput={setToken} text />
        <Button kind="primary" submit busy={busy} onClick={() => undefined}>
          {w.signInButton}
        </Button>
        <p class="small dim">{w.signInCommand}</p>
      </form>
    </main>
  );
}
