// A text as a QR code, drawn here: dark on white in every theme, as cameras want it.
import type { VNode } from 'preact';
import encodeQR from 'qr';

/** Modules of white around the code. */
const QUIET = 2;

export function QrCode({ text, label }: { text: string; label: string }): VNode {
  const rows = encodeQR(text, 'raw', { border: QUIET, ecc: 'low' });
  const size = rows.length;
  const path = rows.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : []))).join('');
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shape-rendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
