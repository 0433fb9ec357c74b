// A long text that is there to be copied.
import type { VNode } from 'preact';
import { useId } from 'preact/hooks';
import { copy } from '../commands.ts';
import { Button } from '../parts.tsx';
import { words } from '../words/words.ts';

export function CopyBox({ label, text, lines }: { label: string; text: string; lines: number }): VNode {
  const id = useId();
  return (
    <div class="copy-box">
      <label for={id}>{label}</label>
      <textarea id={id} readOnly rows={lines} value={text} onFocus={(event) => event.currentTarget.select()} />
      <Button onClick={() => void copy(text)} label={`${words.value.copy}: ${label}`}>
        {words.value.copy}
      </Button>
    </div>
  );
}
