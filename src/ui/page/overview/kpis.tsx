// The six numbers on top.
import type { ComponentChildren, VNode } from 'preact';
import { Sparkline } from '../charts.tsx';
import { count, gain, money, short } from '../format.ts';
import { BlockBar, SampleBadge } from '../parts.tsx';
import {
  alone,
  bestValidated,
  busyThreads,
  counts,
  jobs,
  meshRate,
  online,
  present,
  status,
  throughput,
} from '../store.ts';
import { words } from '../words/words.ts';

const SPARK_POINTS = 60;

interface KpiProps {
  href: string;
  label: string;
  value: string;
  unit?: string;
  note: ComponentChildren;
  tone?: 'accent' | 'amber' | undefined;
  children?: ComponentChildren;
}

function Kpi({ href, label, value, unit, note, tone, children }: KpiProps): VNode {
  return (
    <li>
      <a class="kpi" href={href}>
        <span class="kpi-label">{label}</span>
        <span class="kpi-line">
          <strong class={`kpi-value ${tone ?? ''}`}>{value}</strong>
          {unit === undefined ? null : <span class="kpi-unit">{unit}</span>}
        </span>
        <span class="kpi-note">{note}</span>
        <span class="kpi-graph">{children}</span>
      </a>
    </li>
  );
}

function PeersKpi(): VNode {
  const w = words.value;
  const here = online.value.length;
  const all = present.value.length;
  return (
    <Kpi
      href="/peers"
      label={w.kpiPeers}
      value={count(here)}
      unit={`/ ${count(all)}`}
      note={w.kpiPeersNote(count(busyThreads.value))}
    >
      <BlockBar label={w.kpiPeers} value={here} of={all} />
    </Kpi>
  );
}

function UnitsKpi(): VNode {
  const w = words.value;
  const open = jobs.value.filter(({ state }) => state !== 'stopped');
  const sum = (pick: (job: (typeof open)[number]) => number): number =>
    open.reduce((total, job) => total + pick(job), 0);
  const done = sum(({ counts }) => counts.validated);
  const running = sum(({ counts }) => counts.running);
  const total = sum(({ units }) => units);
  const waiting = sum(({ counts }) => counts.provisional);
  const parts = [w.unitsRunning(count(running)), w.unitsOpen(count(sum(({ counts }) => counts.open)))];
  // Done here, but not yet by a second machine: said only where there are some.
  if (waiting > 0) parts.splice(1, 0, w.unitsWaiting(count(waiting)));
  if (open.length === 0) return <Kpi href="/work" label={w.kpiUnits} value="—" note={w.workEmpty} />;
  return (
    <Kpi href="/work" label={w.kpiUnits} value={count(done)} unit={`/ ${count(total)}`} note={parts.join(' · ')}>
      <BlockBar label={w.kpiUnits} value={done} waiting={waiting} running={running} of={total} />
    </Kpi>
  );
}

function ThroughputKpi(): VNode {
  const w = words.value;
  const samples = throughput.value;
  const results = samples.reduce((sum, sample) => sum + sample.results, 0);
  const note = samples.length === 0 ? w.throughputEmpty : w.kpiThroughputNote(count(results));
  const rates = samples.map(({ backtestsPerSecond }) => backtestsPerSecond).filter((rate) => rate !== null);
  return (
    <Kpi href="#throughput" label={w.kpiThroughput} value={short(meshRate.value)} unit={w.perSecond} note={note}>
      <Sparkline values={rates.slice(-SPARK_POINTS)} label={w.kpiThroughput} />
    </Kpi>
  );
}

function ValidatedKpi(): VNode {
  const w = words.value;
  const all = counts.value;
  if (all === undefined || all.results === 0) {
    return <Kpi href="/results" label={w.kpiValidated} value="—" note={alone.value ? w.needsSecond : w.kpiBestNone} />;
  }
  const note = alone.value ? w.needsSecond : w.kpiValidatedNote(count(all.provisional), count(all.disputed));
  return (
    <Kpi
      href="/results"
      label={w.kpiValidated}
      value={count(all.validated)}
      unit={`/ ${count(all.results)}`}
      note={note}
    >
      <BlockBar label={w.kpiValidated} value={all.validated} waiting={all.provisional} of={all.results} />
    </Kpi>
  );
}

function BestKpi(): VNode {
  const w = words.value;
  const best = bestValidated.value;
  if (best === undefined) return <Kpi href="/results" label={w.kpiBest} value="—" note={w.kpiBestNone} />;
  const { outOfSample, codeName, sample } = best;
  return (
    <Kpi
      href={`/results/${best.id}`}
      label={w.kpiBest}
      value={gain(outOfSample.return)}
      unit={money(outOfSample.netProfit)}
      note={
        <>
          {codeName}, {w.afterFees} {sample ? <SampleBadge /> : null}
        </>
      }
      tone={outOfSample.return > 0 ? 'accent' : undefined}
    >
      <Sparkline values={best.equity} label={w.equity} tone="cyan" />
    </Kpi>
  );
}

function LedgerKpi(): VNode {
  const w = words.value;
  const ledger = status.value?.ledger;
  if (ledger === undefined) return <Kpi href="/ledger" label={w.kpiLedger} value="—" note="—" />;
  const { entries, peersAtRoot, peersKnown, state } = ledger;
  const note =
    peersKnown === 0
      ? w.kpiLedgerAlone(count(entries))
      : w.kpiLedgerNote(count(entries), count(peersAtRoot), count(peersKnown));
  const tone = state === 'in-sync' ? 'accent' : state === 'catching-up' ? 'amber' : undefined;
  return (
    <Kpi href="/ledger" label={w.kpiLedger} value={ledgerWord(state)} note={note} tone={tone}>
      {peersKnown === 0 ? null : <BlockBar label={w.kpiLedger} value={peersAtRoot} of={peersKnown} />}
    </Kpi>
  );
}

export function ledgerWord(state: 'in-sync' | 'catching-up' | 'alone'): string {
  const w = words.value;
  return { 'in-sync': w.ledgerInSync, 'catching-up': w.ledgerCatchingUp, alone: w.ledgerAlone }[state];
}

export function Kpis(): VNode {
  return (
    <ul class="kpis">
      <PeersKpi />
      <UnitsKpi />
      <ThroughputKpi />
      <ValidatedKpi />
      <BestKpi />
      <LedgerKpi />
    </ul>
  );
}
