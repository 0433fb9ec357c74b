// Fields of a form: label, control, unit, and what is wrong with it.
import type { ComponentChildren, VNode } from 'preact';
import { useId } from 'preact/hooks';

interface FieldProps {
  name: string;
  label: string;
  /** Where the label stands beside it already. */
  hideLabel?: boolean;
  value: string;
  error: string | undefined;
  onInput: (value: string) => void;
  unit?: string;
  placeholder?: string;
  text?: boolean;
  rows?: number;
  /** Why it cannot be used now; undefined when it can. */
  off?: string | undefined;
}

export function Field({
  name,
  label,
  hideLabel = false,
  value,
  error,
  onInput,
  unit,
  placeholder,
  text = false,
  rows,
  off,
}: FieldProps): VNode {
  const id = useId();
  const shared = {
    id,
    name,
    value,
    placeholder,
    autocomplete: 'off',
    spellcheck: false,
    disabled: off !== undefined,
    title: off,
    'aria-invalid': error !== undefined,
    'aria-describedby': error === undefined ? undefined : `${id}-error`,
  };
  return (
    <div class="field">
      <label for={id} class={hideLabel ? 'visually-hidden' : ''}>
        {label}
      </label>
      <span class="control">
        {rows === undefined ? (
          <input
            {...shared}
            type="text"
            inputMode={text ? 'text' : 'decimal'}
            onInput={(event) => onInput(event.currentTarget.value)}
          />
        ) : (
          <textarea {...shared} rows={rows} onInput={(event) => onInput(event.currentTarget.value)} />
        )}
        {unit === undefined ? null : <span class="unit">{unit}</span>}
      </span>
      <FieldError id={`${id}-error`} error={error} />
    </div>
  );
}

export function FieldError({ id, error }: { id: string; error: string | undefined }): VNode | null {
  return error === undefined ? null : (
    <span class="field-error" id={id}>
      {error}
    </span>
  );
}

interface SegProps<T extends string> {
  name: string;
  legend: string;
  options: readonly { value: T; text: string }[];
  value: T | undefined;
  onChange: (value: T) => void;
  hideLegend?: boolean;
  /** Why it cannot be used now; undefined when it can. */
  off?: string | undefined;
}

/** A few choices side by side. */
export function Seg<T extends string>({
  name,
  legend,
  options,
  value,
  onChange,
  hideLegend = false,
  off,
}: SegProps<T>): VNode {
  return (
    <fieldset class="seg" disabled={off !== undefined} title={off}>
      <legend class={hideLegend ? 'visually-hidden' : ''}>{legend}</legend>
      <span class="seg-row">
        {options.map((option) => (
          <label key={option.value} class={option.value === value ? 'chosen' : ''}>
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
            />
            {option.text}
          </label>
        ))}
      </span>
    </fieldset>
  );
}

interface TokenProps {
  name: string;
  label: string;
  error: string | undefined;
  children: (props: {
    id: string;
    'aria-invalid': boolean;
    'aria-describedby': string | undefined;
  }) => ComponentChildren;
}

/** A control inside a sentence: named for those who do not see the words around it. */
export function Token({ name, label, error, children }: TokenProps): VNode {
  const id = `token-${name}`;
  const describedBy = error === undefined ? undefined : `${id}-error`;
  return (
    <span class={`token${error === undefined ? '' : ' wrong'}`}>
      <label class="visually-hidden" for={id}>
        {label}
      </label>
      {children({ id, 'aria-invalid': error !== undefined, 'aria-describedby': describedBy })}
    </span>
  );
}

/** On or off, said in colour, place and to screen readers. */
export function Switch({
  label,
  name,
  on,
  off,
  onChange,
}: {
  label: string;
  /** What it switches, where the label only says on or off. */
  name?: string;
  on: boolean;
  /** Why it cannot be used now; undefined when it can. */
  off?: string | undefined;
  onChange: (on: boolean) => void;
}): VNode {
  return (
    <label class="switch" title={off}>
      <input
        type="checkbox"
        role="switch"
        aria-checked={on}
        aria-label={name === undefined ? undefined : `${name}: ${label}`}
        checked={on}
        disabled={off !== undefined}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <i aria-hidden="true" />
      {label}
    </label>
  );
}
