// The rain behind the first card. It falls only where nothing asks for stillness; there it hangs.
import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { screenLines, theme } from '../theme.ts';

const CELL_PX = 18;
const FRAME_MS = 90;
const LENGTH = 14;
const LETTERS = '0123456789ABCDEF$%&*+-<>=/|:';

const letter = (): string => LETTERS[Math.floor(Math.random() * LETTERS.length)]!;

function startRain(canvas: HTMLCanvasElement): () => void {
  const context = canvas.getContext('2d');
  if (context === null) return () => undefined;
  const colour = getComputedStyle(document.documentElement).getPropertyValue('--accent').trim();
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  Object.assign(canvas, { width, height });
  const columns = Math.ceil(width / CELL_PX);
  const rows = Math.ceil(height / CELL_PX);
  const drops = Array.from({ length: columns }, () => Math.floor(Math.random() * (rows + LENGTH) * 2));
  const letters = drops.map(() => Array.from({ length: LENGTH }, letter));
  const draw = (): void => {
    context.clearRect(0, 0, width, height);
    context.font = `13px "JetBrains Mono", monospace`;
    context.fillStyle = colour;
    drops.forEach((head, column) => {
      letters[column]!.forEach((sign, back) => {
        context.globalAlpha = back === 0 ? 0.7 : 0.26 * (1 - back / LENGTH);
        context.fillText(sign, column * CELL_PX, (head - back) * CELL_PX);
      });
    });
  };
  draw();
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) return () => undefined;
  const timer = setInterval(() => {
    drops.forEach((head, column) => {
      drops[column] = head > rows + LENGTH ? -Math.floor(Math.random() * rows) : head + 1;
      letters[column]!.pop();
      letters[column]!.unshift(letter());
    });
    draw();
  }, FRAME_MS);
  return () => clearInterval(timer);
}

export function Rain(): VNode | null {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => (canvas.current === null ? undefined : startRain(canvas.current)), [theme.value, screenLines.value]);
  if (screenLines.value === 'off') return null;
  return (
    <div class="rain" aria-hidden="true">
      <canvas ref={canvas} />
    </div>
  );
}
