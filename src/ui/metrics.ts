// The node's figures in Prometheus' text format (prometheus.io/docs/instrumenting/exposition_formats, 0.0.4). A figure
// that is not known is left out, never 0.
import type { MemberState, Mode, Snapshot } from './api.ts';

export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

const SECOND_MS = 1_000;
const MODES: readonly Mode[] = ['starting', 'mining', 'finishing', 'paused', 'idle', 'error'];
const STATES: readonly MemberState[] = ['working', 'idle', 'paused', 'asleep', 'away', 'left', 'blocked'];

type Sample = [labels: Record<string, string>, value: number | null];

interface Metric {
  name: string;
  kind: 'gauge' | 'counter';
  help: string;
  samples: Sample[];
}

const one = (value: number | null): Sample[] => [[{}, value]];

/** As the format has it: a backslash, a quote and a line end are escaped. */
const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

function counted<T extends string>(label: string, words: readonly T[], of: readonly T[]): Sample[] {
  return words.map((word) => [{ [label]: word }, of.filter((each) => each === word).length]);
}

function nodeMetrics({ status, at }: Snapshot): Metric[] {
  const { version, name, peerId, fingerprint, threads, ledger, mesh } = status;
  return [
    {
      ...{ name: 'info', kind: 'gauge', help: 'Always 1; the labels say which node this is.' },
      samples: [[{ version, name, peer_id: peerId, engine: fingerprint }, 1]],
    },
    {
      ...{ name: 'uptime_seconds', kind: 'gauge', help: 'Time since the node was started.' },
      samples: one((Date.parse(at) - Date.parse(status.startedAt)) / SECOND_MS),
    },
    {
      ...{ name: 'mode', kind: 'gauge', help: '1 for what the node does, 0 for what it does not.' },
      samples: counted('mode', MODES, [status.mode]),
    },
    { name: 'threads_used', kind: 'gauge', help: 'Worker threads at work.', samples: one(threads.used) },
    { name: 'threads', kind: 'gauge', help: 'Worker threads that the settings give.', samples: one(threads.total) },
    {
      ...{ name: 'backtests_total', kind: 'counter', help: 'Backtests since the node was started.' },
      samples: one(status.backtestsTotal),
    },
    {
      ...{ name: 'backtests_per_second', kind: 'gauge', help: 'Backtests a second over the last 10 s.' },
      samples: one(status.backtestsPerSecond),
    },
    {
      ...{ name: 'units_done', kind: 'gauge', help: 'Answers of this node that the ledger holds.' },
      samples: one(status.unitsDone),
    },
    {
      ...{ name: 'agreement_ratio', kind: 'gauge', help: 'Share of its decided answers that agreed with the verdict.' },
      samples: one(status.agreement),
    },
    { name: 'ledger_entries', kind: 'gauge', help: 'Entries of the ledger that count.', samples: one(ledger.entries) },
    {
      ...{ name: 'ledger_peers_equal', kind: 'gauge', help: 'Connected members whose ledger is equal to this one.' },
      samples: one(ledger.peersAtRoot),
    },
    { name: 'peers_connected', kind: 'gauge', help: 'Members that are connected now.', samples: one(mesh.connected) },
    { name: 'problems', kind: 'gauge', help: 'What is wrong right now.', samples: one(status.problems.length) },
  ];
}

function meshMetrics({ members, jobs, counts, datasets }: Snapshot, streams: number): Metric[] {
  const units = (pick: keyof (typeof jobs)[number]['counts']): Sample => [
    { state: pick },
    jobs.reduce((sum, job) => sum + job.counts[pick], 0),
  ];
  const trials = jobs.flatMap((job) => job.trials ?? []);
  return [
    {
      ...{ name: 'members', kind: 'gauge', help: 'Members of the mesh by state.' },
      samples: counted(
        'state',
        STATES,
        members.map(({ state }) => state),
      ),
    },
    {
      ...{ name: 'units', kind: 'gauge', help: 'Work units of all jobs by state.' },
      samples: (['open', 'running', 'provisional', 'disputed', 'validated', 'failed'] as const).map(units),
    },
    { name: 'jobs', kind: 'gauge', help: 'Jobs of the mesh.', samples: one(jobs.length) },
    {
      ...{ name: 'strategies', kind: 'gauge', help: 'Strategies that this node shows, by state.' },
      samples: (['validated', 'provisional', 'disputed'] as const).map((state): Sample => [{ state }, counts[state]]),
    },
    {
      ...{ name: 'strategies_tried', kind: 'gauge', help: 'Strategies tried in all validated units.' },
      samples: one(trials.length === 0 ? null : trials.reduce((sum, n) => sum + n, 0)),
    },
    {
      ...{ name: 'candle_bytes', kind: 'gauge', help: 'Room that the candles on this machine take.' },
      samples: one(datasets.reduce((sum, { bytes }) => sum + bytes, 0)),
    },
    { name: 'page_streams', kind: 'gauge', help: 'Browsers that follow the page.', samples: one(streams) },
  ];
}

function linesOf({ name, kind, help, samples }: Metric): string[] {
  const known = samples.filter(([, value]) => value !== null);
  if (known.length === 0) return [];
  return [
    `# HELP stratmesh_${name} ${help}`,
    `# TYPE stratmesh_${name} ${kind}`,
    ...known.map(([labels, value]) => {
      const inside = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
      return `stratmesh_${name}${inside.length === 0 ? '' : `{${inside.join(',')}}`} ${value}`;
    }),
  ];
}

/** `streams`: browsers that follow the page. */
export function metricsOf(snapshot: Snapshot, streams: number): string {
  const all = [...nodeMetrics(snapshot), ...meshMetrics(snapshot, streams)];
  return `${all.flatMap(linesOf).join('\n')}\n`;
}
