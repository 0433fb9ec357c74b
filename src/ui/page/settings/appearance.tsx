// How this browser shows the page: kept here, and there at once.
import type { Signal } from '@preact/signals';
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { Seg, Switch } from '../dialogs/fields.tsx';
import { plain } from '../format.ts';
import { goal } from '../goal.ts';
import { readGoal } from '../goal-figures.ts';
import { candleColours, density, screenLines, singleKeys, themeChoice, timeZone } from '../theme.ts';
import { chooseLanguage, language } from '../words/words.ts';
import { Row } from './row.tsx';
import { settingsWords } from './words.ts';

interface ChoiceProps<T extends string> {
  name: string;
  title: string;
  hint: string;
  value: T;
  texts: Record<T, string>;
  onChange: (value: T) => void;
}

function Choice<T extends string>({ name, title, hint, value, texts, onChange }: ChoiceProps<T>): VNode {
  const options = Object.entries(texts) as [T, string][];
  return (
    <Row name={name} title={title} hint={hint}>
      <Seg
        name={name}
        legend={title}
        hideLegend
        value={value}
        onChange={onChange}
        options={options.map(([each, text]) => ({ value: each, text }))}
      />
    </Row>
  );
}

function OnOff({
  name,
  title,
  hint,
  of,
}: {
  name: string;
  title: string;
  hint: string;
  of: Signal<'on' | 'off'>;
}): VNode {
  const w = settingsWords.value;
  return (
    <Row name={name} title={title} hint={hint}>
      <Switch
        label={w[of.value]}
        name={title}
        on={of.value === 'on'}
        onChange={(on) => {
          of.value = on ? 'on' : 'off';
        }}
      />
    </Row>
  );
}

function Goal(): VNode {
  const w = settingsWords.value;
  const [text, setText] = useState(plain(goal.value));
  const read = readGoal(text);
  return (
    <Row name="goal" title={w.goal} hint={w.goalHint} error={read === undefined ? w.goalBad : undefined}>
      <span class="pair">
        <input
          class="plain-select time-input"
          aria-label={`${w.goal}, ${w.goalUnit}`}
          aria-invalid={read === undefined}
          value={text}
          inputMode="decimal"
          maxLength={6}
          onInput={({ currentTarget }) => {
            setText(currentTarget.value);
            const wanted = readGoal(currentTarget.value);
            if (wanted !== undefined) goal.value = wanted;
          }}
        />
        {w.goalUnit}
      </span>
    </Row>
  );
}

export function Appearance(): VNode {
  const w = settingsWords.value;
  return (
    <>
      <Choice
        name="theme"
        title={w.theme}
        hint={w.themeHint}
        value={themeChoice.value}
        texts={{ system: w.system, dark: w.dark, light: w.light }}
        onChange={(next) => {
          themeChoice.value = next;
        }}
      />
      <Choice
        name="language"
        title={w.language}
        hint={w.languageHint}
        value={language.value}
        texts={{ en: 'English', es: 'Español' }}
        onChange={chooseLanguage}
      />
      <Choice
        name="density"
        title={w.density}
        hint={w.densityHint}
        value={density.value}
        texts={{ normal: w.normal, compact: w.compact }}
        onChange={(next) => {
          density.value = next;
        }}
      />
      <Choice
        name="time"
        title={w.clock}
        hint={w.clockHint}
        value={timeZone.value}
        texts={{ utc: 'UTC', local: w.localTime(Intl.DateTimeFormat().resolvedOptions().timeZone) }}
        onChange={(next) => {
          timeZone.value = next;
        }}
      />
      <Choice
        name="candles"
        title={w.candleColours}
        hint={w.candleColoursHint}
        value={candleColours.value}
        texts={{ green: w.greenRed, blue: w.blueOrange }}
        onChange={(next) => {
          candleColours.value = next;
        }}
      />
      <Goal />
      <OnOff name="lines" title={w.lines} hint={w.linesHint} of={screenLines} />
      <OnOff name="keys" title={w.singleKeys} hint={w.singleKeysHint} of={singleKeys} />
      <p class="small dim">{w.hereOnly}</p>
    </>
  );
}
