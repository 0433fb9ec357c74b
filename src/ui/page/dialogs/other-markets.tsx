// The data sets besides the job's own that its verdict is to run what was found on.
import type { VNode } from 'preact';
import type { DatasetView } from '../../api.ts';
import { OTHERS_MAX } from '../../limits.ts';
import { datasets } from '../store.ts';
import { words } from '../words/words.ts';
import { chosenMarkets, type Draft, otherMarkets } from './create-form.ts';
import { Switch } from './fields.tsx';

interface OtherMarketsProps {
  draft: Draft;
  /** How a data set is called. */
  nameOf: (dataset: DatasetView) => string;
  onChange: (others: string) => void;
}

/** Nothing where no other data set has bars like the job's. */
export function OtherMarkets({ draft, nameOf, onChange }: OtherMarketsProps): VNode | null {
  const w = words.value;
  const possible = otherMarkets(draft, datasets.value);
  const chosen = chosenMarkets(draft, datasets.value);
  if (possible.length === 0) return null;
  const put = (hash: string, on: boolean): void =>
    onChange([...chosen.filter((each) => each !== hash), ...(on ? [hash] : [])].join(' '));
  return (
    <fieldset class="others">
      <legend>{w.otherMarkets}</legend>
      {possible.map((dataset) => {
        const on = chosen.includes(dataset.hash);
        const full = !on && chosen.length === OTHERS_MAX;
        return (
          <Switch
            key={dataset.hash}
            label={nameOf(dataset)}
            on={on}
            off={full ? w.otherMarketsMost(String(OTHERS_MAX)) : undefined}
            onChange={(next) => put(dataset.hash, next)}
          />
        );
      })}
    </fieldset>
  );
}
