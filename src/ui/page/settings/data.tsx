// The candles that this node holds, and how more of them come in: a file is looked at before it is taken.
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { PreviewView } from '../../api-data.ts';
import { importFile, makeSample, type Outcome, previewFile } from '../commands.ts';
import { Field } from '../dialogs/fields.tsx';
import { count } from '../format.ts';
import { Icon } from '../icons.tsx';
import { Button, Empty, Notice } from '../parts.tsx';
import { canWrite, datasets } from '../store.ts';
import { toast } from '../toasts.ts';
import { words } from '../words/words.ts';
import { DataSets } from './data-sets.tsx';
import { settings, startedWith } from './draft.ts';
import { heldBy, RestartNote } from './network.tsx';
import { Preview } from './preview.tsx';
import { Row as SettingRow } from './row.tsx';
import { settingsWords } from './words.ts';

const QUOTA_DIGITS = 7;

interface Asked {
  path: string;
  symbol: string;
  quote: string;
}

const inputOf = ({ path, symbol, quote }: Asked) => ({
  path: path.trim(),
  ...(symbol.trim() === '' ? {} : { symbol: symbol.trim() }),
  ...(quote.trim() === '' ? {} : { quote: quote.trim() }),
});

type Errors = Partial<Record<string, string>>;

function FileFields({
  asked,
  errors,
  edit,
}: {
  asked: Asked;
  errors: Errors;
  edit: (change: Partial<Asked>) => void;
}): VNode {
  const w = settingsWords.value;
  const fields = [
    { name: 'path', label: w.filePath, placeholder: '/data/btc-usd-1h.csv' },
    { name: 'symbol', label: w.symbol, placeholder: w.fromFile },
    { name: 'quote', label: w.quote, placeholder: w.fromFile },
  ] as const;
  return (
    <>
      {fields.map(({ name, ...texts }) => (
        <Field
          key={name}
          name={name}
          {...texts}
          value={asked[name]}
          error={errors[name]}
          onInput={(value) => edit({ [name]: value })}
          text
        />
      ))}
    </>
  );
}

/** Refusals that belong to none of the fields. */
function OtherErrors({ errors }: { errors: Errors }): VNode {
  const others = Object.entries(errors).filter(([name]) => !['path', 'symbol', 'quote'].includes(name));
  return (
    <>
      {others.map(([name, text]) => (
        <Notice key={name} tone="error" icon="warning">
          <span lang="en">{text}</span>
        </Notice>
      ))}
    </>
  );
}

const NOTHING_ASKED: Asked = { path: '', symbol: '', quote: '' };

function AddFile(): VNode {
  const w = settingsWords.value;
  const [asked, setAsked] = useState(NOTHING_ASKED);
  const [preview, setPreview] = useState<PreviewView | undefined>(undefined);
  const [errors, setErrors] = useState<Errors>({});
  const [busy, setBusy] = useState(false);
  const edit = (change: Partial<Asked>): void => {
    setAsked({ ...asked, ...change });
    setPreview(undefined);
    setErrors({});
  };
  const run = async <T,>(work: Promise<Outcome<T>>, done: (value: T) => void): Promise<void> => {
    setBusy(true);
    setErrors({});
    const outcome = await work;
    setBusy(false);
    if (outcome.ok) done(outcome.value);
    else setErrors({ [outcome.problem.field ?? 'path']: outcome.problem.detail });
  };
  const look = (event: Event): void => {
    event.preventDefault();
    if (asked.path.trim() === '') setErrors({ path: words.value.errorPath });
    else void run(previewFile(inputOf(asked)), setPreview);
  };
  const take = (repair: boolean): void =>
    void run(importFile({ ...inputOf(asked), ...(repair ? { repair } : {}) }), ({ symbol, bars }) => {
      toast('good', w.imported(symbol, count(bars)));
      edit(NOTHING_ASKED);
    });
  const off = canWrite.value ? undefined : words.value.writesOff;
  return (
    <form class="add-file" noValidate onSubmit={look}>
      <h3 class="sub-title">{w.addFile}</h3>
      <div class="add-file-fields">
        <FileFields asked={asked} errors={errors} edit={edit} />
        <Button submit off={off} busy={busy} onClick={() => undefined}>
          <Icon name="search" /> {w.look}
        </Button>
      </div>
      <OtherErrors errors={errors} />
      {preview === undefined ? null : (
        <>
          <Preview of={preview} />
          <div class="actions">
            <Button kind="primary" off={off} busy={busy} onClick={() => take(!preview.acceptable)}>
              {preview.acceptable ? w.importNow : w.importRepaired}
            </Button>
          </div>
        </>
      )}
    </form>
  );
}

/** Room for what comes from members, MB. */
function Quota(): VNode | null {
  const w = settingsWords.value;
  const known = startedWith.value?.settings.dataQuota;
  if (known === undefined) return null;
  const off = heldBy('dataQuota');
  const value = off === undefined ? settings.values.value?.dataQuota : known.now;
  return (
    <SettingRow
      name="dataQuota"
      title={w.quota}
      hint={off ?? w.quotaHint}
      error={settings.errors.value.dataQuota}
      later
    >
      <Field
        name="dataQuota"
        label={w.quota}
        hideLabel
        value={value === null || value === undefined ? '' : String(value)}
        placeholder={String(known.usual)}
        unit="MB"
        error={undefined}
        off={off}
        onInput={(text) => {
          const digits = text.replaceAll(/\D/g, '').slice(0, QUOTA_DIGITS);
          settings.change('dataQuota', digits === '' ? null : Number(digits));
        }}
      />
    </SettingRow>
  );
}

export function Data(): VNode {
  const w = settingsWords.value;
  const [busy, setBusy] = useState(false);
  const sample = async (): Promise<void> => {
    setBusy(true);
    const outcome = await makeSample();
    setBusy(false);
    if (!outcome.ok) toast('error', `${words.value.failed} ${outcome.problem.detail}`);
  };
  const hasSample = datasets.value.some(({ sample: isSample }) => isSample);
  const off = canWrite.value ? undefined : words.value.writesOff;
  return (
    <>
      {datasets.value.length === 0 ? <Empty art="grid" title={w.dataNone} text={w.dataNoneText} /> : <DataSets />}
      <div class="data-add">
        <RestartNote of={['dataQuota']} />
        <Quota />
        <AddFile />
        {hasSample ? null : (
          <div class="actions">
            <Button off={off} busy={busy} onClick={() => void sample()}>
              {w.makeSample}
            </Button>
          </div>
        )}
      </div>
    </>
  );
}
