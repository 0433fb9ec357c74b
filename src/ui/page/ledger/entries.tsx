// The newest entries, live until the reader holds them still or asks for older ones; each of them opens its moment.
import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { EntryView, Page } from '../../api.ts';
import { pathOf } from '../../places.ts';
import { Await, read, useFetched, useKept } from '../fetched.tsx';
import { count, dayTime, shortHash } from '../format.ts';
import { onPageKey } from '../keys.ts';
import { Button, Panel, TableBox, TableHead } from '../parts.tsx';
import { status } from '../store.ts';
import { toast } from '../toasts.ts';
import { words } from '../words/words.ts';
import { chooseMoment, chosenMoment, Replay } from './replay.tsx';
import { ledgerWords } from './words.ts';

const SHOWN = 40;
const TONES: Readonly<Record<string, string>> = {
  result: 'good',
  job: 'info',
  control: 'info',
  revoke: 'bad',
  seal: 'bad',
};

function Row({ entry }: { entry: EntryView }): VNode {
  const w = ledgerWords.value;
  return (
    <tr class={chosenMoment() === entry.id ? 'selected' : ''}>
      <td>
        <span class={`badge ${TONES[entry.kind] ?? 'plain'}`}>{entry.kind}</span>
      </td>
      <td>
        {entry.name === null ? (
          <span class="dim">{w.noMember}</span>
        ) : (
          <a class="quiet-link" href={pathOf('peers', entry.author)}>
            {entry.name}
          </a>
        )}
      </td>
      <td class="low">{dayTime(entry.at)}</td>
      <td class="dim">
        <button
          type="button"
          class="link"
          title={entry.id}
          aria-label={w.showMoment(shortHash(entry.id))}
          onClick={() => chooseMoment(entry.id)}
        >
          <code>{shortHash(entry.id)}</code>
        </button>
      </td>
      <td class="number low dim">{count(entry.seq)}</td>
      <td class={entry.refused === null ? 'accent' : 'amber'} title={entry.refused ?? undefined}>
        {entry.refused === null ? `✓ ${w.says}` : `▲ ${w.refused}`}
      </td>
    </tr>
  );
}

function Head(): VNode {
  const w = ledgerWords.value;
  const columns: [string, string][] = [
    [w.kind, ''],
    [w.author, ''],
    [w.time, 'low'],
    [w.hash, ''],
    [w.place, 'number low'],
    [w.counts, ''],
  ];
  return <TableHead columns={columns} />;
}

interface Shown {
  items: EntryView[];
  /** Where older ones begin; null at the end of the ledger. */
  next: string | null;
}

/** What is on the screen: the newest, or what is held still with the older ones that were asked for. */
function useEntries() {
  const [held, setHeld] = useState<Shown | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  const ledger = status.value?.ledger;
  const fetched = useFetched<Page<EntryView>>(`ledger/entries?limit=${SHOWN}`, `${ledger?.root} ${ledger?.entries}`);
  const fresh = useKept(fetched.value);
  // What is held is what is on the screen when the key goes down, whichever picture the key was bound with.
  const latest = useRef(fresh);
  latest.current = fresh;
  const toggle = (): void => setHeld((before) => (before === undefined ? latest.current : undefined));
  useEffect(() => onPageKey(' ', toggle), []);
  const shown = held ?? fresh;
  const older = async (): Promise<void> => {
    if (shown === undefined || shown.next === null) return;
    setBusy(true);
    try {
      const more = await read<Page<EntryView>>(`ledger/entries?limit=${SHOWN}&cursor=${shown.next}`);
      setHeld({ items: [...shown.items, ...more.items], next: more.next });
    } catch (error) {
      toast('error', `${words.value.failed} ${(error as Error).message}`);
    }
    setBusy(false);
  };
  return { shown, fetched, isHeld: held !== undefined, toggle, older, busy };
}

export function Entries(): VNode {
  const w = ledgerWords.value;
  const { shown, fetched, isHeld, toggle, older, busy } = useEntries();
  const rows = shown?.items;
  return (
    <>
      <Panel
        id="entries"
        title={w.entries}
        note={w.newest(count(rows?.length), count(status.value?.ledger.entries))}
        flush
        side={<Button onClick={toggle}>{isHeld ? w.goOn : w.hold}</Button>}
      >
        {rows === undefined ? (
          <Await of={fetched} lines={8}>
            {() => null}
          </Await>
        ) : (
          <TableBox label={w.entries}>
            <table>
              <Head />
              <tbody class="live-numbers">
                {rows.map((entry) => (
                  <Row key={entry.id} entry={entry} />
                ))}
              </tbody>
            </table>
          </TableBox>
        )}
        <p class="table-foot dim">
          {shown === undefined || shown.next === null ? null : (
            <Button busy={busy} onClick={() => void older()}>
              {w.older}
            </Button>
          )}{' '}
          {isHeld ? w.held : w.liveNote}
        </p>
      </Panel>
      <Replay entries={rows ?? []} />
    </>
  );
}
