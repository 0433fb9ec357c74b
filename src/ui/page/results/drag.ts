// A rectangle drawn with mouse or pen. A finger scrolls the page, as it does everywhere.
import type { TargetedPointerEvent } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Box } from './plot.ts';

/** px: less is a click. */
const DRAG_LEAST = 4;

type PointerHandler = (event: TargetedPointerEvent<SVGSVGElement>) => void;
type At = [x: number, y: number];

interface Drag {
  /** While it is drawn. */
  box: Box | undefined;
  handlers: Record<'onPointerDown' | 'onPointerMove' | 'onPointerUp' | 'onPointerCancel', PointerHandler>;
  /** Whether the click that comes after the button is released ended a drag. */
  wasDragged: () => boolean;
}

function placeIn({ currentTarget, clientX, clientY }: TargetedPointerEvent<SVGSVGElement>): At {
  const { left, top } = currentTarget.getBoundingClientRect();
  return [clientX - left, clientY - top];
}

const between = ([ax, ay]: At, [bx, by]: At): Box => ({
  left: Math.min(ax, bx),
  right: Math.max(ax, bx),
  top: Math.min(ay, by),
  bottom: Math.max(ay, by),
});

/** `onDrawn`: not after Escape. */
export function useDrag(onDrawn: (box: Box) => void): Drag {
  const [box, setBox] = useState<Box | undefined>(undefined);
  const start = useRef<At | undefined>(undefined);
  const dragged = useRef(false);
  const drop = (): void => {
    start.current = undefined;
    setBox(undefined);
  };
  const isDrawn = box !== undefined;
  useEffect(() => {
    if (!isDrawn) return;
    const onKey = ({ key }: KeyboardEvent): void => {
      if (key === 'Escape') drop();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [isDrawn]);
  return {
    box,
    handlers: {
      onPointerDown(event) {
        dragged.current = false;
        if (event.pointerType === 'touch' || event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        start.current = placeIn(event);
      },
      onPointerMove(event) {
        if (start.current === undefined) return;
        const drawn = between(start.current, placeIn(event));
        if (!isDrawn && drawn.right - drawn.left < DRAG_LEAST && drawn.bottom - drawn.top < DRAG_LEAST) return;
        dragged.current = true;
        setBox(drawn);
      },
      onPointerUp() {
        if (box !== undefined) onDrawn(box);
        drop();
      },
      onPointerCancel: drop,
    },
    wasDragged: () => dragged.current,
  };
}
