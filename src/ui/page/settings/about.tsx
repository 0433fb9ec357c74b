// What there is to keep safe, and what this program is made of.
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { EntryView } from '../../api.ts';
import { pathOf } from '../../places.ts';
import { readAll } from '../fetched.tsx';
import { count, shortHash, stamp } from '../format.ts';
import { Icon } from '../icons.tsx';
import { Button, Facts } from '../parts.tsx';
import { saveFile } from '../save-file.ts';
import { status } from '../store.ts';
import { toast } from '../toasts.ts';
import { words } from '../words/words.ts';
import { Recovery } from './recovery.tsx';
import { Row } from './row.tsx';
import { settingsWords } from './words.ts';

/** As `stratmesh ledger export` writes them: first format, mesh and root, then every entry. */
async function ledgerLines(): Promise<string[]> {
  const { meshId, ledger } = status.value!;
  const entries = await readAll<EntryView>('ledger/entries');
  const head = { format: 'stratmesh-ledger', version: 1, meshId, root: ledger.root };
  return [head, ...entries].map((line) => JSON.stringify(line));
}

export function Backup(): VNode {
  const w = settingsWords.value;
  const [busy, setBusy] = useState(false);
  const download = async (): Promise<void> => {
    setBusy(true);
    try {
      const lines = await ledgerLines();
      saveFile(`ledger-${shortHash(status.value!.meshId)}.jsonl`, 'application/x-ndjson', `${lines.join('\n')}\n`);
      toast('good', w.downloaded(count(lines.length - 1)));
    } catch (error) {
      toast('error', `${words.value.failed} ${(error as Error).message}`);
    }
    setBusy(false);
  };
  return (
    <>
      <Row name="ledger" title={w.ledgerCopy} hint={w.ledgerCopyHint}>
        <Button busy={busy} onClick={() => void download()}>
          <Icon name="download" /> {busy ? w.downloading : w.downloadLedger}
        </Button>
      </Row>
      <Recovery />
      <Row name="keys-copy" title={w.keys} hint={w.keysHint}>
        <code class="command">node.key</code>
      </Row>
    </>
  );
}

export function About(): VNode {
  const w = settingsWords.value;
  const { version, fingerprint, startedAt } = status.value!;
  return (
    <Facts
      rows={[
        [w.version, version],
        [w.engine, <code key="engine">{fingerprint}</code>],
        [w.startedAt, stamp(startedAt)],
        [
          w.apiTitle,
          <a key="api" class="accent quiet-link" href={pathOf('settings', 'api')}>
            {w.apiPage}
          </a>,
        ],
        [
          w.openapi,
          <a key="openapi" class="accent quiet-link" href="/api/openapi.json">
            /api/openapi.json
          </a>,
        ],
        [w.charts, 'TradingView Lightweight Charts™, Apache-2.0'],
        [w.font, 'JetBrains Mono, OFL-1.1'],
        [w.licence, 'MIT'],
      ]}
    />
  );
}
