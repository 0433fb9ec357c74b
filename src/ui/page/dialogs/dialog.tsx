// A native modal dialog: the browser traps the focus, closes on Esc and gives the focus back to the opener.
import type { ComponentChildren, VNode } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { Icon, type IconName } from '../icons.tsx';
import { Button } from '../parts.tsx';
import { drawnDialogs } from '../store.ts';
import { words } from '../words/words.ts';

interface DialogProps {
  id: string;
  title: string;
  icon: IconName;
  /** Beside the title. */
  side?: ComponentChildren;
  wide?: boolean;
  onClose: () => void;
  children: ComponentChildren;
}

export function Dialog({ id, title, icon, side, wide = false, onClose, children }: DialogProps): VNode {
  const ref = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const dialog = ref.current;
    const opener = document.activeElement;
    drawnDialogs.value = drawnDialogs.peek() + 1;
    dialog?.showModal();
    dialog
      ?.querySelector<HTMLElement>('.dialog-body :is(select, textarea, input:not([type=radio]), input:checked)')
      ?.focus();
    return () => {
      drawnDialogs.value = drawnDialogs.peek() - 1;
      dialog?.close();
      if (opener instanceof HTMLElement) opener.focus();
    };
  }, []);
  return (
    <dialog ref={ref} class={wide ? 'wide' : ''} aria-labelledby={`${id}-title`} onClose={onClose}>
      <header class="dialog-head">
        <h2 id={`${id}-title`}>
          <Icon name={icon} /> {title}
        </h2>
        {side}
        <Button kind="icon" label={words.value.close} onClick={onClose}>
          <Icon name="close" />
        </Button>
      </header>
      {children}
    </dialog>
  );
}
