// The page: whatever the address names, inside one frame.
import { effect } from '@preact/signals';
import { render, type VNode } from 'preact';
import { startAlerts } from './alerts.ts';
import { Skeleton } from './fetched.tsx';
import { heading } from './heading.ts';
import { startKeys } from './keys.ts';
import { startLive } from './live/live.ts';
import { CurrentPage, DialogLayer, prefetchPages } from './pages.tsx';
import { RequestBar } from './request-bar.tsx';
import { place, startRouter } from './router.ts';
import { ExposedBar, LostBar, Sidebar, StatusLine, TabBar, Toasts, TopBar, Voice } from './shell.tsx';
import { SignIn, signInByLink } from './sign-in.tsx';
import { alone, line, signedOut, snapshot, status } from './store.ts';
import { startTheme } from './theme.ts';
import { startVoice } from './voice.ts';
import { isFirstRun } from './welcome/first-run.ts';
import { language, loadWords, words } from './words/words.ts';

/** Over the whole window, until this node is somewhere. */
function First(): VNode {
  return (
    <>
      <main id="main" tabIndex={-1} class="whole">
        <h1 class="visually-hidden">{words.value.navWelcome}</h1>
        <LostBar />
        <ExposedBar />
        <CurrentPage page="welcome" />
      </main>
      <Toasts />
      <Voice />
    </>
  );
}

function App(): VNode {
  const { page } = place.value;
  if (signedOut.value) return <SignIn />;
  if (isFirstRun.value || (page === 'welcome' && alone.value)) return <First />;
  return (
    <>
      <a class="skip" href="#main">
        {words.value.skip}
      </a>
      <Sidebar />
      <TopBar />
      <main id="main" tabIndex={-1} class={`page-${page}${line.value.state === 'lost' ? ' stale' : ''}`}>
        <LostBar />
        <ExposedBar />
        <RequestBar />
        {status.value === undefined ? <Skeleton lines={6} /> : <CurrentPage page={page} />}
      </main>
      <StatusLine />
      <TabBar />
      <DialogLayer />
      <Toasts />
      <Voice />
    </>
  );
}

startTheme();
const linked = signInByLink();
startRouter();

function show(): void {
  effect(() => {
    document.documentElement.lang = language.value;
    const mesh = snapshot.value?.status.meshName;
    document.title = `${heading.value} · ${mesh === undefined ? '' : `${mesh} · `}stratmesh`;
  });
  render(<App />, document.body);
  startKeys();
  startVoice();
  startAlerts();
  prefetchPages();
}

linked.then(startLive, startLive);
void loadWords().then(show);
