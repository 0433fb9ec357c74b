// The recovery phrase: shown when asked for, and its key taken off the disk once the reader has proved that it is on paper.
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { RecoveryView } from '../../api-recovery.ts';
import { forgetRecovery, type Outcome, showRecovery } from '../commands.ts';
import { Dialog } from '../dialogs/dialog.tsx';
import { Field } from '../dialogs/fields.tsx';
import { Await, useFetched } from '../fetched.tsx';
import { count } from '../format.ts';
import { Icon } from '../icons.tsx';
import { Button, Notice } from '../parts.tsx';
import { canWrite } from '../store.ts';
import { toast } from '../toasts.ts';
import { words } from '../words/words.ts';
import { recoveryWords } from './recovery-words.ts';
import { Row } from './row.tsx';

const ASKED = 2;

/** Two places of the phrase, in order. */
function somePlaces(length: number): number[] {
  const places = new Set<number>();
  while (places.size < ASKED) places.add(Math.floor(Math.random() * length));
  return [...places].sort((a, b) => a - b);
}

type Step = { at: 'ask' } | { at: 'show' | 'check'; phrase: string[] };

interface StepProps {
  step: Step;
  go: (step: Step) => void;
  close: () => void;
  busy: boolean;
  run: <T>(work: Promise<Outcome<T>>, done: (value: T) => void) => void;
}

function Ask({ close, go, busy, run }: Omit<StepProps, 'step'>): VNode {
  const w = recoveryWords.value;
  return (
    <>
      <div class="dialog-body">
        <p>{w.askText}</p>
        <p class="muted">{w.askAfter}</p>
      </div>
      <footer class="dialog-foot">
        <Button onClick={close}>
          {words.value.cancel} <kbd>Esc</kbd>
        </Button>
        <Button
          kind="primary"
          off={canWrite.value ? undefined : words.value.writesOff}
          busy={busy}
          onClick={() => run(showRecovery(), ({ words: phrase }) => go({ at: 'show', phrase }))}
        >
          {w.showWords}
        </Button>
      </footer>
    </>
  );
}

function Show({ phrase, go, close }: { phrase: string[] } & Pick<StepProps, 'go' | 'close'>): VNode {
  const w = recoveryWords.value;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section class="dialog-body" tabIndex={0} aria-label={w.words}>
        <ol class="phrase" lang="en" translate={false}>
          {phrase.map((word, i) => (
            <li key={`${i} ${word}`}>{word}</li>
          ))}
        </ol>
        <Notice tone="caution" icon="warning">
          {w.owner}
        </Notice>
      </section>
      <footer class="dialog-foot">
        <Button onClick={close}>
          {words.value.cancel} <kbd>Esc</kbd>
        </Button>
        <Button kind="primary" onClick={() => go({ at: 'check', phrase })}>
          {w.written}
        </Button>
      </footer>
    </>
  );
}

function Check({
  phrase,
  go,
  busy,
  run,
  done,
}: { phrase: string[]; done: () => void } & Omit<StepProps, 'step' | 'close'>): VNode {
  const w = recoveryWords.value;
  const [places] = useState(() => somePlaces(phrase.length));
  const [typed, setTyped] = useState<Record<number, string>>({});
  const [wrong, setWrong] = useState<readonly number[]>([]);
  const forget = (event: Event): void => {
    event.preventDefault();
    const misses = places.filter((place) => (typed[place] ?? '').trim().toLowerCase() !== phrase[place]);
    setWrong(misses);
    if (misses.length === 0) run(forgetRecovery(phrase.join(' ')), done);
  };
  return (
    <form noValidate onSubmit={forget}>
      <div class="dialog-body">
        <p>{w.check}</p>
        {places.map((place) => (
          <Field
            key={place}
            name={`word-${place + 1}`}
            label={w.word(count(place + 1))}
            text
            value={typed[place] ?? ''}
            error={wrong.includes(place) ? w.wrongWord : undefined}
            onInput={(value) => setTyped({ ...typed, [place]: value })}
          />
        ))}
      </div>
      <footer class="dialog-foot">
        <Button onClick={() => go({ at: 'show', phrase })}>{w.back}</Button>
        <Button
          kind="danger"
          submit
          off={canWrite.value ? undefined : words.value.writesOff}
          busy={busy}
          onClick={() => undefined}
        >
          {w.forget}
        </Button>
      </footer>
    </form>
  );
}

function PhraseDialog({ close, again }: { close: () => void; again: () => void }): VNode {
  const w = recoveryWords.value;
  const [step, go] = useState<Step>({ at: 'ask' });
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | undefined>(undefined);
  const send = async <T,>(work: Promise<Outcome<T>>, done: (value: T) => void): Promise<void> => {
    setBusy(true);
    setRefusal(undefined);
    const outcome = await work;
    setBusy(false);
    if (outcome.ok) done(outcome.value);
    else setRefusal(outcome.problem.detail);
  };
  const run: StepProps['run'] = (work, done) => void send(work, done);
  const done = (): void => {
    toast('good', w.done);
    again();
    close();
  };
  return (
    <Dialog id="recovery" title={w.title} icon="shield" onClose={close}>
      {refusal === undefined ? null : (
        <Notice tone="error" icon="warning">
          <strong>{words.value.failed}</strong> <span lang="en">{refusal}</span>
        </Notice>
      )}
      {step.at === 'ask' ? <Ask {...{ close, go, busy, run }} /> : null}
      {step.at === 'show' ? <Show {...{ close, go }} phrase={step.phrase} /> : null}
      {step.at === 'check' ? <Check {...{ go, busy, run, done }} phrase={step.phrase} /> : null}
    </Dialog>
  );
}

export function Recovery(): VNode {
  const w = recoveryWords.value;
  const [open, setOpen] = useState(false);
  const state = useFetched<RecoveryView>('recovery', undefined);
  return (
    <Row name="recovery" title={w.title} hint={w.hint}>
      <Await of={state} lines={2}>
        {({ state: where }) => (
          <>
            <p class="small muted">{{ here: w.here, gone: w.gone, other: w.other }[where]}</p>
            {where === 'here' ? (
              <Button
                off={canWrite.value ? undefined : words.value.writesOff}
                label={`${w.show}: ${w.title}`}
                onClick={() => setOpen(true)}
              >
                <Icon name="shield" /> {w.show}
              </Button>
            ) : null}
          </>
        )}
      </Await>
      {open ? <PhraseDialog close={() => setOpen(false)} again={state.again} /> : null}
    </Row>
  );
}
