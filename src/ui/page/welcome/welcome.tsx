// Welcome: start a mesh with this computer, or join another one by ticket, by a picture of it, or from this network.
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { LimitsView } from '../../api-limits.ts';
import { joinMesh, report, saveLimits, setPairing } from '../commands.ts';
import { Field } from '../dialogs/fields.tsx';
import { useFetched } from '../fetched.tsx';
import { count, span } from '../format.ts';
import { Icon, Logo } from '../icons.tsx';
import { Button, Notice } from '../parts.tsx';
import { RequestBar } from '../request-bar.tsx';
import { go } from '../router.ts';
import { Slider } from '../slider.tsx';
import { canWrite, now, openDialog, pairing, status } from '../store.ts';
import { toast } from '../toasts.ts';
import { words } from '../words/words.ts';
import { startHere } from './first-run.ts';
import { Rain } from './rain.tsx';
import { readCode } from './read-code.ts';
import { welcomeWords } from './words.ts';

const LOOK_MINUTES = 10;

function enter(): void {
  startHere();
  go('/');
}

function Start({ begin }: { begin: () => Promise<void> }): VNode {
  const w = welcomeWords.value;
  const [busy, setBusy] = useState(false);
  const start = async (): Promise<void> => {
    setBusy(true);
    await begin();
    setBusy(false);
    enter();
    // A mesh of one that has nothing to do needs work first of all.
    openDialog.value = 'create';
  };
  return (
    <section class="welcome-box">
      <h2>{w.startTitle}</h2>
      <p class="muted">{w.startText(status.value?.meshName ?? '—')}</p>
      <Button
        kind="primary"
        off={canWrite.value ? undefined : words.value.writesOff}
        busy={busy}
        onClick={() => void start()}
      >
        {w.start}
      </Button>
    </section>
  );
}

/** In no mesh, with a ticket that has not worked so far. */
function Waiting(): VNode {
  const w = welcomeWords.value;
  return (
    <section class="welcome-box">
      <h2>{w.waitingTitle}</h2>
      <Notice tone="info" icon="clock">
        <span lang="en">{status.value?.reason}</span>
      </Notice>
      <p class="muted">{w.waitingText}</p>
    </section>
  );
}

function Join({ begin }: { begin: () => Promise<void> }): VNode {
  const w = welcomeWords.value;
  const [ticket, setTicket] = useState('');
  const [error, setError] = useState<string | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  const look = async (picture: Blob | null | undefined): Promise<void> => {
    if (picture === null || picture === undefined) return;
    const text = await readCode(picture);
    if (text !== undefined) setTicket(text);
    setError(text === undefined ? w.noCode : undefined);
  };
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (ticket.trim() === '') return setError(words.value.errorTicket);
    setBusy(true);
    setError(undefined);
    await begin();
    const outcome = await joinMesh(ticket.trim());
    setBusy(false);
    if (!outcome.ok) return setError(outcome.problem.detail);
    toast('good', words.value.joined(outcome.value.meshName));
    enter();
  };
  return (
    <form
      class="welcome-box"
      noValidate
      onSubmit={(event) => void submit(event)}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        void look(event.dataTransfer?.files.item(0));
      }}
    >
      <h2>{w.joinTitle}</h2>
      <p class="muted">{w.joinText}</p>
      <Field name="ticket" label={words.value.ticket} value={ticket} error={error} onInput={setTicket} text rows={3} />
      <label class="button pick-file">
        <Icon name="search" /> {w.picture}
        <input type="file" accept="image/*" onChange={(event) => void look(event.currentTarget.files?.item(0))} />
      </label>
      <Button submit off={canWrite.value ? undefined : words.value.writesOff} busy={busy} onClick={() => undefined}>
        {words.value.joinButton}
      </Button>
    </form>
  );
}

function LocalNetwork(): VNode | null {
  const w = welcomeWords.value;
  const view = pairing.value;
  // Before there is a mesh nobody is met.
  if (view === undefined || status.value?.meshId === '') return null;
  const until = view.guestUntil ?? view.hostUntil;
  return (
    <div class="welcome-lan">
      <h2>{w.lanTitle}</h2>
      {view.reason === null ? null : (
        <p class="small amber" lang="en">
          {view.reason}
        </p>
      )}
      {until === null ? (
        <Button
          off={canWrite.value ? undefined : words.value.writesOff}
          onClick={() => void setPairing({ as: 'guest', minutes: LOOK_MINUTES })}
        >
          <Icon name="mesh" /> {w.lanLook}
        </Button>
      ) : (
        <p class="small muted">{w.lanOpen(span(Math.max(0, Date.parse(until) - now.value)))}</p>
      )}
    </div>
  );
}

export function Welcome(): VNode {
  const w = welcomeWords.value;
  const { threads, name, meshId } = status.value!;
  const limits = useFetched<LimitsView>('limits', undefined);
  const [lent, setLent] = useState<number | undefined>(undefined);
  const known = limits.value?.rules.threads ?? threads.total;
  /** What the reader chose here counts from the moment that he starts or joins. */
  const begin = async (): Promise<void> => {
    if (lent !== undefined) report(await saveLimits({ threads: lent === threads.total ? null : lent }));
  };
  return (
    <>
      <Rain />
      <div class="welcome-card wide">
        <p class="brand">
          <Logo />
          <span>
            <strong>stratmesh</strong>
            <span class="dim">{w.slogan}</span>
          </span>
        </p>
        <RequestBar />
        <div class="welcome-boxes">
          {meshId === '' ? <Waiting /> : <Start begin={begin} />}
          <Join begin={begin} />
        </div>
        <div class="welcome-boxes">
          <Slider
            label={w.lend}
            value={Math.min(lent ?? known, threads.total)}
            min={1}
            max={threads.total}
            text={`${count(Math.min(lent ?? known, threads.total))}/${count(threads.total)}`}
            onInput={setLent}
          />
          <p class="small">
            <span class="muted">{w.computer}</span> <strong>{name}</strong>
          </p>
        </div>
        <LocalNetwork />
        <p class="small dim">{w.promise}</p>
      </div>
    </>
  );
}
