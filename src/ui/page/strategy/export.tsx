// The strategy for other programs: what each form is, what it can and cannot say, and its beginning before it is saved.
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { ResultView } from '../../api.ts';
import type { ExportFormat, ExportView } from '../../api-export.ts';
import { Seg } from '../dialogs/fields.tsx';
import { Failed, type Fetched, Skeleton, useFetched } from '../fetched.tsx';
import { count, shortHash } from '../format.ts';
import { Icon } from '../icons.tsx';
import { Button, Notice, Panel } from '../parts.tsx';
import { saveFile } from '../save-file.ts';
import { language } from '../words/words.ts';
import { exportWords } from './export-words.ts';

/** `rules`: the strategy as it stands in the ledger, which this page holds already. */
type Form = 'rules' | ExportFormat;

const FORMS: readonly Form[] = ['rules', 'words', 'json', 'csv', 'backtesting', 'freqtrade', 'pine'];
const TYPES: Partial<Record<Form, string>> = { rules: 'application/json', json: 'application/json', csv: 'text/csv' };
const SHOWN = 40;

function formText(form: Form): { name: string; text: string } {
  const w = exportWords.value;
  const all: Record<Form, { name: string; text: string }> = {
    rules: { name: w.rules, text: w.rulesText },
    words: { name: w.words, text: w.wordsText },
    json: { name: w.json, text: w.jsonText },
    csv: { name: w.csv, text: w.csvText },
    backtesting: { name: w.backtesting, text: w.backtestingText },
    freqtrade: { name: w.freqtrade, text: w.freqtradeText },
    pine: { name: w.pine, text: w.pineText },
  };
  return all[form];
}

function rulesFile({ codeName, id, strategy }: ResultView): ExportView {
  return { fileName: `${codeName}-${shortHash(id)}.json`, lines: JSON.stringify(strategy, null, 2).split('\n') };
}

function Preview({ file, form }: { file: ExportView; form: Form }): VNode {
  const w = exportWords.value;
  const { fileName, lines } = file;
  const save = (): void => saveFile(fileName, TYPES[form] ?? 'text/plain', `${lines.join('\n')}\n`);
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre class="rules-json" tabIndex={0} lang={form === 'words' ? undefined : 'en'}>
        {lines.slice(0, SHOWN).join('\n')}
        {lines.length > SHOWN ? '\n…' : ''}
      </pre>
      <div class="actions">
        <Button kind="primary" onClick={save}>
          <Icon name="download" /> {w.save}
        </Button>
        <span class="small muted">
          {fileName} · {w.lines(count(lines.length))}
        </span>
      </div>
    </>
  );
}

function Outcome({ file, form }: { file: Fetched<ExportView>; form: ExportFormat }): VNode {
  const { value, problem, again } = file;
  if (value !== undefined) return <Preview file={value} form={form} />;
  if (problem === undefined) return <Skeleton lines={6} />;
  if (problem.code !== 'not_expressible') return <Failed problem={problem} again={again} />;
  return (
    <Notice tone="caution" icon="warning">
      <strong>{exportWords.value.refused}</strong> <span lang="en">{problem.detail}</span>
    </Notice>
  );
}

export function Export({ result }: { result: ResultView }): VNode {
  const w = exportWords.value;
  const [form, setForm] = useState<Form>('rules');
  const path = form === 'rules' ? undefined : `results/${result.id}/export?as=${form}&lang=${language.value}`;
  const file = useFetched<ExportView>(path, result.datasetHash);
  return (
    <Panel id="export" title={w.title} note={w.note}>
      <div class="export-body">
        <Seg
          name="form"
          legend={w.form}
          hideLegend
          value={form}
          onChange={setForm}
          options={FORMS.map((value) => ({ value, text: formText(value).name }))}
        />
        <p class="small muted">
          {formText(form).text} {form === 'rules' ? '' : w.allBars}
        </p>
        {form === 'rules' ? (
          <Preview file={rulesFile(result)} form={form} />
        ) : (
          <Outcome key={form} file={file} form={form} />
        )}
      </div>
    </Panel>
  );
}
