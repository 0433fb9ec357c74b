// Whichever dialog is open.
import type { VNode } from 'preact';
import { setJob } from '../commands.ts';
import { Button } from '../parts.tsx';
import { moreItems, NavLink } from '../shell.tsx';
import { jobToStop, memberToRemove, openDialog } from '../store.ts';
import { words } from '../words/words.ts';
import { CreateWork } from './create-work.tsx';
import { Dialog } from './dialog.tsx';
import { Invite, Join } from './invite.tsx';
import { Leave, RemoveMember } from './members.tsx';

function Shortcuts(): VNode {
  const w = words.value;
  const keys = [
    ['N', w.keyNew],
    ['P', w.keyPause],
    ['I', w.keyInvite],
    ['T', w.keyTheme],
    ['G O', w.keyPages],
    ['?', w.keyHelp],
    ['Esc', w.keyEscape],
    ['Ctrl ↵', w.keyCreate],
  ] as const;
  return (
    <Dialog id="shortcuts" title={w.shortcutsTitle} icon="info" onClose={() => (openDialog.value = undefined)}>
      <div class="dialog-body">
        <dl class="keys">
          {keys.map(([key, meaning]) => (
            <div key={key}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{meaning}</dd>
            </div>
          ))}
        </dl>
        <p class="small dim">{w.keysNote}</p>
      </div>
    </Dialog>
  );
}

function StopJob(): VNode | null {
  const w = words.value;
  const job = jobToStop.value;
  if (job === undefined) return null;
  const close = (): void => {
    jobToStop.value = undefined;
  };
  return (
    <Dialog id="stop" title={w.stopTitle} icon="stop" onClose={close}>
      <div class="dialog-body">
        <p>
          <strong>{job.name}</strong> · {job.market}
        </p>
        <p class="muted">{w.stopText}</p>
      </div>
      <footer class="dialog-foot">
        <Button onClick={close}>
          {w.cancel} <kbd>Esc</kbd>
        </Button>
        <Button
          kind="danger"
          onClick={() => {
            close();
            void setJob(job, 'stop');
          }}
        >
          {w.stopConfirm}
        </Button>
      </footer>
    </Dialog>
  );
}

function More(): VNode {
  const close = (): void => {
    openDialog.value = undefined;
  };
  return (
    <Dialog id="more" title={words.value.moreTitle} icon="more" onClose={close}>
      <div class="dialog-body">
        {/* biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/noStaticElementInteractions: the links inside are what is used; the click closes behind them */}
        <div class="nav side" onClick={close}>
          {moreItems().map((item) => (
            <NavLink key={item.page} {...item} />
          ))}
        </div>
      </div>
    </Dialog>
  );
}

export function Dialogs(): VNode | null {
  if (jobToStop.value !== undefined) return <StopJob />;
  if (memberToRemove.value !== undefined) return <RemoveMember />;
  switch (openDialog.value) {
    case 'create':
      return <CreateWork />;
    case 'invite':
      return <Invite />;
    case 'join':
      return <Join />;
    case 'leave':
      return <Leave />;
    case 'more':
      return <More />;
    case 'shortcuts':
      return <Shortcuts />;
    default:
      return null;
  }
}
