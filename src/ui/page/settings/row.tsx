// One setting: what it is, what it does, its control, and what is wrong with it.
import type { ComponentChildren, VNode } from 'preact';
import { settingsWords } from './words.ts';

interface RowProps {
  name: string;
  title: string;
  hint: string;
  error?: string | undefined;
  /** It counts from the next start on. */
  later?: boolean | undefined;
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
