// The filter bar: everything in it is in the address.
import type { VNode } from 'preact';
import { useEffect, useId, useState } from 'preact/hooks';
import type { BoardView } from '../../api-results.ts';
import { Switch } from '../dialogs/fields.tsx';
import { barSize, count } from '../format.ts';
import { Button, Panel, riskWord } from '../parts.tsx';
import { jobs } from '../store.ts';
import { words } from '../words/words.ts';
import { clearFilters, isFiltered, setFilter, valueIn } from './filter.ts';
import { resultsWords } from './words.ts';

const TYPING_MS = 250;

interface TypedProps {
  name: 'find' | 'minTrades' | 'maxDrawdown';
  label: string;
  placeholder?: string;
  unit?: string;
  /** Between what is typed and what the address holds. */
  scale?: number;
}

/** Goes to the address once the reader stops typing. */
function Typed({ name, label, placeholder, unit, scale }: TypedProps): VNode {
  const id = useId();
  const held = valueIn(name);
  const shown = held === '' || scale === undefined ? held : String(Number((Number(held) * scale).toFixed(4)));
  const [typed, setTyped] = useState<string | undefined>(undefined);
  useEffect(() => {
    if (typed === undefined) return;
    const timer = setTimeout(() => {
      const number = Number(typed.replace(',', '.'));
      const value = scale === undefined || typed === '' ? typed : String(number / scale);
      if (name === 'find' || typed === '' || number >= 0) setFilter(name, value);
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
          inputMode={name === 'find' ? 'text' : 'decimal'}
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
      <search class="filters">
        <Typed name="find" label={w.find} placeholder={w.findHint} />
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
        <Typed name="minTrades" label={w.minTrades} placeholder="0" />
        <Typed name="maxDrawdown" label={w.maxDrawdown} unit="%" scale={100} />
        <Switch
          label={w.validatedOnly}
          on={valueIn('validated') === 'true'}
          onChange={(on) => setFilter('validated', on ? 'true' : '')}
        />
      </search>
      <OfJob />
    </Panel>
  );
}
