// Where this page listens: for this computer alone, or for other devices, which takes a second look and a token.
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { AccessView, NewTokenView } from '../../api-access.ts';
import { makeToken, report } from '../commands.ts';
import { CopyBox } from '../dialogs/copy-box.tsx';
import { Dialog } from '../dialogs/dialog.tsx';
import { Field, Seg } from '../dialogs/fields.tsx';
import { count } from '../format.ts';
import { Button, Notice } from '../parts.tsx';
import { canWrite } from '../store.ts';
import { words } from '../words/words.ts';
import { accessWords } from './access-words.ts';
import { settings, startedWith } from './draft.ts';
import { heldBy, nextOf, PortRow, RestartNote } from './network.tsx';
import { networkWords } from './network-words.ts';
import { Row } from './row.tsx';

const LOOPBACK = /^(localhost|::1|127(\.\d{1,3}){3}|\[::1\])$/;
const EVERYWHERE = /^(0\.0\.0\.0|::)$/;

const isOpen = (host: string): boolean => !LOOPBACK.test(host);

/** Where other devices would find the page. */
function addressesOf(host: string): string[] {
  const port = nextOf('uiPort') ?? 0;
  const all = EVERYWHERE.test(host) ? (startedWith.value?.addresses ?? []) : [host];
  return all.map((address) => `http://${address.includes(':') ? `[${address}]` : address}:${port}/`);
}

interface AllowProps {
  tokens: AccessView['tokens'];
  again: () => void;
  onClose: () => void;
}

/** The addresses, the token first, and what is not safe about it, before anything is chosen. */
function AllowOthers({ tokens, again, onClose }: AllowProps): VNode {
  const w = networkWords.value;
  const [made, setMade] = useState<NewTokenView | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  const [chosen, setChosen] = useState(false);
  const first = tokens.length === 0 && made === undefined;
  const allow = async (): Promise<void> => {
    if (first) {
      setBusy(true);
      const outcome = await makeToken(w.deviceToken);
      setBusy(false);
      report(outcome);
      if (!outcome.ok) return;
      setMade(outcome.value);
      again();
    }
    settings.change('host', '0.0.0.0');
    setChosen(true);
    if (!first) onClose();
  };
  const addresses = addressesOf('0.0.0.0').filter((address) => !address.includes('[fe80'));
  return (
    <Dialog id="allow-others" title={w.allowTitle} icon="shield" onClose={onClose}>
      <div class="dialog-body allow-others">
        <p>{addresses.length === 0 ? w.allowNoAddress : w.allowText}</p>
        <ul>
          {addresses.map((address) => (
            <li key={address}>
              <code>{address}</code>
            </li>
          ))}
        </ul>
        <Notice tone="caution" icon="warning">
          {w.allowEncrypt}
        </Notice>
        {made === undefined ? (
          <p>{first ? w.allowTokenFirst : w.allowTokens(count(tokens.length))}</p>
        ) : (
          <Notice tone="good" icon="check">
            {accessWords.value.tokenOnce} {w.allowNow}
            <CopyBox label={accessWords.value.token} text={made.token} lines={2} />
          </Notice>
        )}
      </div>
      <footer class="dialog-foot">
        {chosen ? null : (
          <Button onClick={onClose}>
            {words.value.cancel} <kbd>Esc</kbd>
          </Button>
        )}
        {chosen ? (
          <Button kind="primary" onClick={onClose}>
            {w.done}
          </Button>
        ) : (
          <Button
            kind="primary"
            off={canWrite.value ? undefined : words.value.writesOff}
            busy={busy}
            onClick={() => void allow()}
          >
            {first ? w.allowMake : w.allow}
          </Button>
        )}
      </footer>
    </Dialog>
  );
}

/** Commas stay while they are typed. */
function HostNames(): VNode {
  const w = networkWords.value;
  const names = nextOf('hostNames') ?? [];
  const [text, setText] = useState(names.join(', '));
  const namesOf = (typed: string): string[] => typed.split(',').flatMap((name) => name.trim() || []);
  return (
    <Row
      name="hostNames"
      title={w.hostNames}
      hint={heldBy('hostNames') ?? w.hostNamesHint}
      error={settings.errors.value.hostNames}
      later
    >
      <Field
        name="hostNames"
        label={w.hostNames}
        hideLabel
        text
        value={namesOf(text).join() === names.join() ? text : names.join(', ')}
        placeholder="torre-rog.tail1234.ts.net"
        error={undefined}
        off={heldBy('hostNames')}
        onInput={(typed) => {
          setText(typed);
          const next = namesOf(typed);
          settings.change('hostNames', next.length === 0 ? null : next);
        }}
      />
    </Row>
  );
}

export function PageAccess({ tokens, again }: { tokens: AccessView['tokens']; again: () => void }): VNode | null {
  const w = networkWords.value;
  const [asking, setAsking] = useState(false);
  const host = nextOf('host');
  if (host === undefined) return null;
  const open = isOpen(host);
  const choose = (next: 'here' | 'others'): void => {
    if (next === 'here') settings.change('host', null);
    else setAsking(true);
  };
  return (
    <>
      <RestartNote of={['host', 'uiPort', 'hostNames']} />
      <Row name="host" title={w.others} hint={heldBy('host') ?? w.othersHint} error={settings.errors.value.host} later>
        <Seg
          name="host"
          legend={w.others}
          hideLegend
          off={heldBy('host')}
          value={open ? 'others' : 'here'}
          onChange={choose}
          options={[
            { value: 'here', text: w.thisComputer },
            { value: 'others', text: w.otherDevices },
          ]}
        />
        {open && !EVERYWHERE.test(host) ? <p class="small dim">{w.onlyAt(host)}</p> : null}
        {open && tokens.length === 0 ? (
          <Notice tone="caution" icon="warning">
            {w.noTokenLeft}
          </Notice>
        ) : null}
      </Row>
      <PortRow name="uiPort" hint={w.uiPortHint} />
      <HostNames />
      {asking ? <AllowOthers tokens={tokens} again={again} onClose={() => setAsking(false)} /> : null}
    </>
  );
}
