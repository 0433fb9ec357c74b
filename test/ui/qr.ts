// What a camera reads of the code on the page.
import type { Page } from 'playwright-core';
import decodeQR from 'qr/decode.js';

export async function readQr(page: Page): Promise<string> {
  const path = await page.locator('.qr path').getAttribute('d');
  const size = Number((await page.locator('.qr').getAttribute('viewBox'))!.split(' ')[2]);
  return decodeQR(imageOf(path!, size));
}

function imageOf(path: string, size: number): { width: number; height: number; data: Uint8ClampedArray } {
  const zoom = 4;
  const width = size * zoom;
  const data = new Uint8ClampedArray(width * width * 4).fill(255);
  for (const [, x, y] of path.matchAll(/M(\d+) (\d+)h1v1h-1z/g)) {
    for (let i = 0; i < zoom * zoom; i++) {
      const pixel = (Number(y) * zoom + Math.floor(i / zoom)) * width + Number(x) * zoom + (i % zoom);
      data.set([0, 0, 0], pixel * 4);
    }
  }
  return { width, height: width, data };
}
