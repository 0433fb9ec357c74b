// The candles that this machine holds: which other members have each set, and taking one away.
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { DatasetView, JobView } from '../../api.ts';
import type { HolderView } from '../../api-data.ts';
import { removeData } from '../commands.ts';
import { Dialog } from '../dialogs/dialog.tsx';
import { Await, read, useFetched } from '../fetched.tsx';
import { barSize, bytes, count, day, hourMinute, shortHash, zoneName } from '../format.ts';
import { Icon } from '../icons.tsx';
import { Button, Market, Notice, TableBox, TableHead } from '../parts.tsx';
import { canWrite, datasets, jobs } from '../store.ts';
import { toast } from '../toasts.ts';
import { words } from '../words/words.ts';
import { dataWords } from './data-words.ts';
import { settingsWords } from './words.ts';

const COLUMNS = 7;
const DONE: readonly JobView['state'][] = ['complete', 'stopped', 'failed'];

const nameOf = ({ symbol, barMs }: DatasetView): string => `${symbol} ${barSize(barMs)}`;

const jobsOn = ({ hash }: DatasetView): JobView[] => jobs.value.filter(({ datasetHash }) => datasetHash === hash);

/** Why it cannot be taken away now; undefined when it can. The node has the last word. */
function neededBy(dataset: DatasetView): string | undefined {
  const job = jobsOn(dataset).find(({ state }) => !DONE.includes(state));
  return job === undefined ? undefined : dataWords.value.neededBy(job.name);
}

function gapsOf({ gaps }: DatasetView): string {
  const w = settingsWords.value;
  const missing = gaps.reduce((sum, gap) => sum + gap.missing, 0);
  return gaps.length === 0 ? w.noGaps : w.gapsMissing(count(gaps.length), count(missing));
}

interface Asked {
  at: number;
  items: HolderView[];
}

const askHolders = async (path: string, signal: AbortSignal): Promise<Asked> => {
  const { items } = await read<{ items: HolderView[] }>(path, signal);
  return { at: Date.now(), items };
};

function HolderList({ items }: Pick<Asked, 'items'>): VNode {
  const w = dataWords.value;
  return (
    <ul class="holders">
      {items.map(({ peerId, name, has }) => (
        <li key={peerId} class={has === true ? '' : 'dim'}>
          <strong>{name}</strong> {has === null ? w.silent : has ? w.has : w.hasNot}
        </li>
      ))}
    </ul>
  );
}

/** Asked when it is opened, and again when the reader says so: each member has to look at its disk for it. */
function Holders({ dataset }: { dataset: DatasetView }): VNode {
  const w = dataWords.value;
  const asked = useFetched<Asked>(`datasets/${dataset.hash}/holders`, undefined, askHolders);
  return (
    <tr>
      <td colSpan={COLUMNS}>
        <section aria-label={w.holdersOf(nameOf(dataset))}>
          <Await of={asked} lines={2}>
            {({ at, items }) => (
              <>
                <p>
                  {items.length === 0
                    ? w.nobody
                    : w.holders(count(items.filter(({ has }) => has === true).length), count(items.length))}{' '}
                  <span class="dim">{w.askedAt(`${hourMinute(at)} ${zoneName(at)}`)}</span>
                </p>
                <HolderList items={items} />
                <Button onClick={asked.again}>{w.askAgain}</Button>
              </>
            )}
          </Await>
        </section>
      </td>
    </tr>
  );
}

function RemoveDialog({ dataset, close }: { dataset: DatasetView; close: () => void }): VNode {
  const w = dataWords.value;
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | undefined>(undefined);
  const found = jobsOn(dataset).length;
  const remove = async (): Promise<void> => {
    setBusy(true);
    const outcome = await removeData(dataset.hash);
    setBusy(false);
    if (!outcome.ok) {
      setRefusal(outcome.problem.detail);
      return;
    }
    toast('good', w.removed(nameOf(dataset)));
    close();
  };
  return (
    <Dialog id="remove-data" title={w.removeTitle} icon="remove" onClose={close}>
      <div class="dialog-body">
        <p>
          <strong>{w.removeText(nameOf(dataset), count(dataset.bars), bytes(dataset.bytes))}</strong>
        </p>
        <p>
          {w.removeGone} {w.removeLast}
        </p>
        {found === 0 ? null : (
          <Notice tone="caution" icon="warning">
            {w.removeResults(found, count(found))}
          </Notice>
        )}
        {refusal === undefined ? null : (
          <Notice tone="error" icon="warning">
            <strong>{words.value.failed}</strong> <span lang="en">{refusal}</span>
          </Notice>
        )}
      </div>
      <footer class="dialog-foot">
        <Button onClick={close}>
          {words.value.cancel} <kbd>Esc</kbd>
        </Button>
        <Button
          kind="danger"
          off={canWrite.value ? undefined : words.value.writesOff}
          busy={busy}
          onClick={() => void remove()}
        >
          {w.remove}
        </Button>
      </footer>
    </Dialog>
  );
}

interface RowProps {
  dataset: DatasetView;
  asking: boolean;
  onAsk: () => void;
  onRemove: () => void;
}

function Row({ dataset, asking, onAsk, onRemove }: RowProps): VNode {
  const w = dataWords.value;
  const name = nameOf(dataset);
  const needed = neededBy(dataset);
  return (
    <>
      <tr>
        <th scope="row">
          <Market of={{ ...dataset, market: dataset.symbol, leverage: null }} />
          <span class="sub">
            <code title={dataset.hash}>{shortHash(dataset.hash)}</code>
          </span>
          {needed === undefined ? null : <span class="sub">{needed}</span>}
        </th>
        <td class="number">{count(dataset.bars)}</td>
        <td class="low">
          {day(dataset.from)} → {day(dataset.to)}
        </td>
        <td class={`low${dataset.gaps.length > 0 ? ' amber' : ''}`}>{gapsOf(dataset)}</td>
        <td class="number low">{bytes(dataset.bytes)}</td>
        <td class="lower dim">{dataset.source}</td>
        <td>
          <span class="row-actions">
            <Button kind="icon" label={asking ? w.closeOf(name) : w.whoHasOf(name)} onClick={onAsk}>
              <Icon name={asking ? 'close' : 'mesh'} />
            </Button>
            <Button
              kind="icon"
              label={w.removeOf(name)}
              off={canWrite.value ? needed : words.value.writesOff}
              onClick={onRemove}
            >
              <Icon name="remove" />
            </Button>
          </span>
        </td>
      </tr>
      {asking ? <Holders dataset={dataset} /> : null}
    </>
  );
}

export function DataSets(): VNode {
  const w = settingsWords.value;
  const [asking, setAsking] = useState<string | undefined>(undefined);
  const [leaving, setLeaving] = useState<DatasetView | undefined>(undefined);
  const total = datasets.value.reduce((sum, dataset) => sum + dataset.bytes, 0);
  return (
    <>
      <TableBox label={w.data}>
        <table>
          <TableHead
            columns={[
              [w.candles, ''],
              [w.count, 'number'],
              [w.range, 'low'],
              [w.gaps, 'low'],
              [w.size, 'number low'],
              [w.source, 'lower'],
              [dataWords.value.actions, ''],
            ]}
          />
          <tbody class="live-numbers">
            {datasets.value.map((dataset) => (
              <Row
                key={dataset.hash}
                dataset={dataset}
                asking={asking === dataset.hash}
                onAsk={() => setAsking(asking === dataset.hash ? undefined : dataset.hash)}
                onRemove={() => setLeaving(dataset)}
              />
            ))}
          </tbody>
        </table>
      </TableBox>
      <p class="table-foot dim">{w.dataTotal(datasets.value.length, count(datasets.value.length), bytes(total))}</p>
      {leaving === undefined ? null : <RemoveDialog dataset={leaving} close={() => setLeaving(undefined)} />}
    </>
  );
}
