// Whether the chosen candles are fit for a search, and how to get some where there are none.
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { DatasetView } from '../../api.ts';
import { JOB_BARS_MIN } from '../../limits.ts';
import { importFile, makeSample, type Outcome } from '../commands.ts';
import { count, day, marketTime } from '../format.ts';
import { Button, Notice, SampleBadge } from '../parts.tsx';
import { canWrite } from '../store.ts';
import { words } from '../words/words.ts';
import { Field } from './fields.tsx';

const GAPS_SHOWN = 3;

function NoData(): VNode {
  const w = words.value;
  const [path, setPath] = useState('');
  const [error, setError] = useState<string | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  const off = canWrite.value ? undefined : w.writesOff;
  const run = async (work: Promise<Outcome<DatasetView>>): Promise<void> => {
    setBusy(true);
    setError(undefined);
    const outcome = await work;
    setBusy(false);
    if (!outcome.ok) setError(outcome.problem.detail);
  };
  return (
    <Notice tone="error" icon="warning">
      <strong>{w.dataNone}</strong> {w.dataNoneText}
      <div class="get-data">
        <Field
          name="path"
          label={w.importPath}
          value={path}
          error={error}
          onInput={setPath}
          text
          placeholder="/data/btc-usd-1h.csv"
        />
        <Button
          off={off}
          busy={busy}
          onClick={() => (path.trim() === '' ? setError(w.errorPath) : void run(importFile({ path: path.trim() })))}
        >
          {w.importButton}
        </Button>
        <Button off={off} busy={busy} onClick={() => void run(makeSample())}>
          {w.makeSample}
        </Button>
      </div>
    </Notice>
  );
}

function gapsText({ gaps }: DatasetView): string {
  const missing = gaps.reduce((sum, gap) => sum + gap.missing, 0);
  const first = gaps.slice(0, GAPS_SHOWN).map(({ from, to }) => `${marketTime(from)} – ${marketTime(to)}`);
  return `${words.value.gapCount(gaps.length, count(missing))} ${first.join('; ')}${gaps.length > GAPS_SHOWN ? ' …' : ''}`;
}

export function DataNotice({ dataset }: { dataset: DatasetView | undefined }): VNode {
  const w = words.value;
  if (dataset === undefined) return <NoData />;
  const bars = count(dataset.bars);
  if (dataset.bars < JOB_BARS_MIN) {
    return (
      <Notice tone="error" icon="warning">
        {w.dataFew(bars, count(JOB_BARS_MIN))}
      </Notice>
    );
  }
  const from = day(dataset.from);
  const to = day(dataset.to);
  const whole = dataset.gaps.length === 0;
  return (
    <Notice tone={whole && !dataset.sample ? 'good' : 'caution'} icon={whole ? 'check' : 'warning'}>
      {whole ? w.dataFine(bars, from, to) : w.dataGaps(bars, from, to, gapsText(dataset))}
      {dataset.sample ? (
        <>
          {' '}
          <SampleBadge /> {w.sampleHint}.
        </>
      ) : null}
    </Notice>
  );
}
