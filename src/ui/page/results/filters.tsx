// The filter bar: everything in it is in the address.
import type { VNode } from 'preact';
import { useEffect, useId, useState } from 'preact/hooks';
import { type BoardView, rangeText } from '../../api-results.ts';
import { Switch } from '../dialogs/fields.tsx';
import { barSize, count } from '../format.ts';
import { Button, Panel, riskWord } from '../parts.tsx';
import { jobs } from '../store.ts';
import { words } from '../words/words.ts';
import {
  clearFilters,
  filterText,
  isFiltered,
  RANGE_KEYS,
  type RangeKey,
  rangeIn,
  setFilter,
  valueIn,
} from './filter.ts';
import { resultsWords } from './words.ts';

const TYPING_MS = 250;

interface TypedProps {
  name: string;
  label: string;
  placeholder?: string;
  unit?: string;
  shown: string;
  take: (typed: string) => void;
  /** More than digits, a point and a comma: telephones have other keys for those. */
  anyText?: boolean;
}

/** Goes to the address once the reader stops typing. */
function Typed({ name, label, placeholder, unit, shown, take, anyText = false }: TypedProps): VNode {
  const id = useId();
  const [typed, setTyped] = useState<string | undefined>(undefined);
  useEffect(() => {
    if (typed === undefined) return;
    const timer = setTimeout(() => {
      take(typed);
      setTyped(undefined);
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <div class={`field field-${name}`}>
      <label for={id}>{label}</label>
      <span class="control">
        <input
          id={id}
          name={name}
          type="text"
          inputMode={anyText ? 'text' : 'decimal'}
          autocomplete="off"
          spellcheck={false}
          placeholder={placeholder}
          value={typed ?? shown}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
        {unit === undefined ? null : <span class="unit">{unit}</span>}
      </span>
    </div>
  );
}

/** A number as a reader types it; undefined for what is none. */
function numberOf(typed: string): number | undefined {
  const number = Number(typed.replace(',', '.').replace('\u2212', '-'));
  return typed.trim() === '' || !Number.isFinite(number) ? undefined : number;
}

const percentText = (ratio: number): string => String(Number((ratio * 100).toFixed(4)));

/** Goes away where it is emptied, and stays as it was where that is no number. */
function takeCount(name: 'minTrades' | 'maxDrawdown', scale: number): (typed: string) => void {
  return (typed) => {
    const number = numberOf(typed);
    if (typed === '') setFilter(name, '');
    else if (number !== undefined && number >= 0) setFilter(name, String(number / scale));
  };
}

function End({ name, end, label }: { name: RangeKey; end: 'least' | 'most'; label: string }): VNode {
  const held = rangeIn(name)[end];
  const take = (typed: string): void => {
    const number = numberOf(typed);
    if (typed !== '' && number === undefined) return;
    setFilter(name, rangeText({ ...rangeIn(name), [end]: number === undefined ? undefined : number / 100 }));
  };
  return (
    <Typed
      name={`${name}-${end}`}
      label={label}
      unit="%"
      shown={held === undefined ? '' : percentText(held)}
      take={take}
      anyText
    />
  );
}

/** By the two returns that the scatter shows, which a mouse can choose there; what is set can be taken away. */
function ByReturn(): VNode {
  const w = resultsWords.value;
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <div class="by-return">
        <button type="button" class="link" aria-expanded={isOpen} aria-controls={id} onClick={() => setOpen(!isOpen)}>
          {w.byReturn}
        </button>
        {RANGE_KEYS.filter((key) => valueIn(key) !== '').map((key) => (
          <button
            key={key}
            type="button"
            class="chip"
            aria-label={w.dropFilter(filterText(key))}
            onClick={() => setFilter(key, '')}
          >
            {filterText(key)} <span aria-hidden="true">✕</span>
          </button>
        ))}
      </div>
      {isOpen ? (
        <div class="fields" id={id}>
          {RANGE_KEYS.flatMap((key) =>
            (['least', 'most'] as const).map((end) => (
              <End key={`${key} ${end}`} name={key} end={end} label={`${words.value[key]}, ${w[end]}`} />
            )),
          )}
        </div>
      ) : null}
    </>
  );
}

interface ChoiceProps {
  name: 'market' | 'barMs' | 'risk';
  label: string;
  none: string;
  options: readonly { value: string; text: string }[];
}

function Choice({ name, label, none, options }: ChoiceProps): VNode {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <span class="control select">
        <select
          id={id}
          name={name}
          value={valueIn(name)}
          onChange={(event) => setFilter(name, event.currentTarget.value)}
        >
          <option value="">{none}</option>
          {options.map(({ value, text }) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      </span>
    </div>
  );
}

function OfJob(): VNode | null {
  const w = resultsWords.value;
  const id = valueIn('job');
  if (id === '') return null;
  const name = jobs.value.find((job) => job.id === id)?.name ?? id.slice(0, 8);
  return (
    <p class="small of-job">
      {w.ofJob(name)}{' '}
      <button type="button" class="link" onClick={() => setFilter('job', '')}>
        {w.anyJob}
      </button>
    </p>
  );
}

export function Filters({ board }: { board: BoardView | undefined }): VNode {
  const w = resultsWords.value;
  const note = board === undefined ? undefined : w.match(count(board.matching), count(board.total));
  const reset = isFiltered() ? <Button onClick={clearFilters}>{w.reset}</Button> : null;
  return (
    <Panel id="filter" title={w.filterTitle} note={note} side={reset}>
      <search>
        <div class="filters">
          <Typed
            name="find"
            label={w.find}
            placeholder={w.findHint}
            shown={valueIn('find')}
            take={(typed) => setFilter('find', typed)}
            anyText
          />
          <Choice
            name="market"
            label={words.value.market}
            none={w.allMarkets}
            options={(board?.markets ?? []).map((market) => ({ value: market, text: market }))}
          />
          <Choice
            name="barMs"
            label={w.timeframe}
            none={w.all}
            options={(board?.barSizes ?? []).map((ms) => ({ value: String(ms), text: barSize(ms) }))}
          />
          <Choice
            name="risk"
            label={words.value.risk}
            none={w.anyRisk}
            options={(['low', 'medium', 'high'] as const).map((risk) => ({ value: risk, text: riskWord(risk) }))}
          />
          <Typed
            name="minTrades"
            label={w.minTrades}
            placeholder="0"
            shown={valueIn('minTrades')}
            take={takeCount('minTrades', 1)}
          />
          <Typed
            name="maxDrawdown"
            label={w.maxDrawdown}
            unit="%"
            shown={valueIn('maxDrawdown') === '' ? '' : percentText(Number(valueIn('maxDrawdown')))}
            take={takeCount('maxDrawdown', 100)}
          />
          <Switch
            label={w.validatedOnly}
            on={valueIn('validated') === 'true'}
            onChange={(on) => setFilter('validated', on ? 'true' : '')}
          />
        </div>
        <ByReturn />
      </search>
      <OfJob />
    </Panel>
  );
}
