// The frame around the page: where one is, how the line to the node is, and what this node does.
import type { VNode } from 'preact';
import { PAGES, type PageName, pathOf } from '../places.ts';
import { age, clockTime, count, span, stamp } from './format.ts';
import { heading, pageName } from './heading.ts';
import { Icon, type IconName, Logo } from './icons.tsx';
import { tryNow } from './live/live.ts';
import { ledgerWord } from './overview/kpis.tsx';
import { PauseButton } from './overview/this-node.tsx';
import { BlockBar, Button, ModeMark, modeWord } from './parts.tsx';
import { place } from './router.ts';
import { counts, jobs, line, now, online, openDialog, present, SLOW_MS, status } from './store.ts';
import { switchTheme, theme } from './theme.ts';
import { dismiss, spoken, toasts } from './toasts.ts';
import { switchLanguage, words } from './words/words.ts';

interface NavItem {
  page: PageName;
  icon: IconName;
  text: string;
  note?: string;
}

const ICONS: Readonly<Record<(typeof PAGES)[number], IconName>> = {
  overview: 'overview',
  work: 'work',
  results: 'results',
  peers: 'mesh',
  ledger: 'ledger',
  logs: 'logs',
  settings: 'settings',
};
/** On a phone the rest is behind one more button. */
const FIRST: readonly PageName[] = ['overview', 'work', 'results', 'peers'];

function noteOf(page: PageName): string | undefined {
  if (page === 'work') return count(jobs.value.filter(({ state }) => state === 'running').length);
  if (page === 'results') return count(counts.value?.validated);
  if (page === 'peers') return `${count(online.value.length)}/${count(present.value.length)}`;
  return undefined;
}

const navItems = (): NavItem[] =>
  PAGES.map((page) => {
    const note = noteOf(page);
    return { page, icon: ICONS[page], text: pageName(page), ...(note === undefined ? {} : { note }) };
  });

export function NavLink({ page, icon, text, note }: NavItem): VNode {
  const here = place.value.page === page;
  return (
    <a href={pathOf(page)} class={here ? 'current' : ''} aria-current={here ? 'page' : undefined}>
      <Icon name={icon} />
      <span>{text}</span>
      {note === undefined ? null : <span class="nav-note">{note}</span>}
    </a>
  );
}

/** Those that do not fit on a phone's bar. */
export const moreItems = (): NavItem[] => navItems().filter(({ page }) => !FIRST.includes(page));

function More(): VNode {
  const here = !FIRST.includes(place.value.page);
  return (
    <button type="button" class={here ? 'current' : ''} onClick={() => (openDialog.value = 'more')}>
      <Icon name="more" />
      <span>{words.value.navMore}</span>
    </button>
  );
}

function SideNav(): VNode {
  return (
    <div class="nav side">
      {navItems().map((item) => (
        <NavLink key={item.page} {...item} />
      ))}
    </div>
  );
}

function MiniCard(): VNode | null {
  const w = words.value;
  const current = status.value;
  if (current === undefined) return null;
  const { unit, threads } = current;
  return (
    <a class="mini" href="/">
      <span class="pair">
        <strong class="mini-name">{current.name}</strong>
        <ModeMark mode={current.mode} />
      </span>
      {unit === null ? null : <BlockBar label={w.generation} value={unit.generation} of={unit.generations} />}
      <span class="pair small dim">
        <span>{unit === null ? '—' : w.generationShort(count(unit.generation), count(unit.generations))}</span>
        <span>{w.threads(count(threads.used), count(threads.total))}</span>
      </span>
    </a>
  );
}

export function Sidebar(): VNode {
  const current = status.value;
  return (
    <nav class="sidebar" aria-label={words.value.navigation}>
      <a class="brand" href="/">
        <Logo />
        <span>
          <strong>stratmesh</strong>
          <span class="dim">{current === undefined ? '—' : `v${current.version} · ${current.meshName}`}</span>
        </span>
      </a>
      <SideNav />
      <MiniCard />
    </nav>
  );
}

function LiveMark(): VNode {
  const w = words.value;
  const current = line.value;
  if (current.state === 'connecting') return <span class="line-mark slow">{w.connecting}</span>;
  if (current.state === 'lost') return <span class="line-mark lost">{w.lost}</span>;
  const silence = Math.max(0, now.value - current.heardAt);
  const slow = silence > SLOW_MS;
  return (
    <span class={`line-mark${slow ? ' slow' : ''}`}>
      {slow ? w.slow : w.live} <span class="line-age">· {age(silence)}</span>
    </span>
  );
}

export function TopBar(): VNode {
  const w = words.value;
  const otherCode = w.otherLanguage.slice(0, 2).toUpperCase();
  return (
    <header class="topbar">
      <p class="path" aria-hidden="true">
        {status.value?.meshName ?? '—'} / {place.value.id === undefined ? '' : `${pageName(place.value.page)} / `}
      </p>
      <h1>
        {heading.value}
        <i class="cursor" aria-hidden="true" />
      </h1>
      <LiveMark />
      <PauseButton long />
      <Button kind="icon" label={w.themeButton} onClick={switchTheme}>
        <Icon name={theme.value === 'dark' ? 'sun' : 'moon'} />
      </Button>
      <Button kind="icon" label={`${otherCode}: ${w.languageButton}`} onClick={switchLanguage}>
        {otherCode}
      </Button>
      <Button kind="icon" label={w.shortcutsButton} onClick={() => (openDialog.value = 'shortcuts')}>
        ?
      </Button>
    </header>
  );
}

/** Red, and first on the page, while the node is out of reach. */
export function LostBar(): VNode | null {
  const w = words.value;
  const current = line.value;
  if (current.state !== 'lost') return null;
  const { heardAt, retryAt } = current;
  const since = heardAt === undefined ? w.lostNever : w.lostSince(clockTime(heardAt), span(now.value - heardAt));
  const seconds = retryAt === undefined ? 0 : Math.ceil((retryAt - now.value) / 1_000);
  return (
    <div class="notice error lost-bar">
      <Icon name="warning" />
      <div class="notice-text">
        <strong>{w.lostTitle}</strong> {since} {seconds > 0 ? w.lostRetry(count(seconds)) : w.lostTrying}
      </div>
      <Button onClick={tryNow}>{w.tryNow}</Button>
    </div>
  );
}

const LOOPBACK: readonly string[] = ['127.0.0.1', 'localhost', '[::1]'];

/** As long as the page is open on another device than the node's own. */
export function ExposedBar(): VNode | null {
  if (location.protocol === 'https:' || LOOPBACK.includes(location.hostname)) return null;
  return (
    <p class="notice caution exposed-bar">
      <Icon name="warning" /> <span class="notice-text">{words.value.notEncrypted}</span>
    </p>
  );
}

export function StatusLine(): VNode | null {
  const w = words.value;
  const current = status.value;
  if (current === undefined) return null;
  const { mode, threads, unit, ledger } = current;
  return (
    <footer class="status-line">
      <strong class={`status-mode ${mode}`}>{modeWord(mode).toUpperCase()}</strong>
      <span>{w.threads(count(threads.used), count(threads.total))}</span>
      {unit === null ? null : (
        <span class="status-unit">
          {w.unitLine(count(unit.index + 1), w.generationShort(count(unit.generation), count(unit.generations)))}
          {unit.remainingMs === null ? '' : ` · ${w.left(span(unit.remainingMs))}`}
        </span>
      )}
      <span>{w.peersLine(count(online.value.length), count(present.value.length))}</span>
      <span>{w.ledgerLine(ledgerWord(ledger.state).toLowerCase(), count(ledger.entries))}</span>
      <span class="status-clock">{stamp(now.value)}</span>
      <button type="button" onClick={() => (openDialog.value = 'shortcuts')}>
        <kbd>?</kbd> {w.shortcuts}
      </button>
    </footer>
  );
}

export function TabBar(): VNode {
  return (
    <nav class="nav bottom" aria-label={words.value.navigation}>
      {navItems()
        .filter(({ page }) => FIRST.includes(page))
        .map((item) => (
          <NavLink key={item.page} {...item} />
        ))}
      <More />
    </nav>
  );
}

export function Toasts(): VNode {
  return (
    <div class="toasts">
      {toasts.value.map(({ id, kind, text }) => (
        <div key={id} class={`toast ${kind}`}>
          <Icon name={kind === 'good' ? 'check' : 'warning'} />
          <span>{text}</span>
          <Button kind="icon" label={words.value.close} onClick={() => dismiss(id)}>
            <Icon name="close" />
          </Button>
        </div>
      ))}
    </div>
  );
}

/** Speaks for readers who do not see the screen. */
export function Voice(): VNode {
  return (
    <p class="visually-hidden" role="status" aria-live="polite">
      {spoken.value}
    </p>
  );
}
