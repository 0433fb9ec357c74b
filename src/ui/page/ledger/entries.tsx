// The newest entries, live until the reader holds them still.
import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { EntryView, Page } from '../../api.ts';
import { pathOf } from '../../places.ts';
import { Await, useFetched, useKept } from '../fetched.tsx';
import { count, dayTime, shortHash } from '../format.ts';
import { onPageKey } from '../keys.ts';
import { Button, Panel, TableBox, TableHead } from '../parts.tsx';
import { status } from '../store.ts';
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
    <tr>
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
        <code title={entry.id}>{shortHash(entry.id)}</code>
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

export function Entries(): VNode {
  const w = ledgerWords.value;
  const [held, setHeld] = useState<EntryView[] | undefined>(undefined);
  const ledger = status.value?.ledger;
  const mark = `${ledger?.root} ${ledger?.entries}`;
  const fetched = useFetched<Page<EntryView>>(`ledger/entries?limit=${SHOWN}`, mark);
  const fresh = useKept(fetched.value)?.items;
  // What is held is what is on the screen when the key goes down, whichever picture the key was bound with.
  const latest = useRef(fresh);
  latest.current = fresh;
  const toggle = (): void => setHeld((before) => (before === undefined ? latest.current : undefined));
  useEffect(() => onPageKey(' ', toggle), []);
  const rows = held ?? fresh;
  const side = <Button onClick={toggle}>{held === undefined ? w.hold : w.goOn}</Button>;
  return (
    <Panel
      id="entries"
      title={w.entries}
      note={w.newest(count(rows?.length), count(ledger?.entries))}
      flush
      side={side}
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
      <p class="table-foot dim">{held === undefined ? w.liveNote : w.held}</p>
    </Panel>
  );
}
