// The page: Overview inside its frame.
import { effect } from '@preact/signals';
import { render, type VNode } from 'preact';
import { Dialogs } from './dialogs/dialogs.tsx';
import { startKeys } from './keys.ts';
import { startLive } from './live/live.ts';
import { Activity } from './overview/activity.tsx';
import { Best } from './overview/best.tsx';
import { Kpis } from './overview/kpis.tsx';
import { Mesh } from './overview/mesh.tsx';
import { ThisNode } from './overview/this-node.tsx';
import { Throughput } from './overview/throughput.tsx';
import { Top } from './overview/top.tsx';
import { Work } from './overview/work.tsx';
import { LostBar, Sidebar, StatusLine, TabBar, Toasts, TopBar, Voice } from './shell.tsx';
import { line, snapshot, status } from './store.ts';
import { startTheme } from './theme.ts';
import { startVoice } from './voice.ts';
import { language, words } from './words/words.ts';

function Overview(): VNode {
  return (
    <>
      <Kpis />
      <div class="grid">
        <Mesh />
        <ThisNode />
        <Throughput />
        <Best />
        <Work />
        <Activity />
        <Top />
      </div>
    </>
  );
}

function Loading(): VNode {
  return (
    <div class="skeleton" role="status" aria-busy="true">
      <span class="visually-hidden">{words.value.loading}</span>
      <i class="long" />
      <i />
      <i />
      <i class="long" />
    </div>
  );
}

function App(): VNode {
  return (
    <>
      <a class="skip" href="#overview">
        {words.value.skip}
      </a>
      <Sidebar />
      <TopBar />
      <main id="overview" tabIndex={-1} class={line.value.state === 'lost' ? 'stale' : ''}>
        <LostBar />
        {status.value === undefined ? <Loading /> : <Overview />}
      </main>
      <StatusLine />
      <TabBar />
      <Dialogs />
      <Toasts />
      <Voice />
    </>
  );
}

startTheme();
effect(() => {
  document.documentElement.lang = language.value;
  const mesh = snapshot.value?.status.meshName;
  document.title = `${words.value.pageTitle} · ${mesh === undefined ? '' : `${mesh} · `}stratmesh`;
});
render(<App />, document.body);
startKeys();
startVoice();
startLive();
