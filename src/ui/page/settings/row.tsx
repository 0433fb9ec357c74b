// One setting: what it is, what it does, its control, and what is wrong with it.
import type { ComponentChildren, VNode } from 'preact';
import { count } from '../format.ts';
import { settingsWords } from './words.ts';

interface RowProps {
  name: string;
  title: string;
  hint: string;
  error?: string | undefined;
  /** It counts from the next start on. */
  later?: boolean;
  children: ComponentChildren;
}

export function Row({ name, title, hint, error, later = false, children }: RowProps): VNode {
  return (
    <div class="setting" data-setting={name}>
      <div>
        <h3>{title}</h3>
        <p class="small dim">{hint}</p>
        {later ? <span class="badge">{settingsWords.value.afterRestart}</span> : null}
      </div>
      <div class="setting-control">
        {children}
        {error === undefined ? null : (
          <span class="field-error" role="alert" lang="en">
            {error}
          </span>
        )}
      </div>
    </div>
  );
}

interface SliderProps {
  label: string;
  value: number;
  min: number;
  max: number;
  step?: number;
  /** The value in words. */
  text?: string;
  off?: boolean;
  onInput: (value: number) => void;
}

export function Slider({ label, value, min, max, step = 1, text, off = false, onInput }: SliderProps): VNode {
  const says = text ?? count(value);
  return (
    <label class="slider">
      <span class="pair small">
        <span class="muted">{label}</span>
        <strong class="accent">{says}</strong>
      </span>
      <input
        type="range"
        aria-label={label}
        aria-valuetext={says}
        min={min}
        max={max}
        step={step}
        value={value}
        disabled={off}
        onInput={(event) => onInput(Number(event.currentTarget.value))}
      />
    </label>
  );
}
