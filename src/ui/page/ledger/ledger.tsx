// Ledger: what every member has said, whether all of it holds, and where each log ends.
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { LedgerView, VerificationProgress } from '../../api.ts';
import { pathOf } from '../../places.ts';
import { type Outcome, type Verified, verifyLedger } from '../commands.ts';
import { Await, read, useFetched } from '../fetched.tsx';
import { count, shortHash } from '../format.ts';
import { Icon } from '../icons.tsx';
import { ledgerWord } from '../overview/kpis.tsx';
import { BlockBar, Button, Facts, Notice, Panel } from '../parts.tsx';
import { canWrite, status } from '../store.ts';
import { words } from '../words/words.ts';
import { Disputes } from './disputes.tsx';
import { Entries } from './entries.tsx';
import { ledgerWords } from './words.ts';

const PROGRESS_MS = 400;

function Verdict({ outcome }: { outcome: Outcome<Verified> }): VNode {
  const w = ledgerWords.value;
  if (!outcome.ok) {
    return (
      <Notice tone="error" icon="warning">
        <strong>{words.value.failed}</strong> <span lang="en">{outcome.problem.detail}</span>
      </Notice>
    );
  }
  const { ok, entries, root, faults } = outcome.value;
  if (ok) {
    return (
      <Notice tone="good" icon="check">
        {w.fine(count(entries), shortHash(root))}
      </Notice>
    );
  }
  return (
    <Notice tone="error" icon="warning">
      <strong>{w.faults(faults.length, count(faults.length))}</strong> {w.faultsSafe}
      <ul lang="en">
        {faults.slice(0, 10).map(({ entry, message }) => (
          <li key={entry}>
            <code>{shortHash(entry)}</code> {message}
          </li>
        ))}
      </ul>
    </Notice>
  );
}

/** From scratch, beside the work: how far it has come is asked for while it runs. */
function Verify(): VNode {
  const w = ledgerWords.value;
  const [progress, setProgress] = useState<VerificationProgress | undefined>(undefined);
  const [outcome, setOutcome] = useState<Outcome<Verified> | undefined>(undefined);
  const run = async (): Promise<void> => {
    setOutcome(undefined);
    setProgress({ entries: 0, total: status.value?.ledger.entries ?? 0 });
    let isOver = false;
    const look = async (): Promise<void> => {
      const { progress: now } = await read<{ progress: VerificationProgress | null }>('ledger/verification');
      if (now !== null && !isOver) setProgress(now);
    };
    const timer = setInterval(() => void look().catch(() => undefined), PROGRESS_MS);
    setOutcome(await verifyLedger());
    isOver = true;
    clearInterval(timer);
    setProgress(undefined);
  };
  return (
    <>
      <div class="actions">
        <Button
          off={canWrite.value ? undefined : words.value.writesOff}
          busy={progress !== undefined}
          onClick={() => void run()}
        >
          <Icon name="shield" /> {w.verify}
        </Button>
      </div>
      {progress === undefined ? null : (
        <div class="verify-progress">
          <p class="small muted">{w.verifying(count(progress.entries), count(progress.total))}</p>
          <BlockBar label={w.verify} value={progress.entries} of={progress.total} />
        </div>
      )}
      {outcome === undefined ? null : <Verdict outcome={outcome} />}
    </>
  );
}

function State({ ledger }: { ledger: LedgerView }): VNode {
  const w = words.value;
  const now = status.value!.ledger;
  return (
    <Panel id="state" title={w.kpiLedger}>
      <div class="ledger-state live-numbers">
        <Facts
          rows={[
            [w.status, ledgerWord(now.state)],
            [ledgerWords.value.entries, count(now.entries)],
            [ledgerWords.value.root, <code key="root">{shortHash(ledger.root)}</code>],
            [ledgerWords.value.atRoot, `${count(now.peersAtRoot)}/${count(now.peersKnown)}`],
          ]}
        />
        <Verify />
      </div>
    </Panel>
  );
}

function Heads({ ledger }: { ledger: LedgerView }): VNode {
  const w = ledgerWords.value;
  return (
    <Panel id="heads" title={w.heads}>
      <ul class="unit-list live-numbers">
        {ledger.logs.map(({ author, name, log, entries, head, frozenAt }) => (
          <li key={`${author} ${log}`}>
            <span class="pair">
              {name === null ? <span class="dim">{w.noMember}</span> : <a href={pathOf('peers', author)}>{name}</a>}
              <code class="dim" title={head}>
                {shortHash(head)}
              </code>
            </span>
            <span class={`small ${frozenAt === null ? 'dim' : 'red'}`}>
              {frozenAt === null ? w.entriesOf(count(entries)) : `▲ ${w.frozen(count(frozenAt))}`}
            </span>
          </li>
        ))}
      </ul>
      <p class="legend">{w.headsNote}</p>
    </Panel>
  );
}

function Inside({ ledger }: { ledger: LedgerView }): VNode {
  const kinds = Object.entries(ledger.byKind).sort(([, a], [, b]) => b - a);
  return (
    <Panel id="inside" title={ledgerWords.value.inside}>
      <ul class="funnel live-numbers">
        {kinds.map(([kind, n]) => (
          <li key={kind}>
            <span class="pair">
              <span>{kind}</span>
              <strong>{count(n)}</strong>
            </span>
            <BlockBar label={kind} value={Math.log10(n + 1)} of={Math.log10((kinds[0]?.[1] ?? 1) + 1)} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

export function LedgerPage(): VNode {
  const ledger = useFetched<LedgerView>('ledger', status.value?.ledger.root);
  return (
    <div class="grid ledger-grid">
      <div class="ledger-main">
        <Entries />
        <Disputes />
      </div>
      <div class="ledger-side">
        <Await of={ledger}>
          {(value) => (
            <>
              <State ledger={value} />
              <Heads ledger={value} />
              <Inside ledger={value} />
            </>
          )}
        </Await>
      </div>
    </div>
  );
}
