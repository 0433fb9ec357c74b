// Create work: one sentence whose words are fields, with what it will cost and whether the candles are fit for it.
import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { DatasetView, Risk } from '../../api.ts';
import { JOB_LIMITS, PERMUTATIONS_DEFAULT } from '../../limits.ts';
import { createJob } from '../commands.ts';
import { barSize, count, short, span } from '../format.ts';
import { Button, Notice, riskWord } from '../parts.tsx';
import { canWrite, datasets, meshRate, openDialog } from '../store.ts';
import { say, toast } from '../toasts.ts';
import { words } from '../words/words.ts';
import {
  ADVANCED_FIELDS,
  type Draft,
  type Errors,
  errorsOf,
  estimate,
  type FieldName,
  forgetDraft,
  inputOf,
  loadDraft,
  PERCENT_FIELDS,
  presetOf,
  saveDraft,
  withPreset,
} from './create-form.ts';
import { DataNotice } from './data-notice.tsx';
import { Dialog } from './dialog.tsx';
import { Field, FieldError, Seg, Token } from './fields.tsx';
import { OtherMarkets } from './other-markets.tsx';

const RISKS: readonly Risk[] = ['low', 'medium', 'high'];
const SENTENCE_FIELDS: readonly FieldName[] = ['dataset', 'population', 'generations', 'risk', 'units', 'replicas'];

interface PartProps {
  draft: Draft;
  errors: Errors;
  change: (field: FieldName, value: string) => void;
}

const datasetText = ({ symbol, barMs, sample }: DatasetView): string =>
  `${symbol} ${barSize(barMs)}${sample ? ` ${words.value.sample}` : ''}`;

function NumberToken({
  field,
  label,
  draft,
  errors,
  change,
}: PartProps & { field: 'population' | 'generations' | 'units'; label: string }) {
  return (
    <Token name={field} label={label} error={errors[field]}>
      {(props) => (
        <input
          {...props}
          type="text"
          inputMode="numeric"
          autocomplete="off"
          style={{ width: `calc(${Math.max(2, draft[field].length)}ch + 22px)` }}
          value={draft[field]}
          onInput={(event) => change(field, event.currentTarget.value)}
        />
      )}
    </Token>
  );
}

function Choice({
  field,
  label,
  options,
  draft,
  errors,
  change,
}: PartProps & {
  field: 'dataset' | 'risk' | 'replicas';
  label: string;
  options: readonly { value: string; text: string }[];
}): VNode {
  return (
    <Token name={field} label={label} error={errors[field]}>
      {(props) => (
        <select {...props} value={draft[field]} onChange={(event) => change(field, event.currentTarget.value)}>
          {options.map(({ value, text }) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      )}
    </Token>
  );
}

function Sentence(props: PartProps): VNode {
  const w = words.value;
  const { min, max } = JOB_LIMITS.replicas;
  const replicas = Array.from({ length: max - min + 1 }, (_, i) => String(min + i));
  return (
    <>
      <p class="say">
        {w.sayMine}{' '}
        <Choice
          {...props}
          field="dataset"
          label={w.dataset}
          options={datasets.value.map((dataset) => ({ value: dataset.hash, text: datasetText(dataset) }))}
        />{' '}
        {w.sayPopulation} <NumberToken {...props} field="population" label={w.population} /> {w.sayFor}{' '}
        <NumberToken {...props} field="generations" label={w.generations} /> {w.sayGenerations}{' '}
        <Choice
          {...props}
          field="risk"
          label={w.risk}
          options={RISKS.map((risk) => ({ value: risk, text: riskWord(risk) }))}
        />{' '}
        {w.sayRisk} <NumberToken {...props} field="units" label={w.units} /> {w.sayUnits}{' '}
        <Choice {...props} field="replicas" label={w.replicas} options={replicas.map((n) => ({ value: n, text: n }))} />{' '}
        {w.sayPeers(Number(props.draft.replicas))}
      </p>
      {SENTENCE_FIELDS.map((field) => {
        const label = { dataset: w.dataset, population: w.population, generations: w.generations, units: w.units }[
          field as string
        ];
        const error = props.errors[field];
        return (
          <FieldError key={field} id={`token-${field}-error`} error={error && label ? `${label}: ${error}` : error} />
        );
      })}
    </>
  );
}

function Estimate({ draft }: { draft: Draft }): VNode {
  const w = words.value;
  const { units, reRuns, backtests, ms } = estimate(draft, meshRate.value);
  const bars = datasets.value.find(({ hash }) => hash === draft.dataset)?.bars;
  return (
    <dl class="figures">
      <div>
        <dt>{reRuns === 0 ? w.units : w.estimateUnits}</dt>
        <dd>{reRuns === 0 ? count(units) : `${count(units)} + ${count(reRuns)}`}</dd>
      </div>
      <div>
        <dt>{w.estimateBacktests}</dt>
        <dd>{short(backtests)}</dd>
      </div>
      <div>
        <dt>{w.estimateTime}</dt>
        <dd class="accent">{ms === null ? '—' : `≈ ${span(ms)}`}</dd>
      </div>
      <div>
        <dt>{w.estimateCandles}</dt>
        <dd>{count(bars)}</dd>
      </div>
    </dl>
  );
}

function Advanced({ draft, errors, change }: PartProps): VNode {
  const w = words.value;
  // Opened by hand, by what a draft already says, or by an error inside; closed by hand alone.
  const [open, setOpen] = useState(() =>
    [...ADVANCED_FIELDS, 'anchored' as const, 'others' as const].some((field) => draft[field] !== ''),
  );
  const faulty = ADVANCED_FIELDS.some((field) => errors[field] !== undefined);
  const quote = datasets.value.find(({ hash }) => hash === draft.dataset)?.quote ?? '';
  const labels: Record<(typeof ADVANCED_FIELDS)[number], string> = {
    fee: w.fee,
    slippage: w.slippage,
    spread: w.spread,
    equity: w.capital,
    folds: w.folds,
    minTrades: w.minTrades,
    seed: w.seed,
    holdout: w.holdoutShare,
    permutations: w.permutations,
  };
  const placeholders: Errors = { seed: w.auto, permutations: String(PERMUTATIONS_DEFAULT) };
  return (
    <details open={open || faulty} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{w.advanced}</summary>
      <div class="fields">
        {ADVANCED_FIELDS.map((field) => (
          <Field
            key={field}
            name={field}
            label={labels[field]}
            value={draft[field]}
            error={errors[field]}
            onInput={(value) => change(field, value)}
            text={field === 'seed'}
            placeholder={placeholders[field] ?? w.byDefault}
            {...(PERCENT_FIELDS.has(field) ? { unit: '%' } : field === 'equity' ? { unit: quote } : {})}
          />
        ))}
      </div>
      <Seg
        name="anchored"
        legend={w.foldsBegin}
        value={draft.anchored}
        onChange={(anchored) => change('anchored', anchored)}
        options={[
          { value: '', text: w.foldsRolling },
          { value: 'anchored', text: w.foldsAnchored },
        ]}
      />
      <OtherMarkets draft={draft} nameOf={datasetText} onChange={(others) => change('others', others)} />
    </details>
  );
}

/** Everything about the form that outlives a keystroke. */
function useDraft() {
  const [draft, setDraft] = useState(() => loadDraft(datasets.value));
  const [errors, setErrors] = useState<Errors>({});
  const [refusal, setRefusal] = useState<string | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);

  const put = (next: Draft): void => {
    setDraft(next);
    saveDraft(next);
    // Errors are shown at the first attempt and go away as they are mended.
    if (Object.keys(errors).length > 0) setErrors(errorsOf(next, datasets.value));
  };
  const show = (found: Errors): void => {
    setErrors(found);
    // The fields show their errors first; then the focus can go to one inside the part that was closed.
    requestAnimationFrame(() => {
      const first = form.current?.querySelector<HTMLElement>('[aria-invalid="true"]');
      first?.focus();
    });
  };
  const submit = async (): Promise<void> => {
    const found = errorsOf(draft, datasets.value);
    setRefusal(undefined);
    if (Object.keys(found).length > 0) {
      show(found);
      return;
    }
    setBusy(true);
    const outcome = await createJob(inputOf(draft, datasets.value));
    setBusy(false);
    if (outcome.ok) {
      const done = words.value.created(outcome.value.name, count(outcome.value.units));
      forgetDraft();
      openDialog.value = undefined;
      toast('good', done);
      say(done);
      return;
    }
    const { field, detail } = outcome.problem;
    if (field !== undefined && field in draft) show({ [field]: detail });
    else setRefusal(detail);
  };
  return { draft, errors, refusal, busy, form, put, submit };
}

const close = (): void => {
  openDialog.value = undefined;
};

function Footer({ units, off, busy }: { units: number; off: string | undefined; busy: boolean }): VNode {
  const w = words.value;
  return (
    <footer class="dialog-foot">
      <span class="dim">{w.createNote}</span>
      <Button onClick={close}>
        {w.cancel} <kbd>Esc</kbd>
      </Button>
      <Button kind="primary" submit off={off} busy={busy} onClick={() => undefined}>
        {w.createUnits(count(units))} <kbd>Ctrl ↵</kbd>
      </Button>
    </footer>
  );
}

export function CreateWork(): VNode {
  const w = words.value;
  const { draft, errors, refusal, busy, form, put, submit } = useDraft();
  const change = (field: FieldName, value: string): void => put({ ...draft, [field]: value });
  const dataset = datasets.value.find(({ hash }) => hash === draft.dataset);
  // Candles that arrive while the dialog is open are chosen by themselves.
  const firstHash = datasets.value[0]?.hash;
  useEffect(() => {
    if (dataset === undefined && firstHash !== undefined) change('dataset', firstHash);
  }, [firstHash]);
  const presets = (
    <Seg
      name="preset"
      legend={w.presets}
      hideLegend
      value={presetOf(draft)}
      onChange={(preset) => put(withPreset(draft, preset))}
      options={[
        { value: 'quick', text: w.presetQuick },
        { value: 'standard', text: w.presetStandard },
        { value: 'deep', text: w.presetDeep },
      ]}
    />
  );
  const off = canWrite.value ? (datasets.value.length === 0 ? w.dataNone : undefined) : w.writesOff;
  const part: PartProps = { draft, errors, change };
  return (
    <Dialog id="create" title={w.createWork} icon="plus" wide side={presets} onClose={close}>
      <form
        ref={form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.current?.requestSubmit();
        }}
      >
        <div class="dialog-body">
          {datasets.value.length === 0 ? null : <Sentence {...part} />}
          {datasets.value.length === 0 ? null : <Estimate draft={draft} />}
          <DataNotice dataset={dataset} />
          {draft.replicas === '1' ? (
            <Notice tone="caution" icon="warning">
              {w.unchecked}
            </Notice>
          ) : null}
          <Advanced {...part} />
          {refusal === undefined ? null : (
            <Notice tone="error" icon="warning">
              <strong>{w.failed}</strong> <span lang="en">{refusal}</span>
            </Notice>
          )}
        </div>
        <Footer units={estimate(draft, null).units} off={off} busy={busy} />
      </form>
    </Dialog>
  );
}
