// A number between two others, set by hand: told while it moves, and when it rests.
import type { VNode } from 'preact';
import { count } from './format.ts';

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
