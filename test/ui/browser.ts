// A real browser for tests: Debian's Chromium, without a network of its own.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from 'playwright-core';
import { PAGE, until } from './harness.ts';

const EXECUTABLE = process.env.STRATMESH_TEST_CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Why browser tests cannot run here; false when they can. */
export const noBrowser: string | false = !existsSync(EXECUTABLE)
  ? `no Chromium at ${EXECUTABLE}: install it, or set STRATMESH_TEST_CHROMIUM`
  : existsSync(new URL('manifest.json', PAGE))
    ? false
    : 'the page is not built: run `npm run build`';

export const launch = (...flags: string[]): Promise<Browser> =>
  chromium.launch({ executablePath: EXECUTABLE, args: [...FLAGS, ...flags] });

/** On another host of this machine: `prefix` are the words before its programs, `folder` is for what has to be written. */
export function launchOn(prefix: readonly string[], folder: string): Promise<Browser> {
  const script = join(folder, `chromium-${prefix.join('-')}.sh`);
  writeFileSync(script, `#!/bin/sh\nexec ${[...prefix, EXECUTABLE].join(' ')} "$@"\n`, { mode: 0o700 });
  return chromium.launch({ executablePath: script, args: FLAGS });
}

export interface Visit {
  page: Page;
  context: BrowserContext;
  /** Console errors and warnings, exceptions, and requests that leave the node. */
  faults: string[];
  /** Requests as `METHOD path`. */
  requests: string[];
}

export interface Look {
  theme?: 'dark' | 'light';
  language?: 'en-GB' | 'es-ES';
  width?: number;
  height?: number;
  calm?: boolean;
}

/** Watches a page from its first moment. */
export function watch(page: Page, origin: string): Pick<Visit, 'faults' | 'requests'> {
  const faults: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => faults.push(`exception: ${error.message}`));
  page.on('dialog', (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    dialog.dismiss().catch(() => undefined);
  });
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.origin !== new URL(origin).origin) faults.push(`left the node: ${request.url()}`);
    requests.push(`${request.method()} ${url.pathname}`);
  });
  return { faults, requests };
}

/** Opens the page and waits until it is live. */
export async function visit(browser: Browser, url: string, look: Look = {}): Promise<Visit> {
  const { theme = 'dark', language = 'en-GB', width = 1440, height = 900, calm = false } = look;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme,
    locale: language,
    reducedMotion: calm ? 'reduce' : 'no-preference',
  });
  const page = await context.newPage();
  const watched = watch(page, url);
  await page.goto(url);
  await page.waitForSelector('main > :not(.skeleton)', { state: 'attached' });
  return { page, context, ...watched };
}

// The text as shown, not as written: what CSS hides is not read.
// biome-ignore lint/performance/useDomNodeTextContent: shown text is what the tests are about
export const shown = (part: Locator): Promise<string> => part.innerText();
export const textOf = (page: Page, selector: string): Promise<string> => shown(page.locator(selector).first());

/** Waits until every panel of Settings stands: one that comes late would move what is to be clicked. */
export async function settingsStand(page: Page): Promise<void> {
  await page.waitForSelector('.panel-network .setting');
  await until('every panel is there', async () => (await page.locator('main [aria-busy=true]').count()) === 0);
}

/** Waits until an element reads as expected. */
export async function reads(page: Page, selector: string, pattern: RegExp, deadlineMs?: number): Promise<void> {
  await until(
    `${selector} to read ${pattern}`,
    async () => pattern.test(await textOf(page, selector).catch(() => '')),
    deadlineMs,
  );
}

/** Evaluates an expression of the page; tests know no DOM types. */
export const ask = <T>(page: Page, expression: string): Promise<T> => page.evaluate(expression) as Promise<T>;
