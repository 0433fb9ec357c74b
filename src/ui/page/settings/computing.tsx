// What the owner allows this machine: every rule of `stratmesh limits`.
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { Limits } from '../../api-limits.ts';
import { Field, Seg } from '../dialogs/fields.tsx';
import { count, share, span } from '../format.ts';
import { Slider } from '../slider.tsx';
import { status } from '../store.ts';
import { limits } from './draft.ts';
import { Row } from './row.tsx';
import { Schedule } from './schedule.tsx';
import { settingsWords } from './words.ts';

const { change, errors } = limits;

const SHARE = { min: 5, max: 100, step: 5 };
const CHARGE = { min: 5, max: 95, step: 5 };
const HEAT = { min: 40, max: 110 };
const HEAT_AT_FIRST = 80;
const CHARGE_AT_FIRST = 50;
const SHARE_AT_FIRST = 25;
const MINUTES = [1, 2, 5, 10, 15, 30, 60, 120, 240];
const MINUTE_MS = 60_000;

const percent = (value: number): string => share(value / 100, 0);

function ThreadsSlider({
  label,
  value,
  onInput,
}: {
  label: string;
  value: number | null;
  onInput: (value: number | null) => void;
}): VNode {
  const total = status.value!.threads.total;
  const used = Math.min(value ?? total, total);
  return (
    <Slider
      label={label}
      value={used}
      min={1}
      max={total}
      text={value === null ? `${settingsWords.value.allThreads} (${count(total)})` : `${count(used)}/${count(total)}`}
      onInput={(next) => onInput(next === total ? null : next)}
    />
  );
}

function Battery({ above }: { above: number }): VNode {
  const w = settingsWords.value;
  const kind = above === 100 ? 'never' : above === 0 ? 'always' : 'above';
  const values = { never: 100, always: 0, above: CHARGE_AT_FIRST };
  return (
    <Row name="batteryAbove" title={w.battery} hint={w.batteryHint} error={errors.value.batteryAbove}>
      <Seg
        name="battery"
        legend={w.battery}
        hideLegend
        value={kind}
        onChange={(next) => change('batteryAbove', values[next])}
        options={[
          { value: 'never', text: w.batteryNever },
          { value: 'above', text: w.batteryAbove },
          { value: 'always', text: w.batteryAlways },
        ]}
      />
      {kind === 'above' ? (
        <Slider
          label={w.charge}
          {...CHARGE}
          value={above}
          text={percent(above)}
          onInput={(next) => change('batteryAbove', next)}
        />
      ) : null}
    </Row>
  );
}

function InUse({ rule }: { rule: Limits['inUse'] }): VNode {
  const w = settingsWords.value;
  const kind = rule === null ? 'same' : rule.share === 0 ? 'pause' : 'less';
  const choose = (next: typeof kind): void => {
    const kept = { threads: rule?.threads ?? null, minutes: rule?.minutes ?? 5 };
    change('inUse', next === 'same' ? null : { share: next === 'pause' ? 0 : SHARE_AT_FIRST, ...kept });
  };
  const minutes = rule === null ? [] : [...new Set([...MINUTES, rule.minutes])].sort((a, b) => a - b);
  return (
    <Row name="inUse" title={w.inUse} hint={w.inUseHint} error={errors.value.inUse}>
      <Seg
        name="inUse"
        legend={w.inUse}
        hideLegend
        value={kind}
        onChange={choose}
        options={[
          { value: 'same', text: w.inUseSame },
          { value: 'less', text: w.inUseLess },
          { value: 'pause', text: w.inUsePause },
        ]}
      />
      {rule === null || kind !== 'less' ? null : (
        <>
          <Slider
            label={w.inUseShare}
            {...SHARE}
            value={rule.share}
            text={percent(rule.share)}
            onInput={(next) => change('inUse', { ...rule, share: next })}
          />
          <ThreadsSlider
            label={w.inUseThreads}
            value={rule.threads}
            onInput={(threads) => change('inUse', { ...rule, threads })}
          />
        </>
      )}
      {rule === null ? null : (
        <label class="pair small">
          <span class="muted">{w.inUseMinutes}</span>
          <select
            class="plain-select"
            value={String(rule.minutes)}
            onChange={(event) => change('inUse', { ...rule, minutes: Number(event.currentTarget.value) })}
          >
            {minutes.map((each) => (
              <option key={each} value={String(each)}>
                {span(each * MINUTE_MS)}
              </option>
            ))}
          </select>
        </label>
      )}
    </Row>
  );
}

function Heat({ max }: { max: number | null }): VNode {
  const w = settingsWords.value;
  return (
    <Row name="temperatureMax" title={w.heat} hint={w.heatHint} error={errors.value.temperatureMax}>
      <Seg
        name="heat"
        legend={w.heat}
        hideLegend
        value={max === null ? 'none' : 'limit'}
        onChange={(next) => change('temperatureMax', next === 'none' ? null : HEAT_AT_FIRST)}
        options={[
          { value: 'none', text: w.heatNone },
          { value: 'limit', text: w.heatLimit },
        ]}
      />
      {max === null ? null : (
        <Slider
          label={w.heat}
          {...HEAT}
          value={max}
          text={`${count(max)}\u00a0°C`}
          onInput={(next) => change('temperatureMax', next)}
        />
      )}
    </Row>
  );
}

const namesOf = (text: string): string[] =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

/** Commas stay while they are typed. */
function Programs({ names }: { names: readonly string[] }): VNode {
  const w = settingsWords.value;
  const [text, setText] = useState(names.join(', '));
  const shown = namesOf(text).join() === names.join() ? text : names.join(', ');
  return (
    <Row name="programs" title={w.programs} hint={w.programsHint} error={errors.value.programs}>
      <Field
        name="programs"
        label={w.programs}
        hideLabel
        value={shown}
        error={undefined}
        text
        placeholder="steam, blender"
        onInput={(next) => {
          setText(next);
          change('programs', namesOf(next));
        }}
      />
    </Row>
  );
}

export function Computing({ rules }: { rules: Limits }): VNode {
  const w = settingsWords.value;
  const total = status.value!.threads.total;
  return (
    <>
      <Row name="threads" title={w.threads} hint={w.threadsHint(count(total))} error={errors.value.threads}>
        <ThreadsSlider label={w.threads} value={rules.threads} onInput={(next) => change('threads', next)} />
      </Row>
      <Row name="share" title={w.share} hint={w.shareHint} error={errors.value.share}>
        <Slider
          label={w.share}
          {...SHARE}
          value={rules.share}
          text={percent(rules.share)}
          onInput={(next) => change('share', next)}
        />
      </Row>
      <Battery above={rules.batteryAbove} />
      <InUse rule={rules.inUse} />
      <Row name="schedule" title={w.schedule} hint={w.scheduleHint} error={errors.value.schedule}>
        <Schedule text={rules.schedule} onChange={(next) => change('schedule', next)} />
      </Row>
      <Heat max={rules.temperatureMax} />
      <Programs names={rules.programs} />
      <Row name="hook" title={w.hook} hint={w.hookHint} error={errors.value.hook}>
        <Field
          name="hook"
          label={w.hook}
          hideLabel
          value={rules.hook ?? ''}
          error={undefined}
          text
          placeholder="http://127.0.0.1:8123/may-work"
          onInput={(next) => change('hook', next.trim() === '' ? null : next.trim())}
        />
      </Row>
    </>
  );
}
