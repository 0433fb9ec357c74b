// A mesh that shares out its units by itself: figures beside what is to be reached. A small one here; `npm run schedule` lives
// through all of them and writes the table of docs/protocol.md.
import { readFileSync, writeFileSync } from 'node:fs';
import t from 'tap';
import type { Figures, Scenario } from './machine.ts';
import { Model } from './model.ts';

const IS_FULL = process.env.STRATMESH_SCHEDULE !== undefined;
const SEED = Number(process.env.STRATMESH_SCHEDULE ?? 1);
const SECOND = 1000;

type Kind = 'connected' | 'partition' | 'churn';

interface Case extends Scenario {
  kind: Kind;
}

const PARTITION = { from: 3, to: 5 };
const CHURN = { on: 2, off: 1 };

function caseOf(kind: Kind, peers: number, gossipMs: number, hours: number): Case {
  const more = kind === 'partition' ? { partition: PARTITION } : kind === 'churn' ? { churn: CHURN } : {};
  return { kind, peers, gossipMs, hours, ...more, unitsPerJob: 30 * peers, seed: SEED };
}

function cases(): Case[] {
  if (!IS_FULL) {
    return [
      caseOf('connected', 3, 0.2 * SECOND, 24),
      caseOf('connected', 10, 10 * SECOND, 24),
      caseOf('connected', 50, 10 * SECOND, 3),
      caseOf('partition', 10, 2 * SECOND, 24),
      caseOf('churn', 10, 2 * SECOND, 24),
    ];
  }
  return [3, 10, 50].flatMap((peers) => {
    const hours = peers === 50 ? 12 : 24;
    return [
      ...[0.2, 1, 5, 10, 30].map((seconds) => caseOf('connected', peers, seconds * SECOND, hours)),
      caseOf('partition', peers, 2 * SECOND, hours),
      caseOf('churn', peers, 2 * SECOND, hours),
    ];
  });
}

/** Shares that are to be reached; undefined where nothing was set out. */
function targetsOf({ kind, peers, gossipMs }: Case) {
  const isNear = gossipMs <= 10 * SECOND;
  return {
    duplicates: kind === 'connected' && peers >= 10 && isNear ? 0.015 : undefined,
    wasted: kind === 'partition' ? 0.015 : kind === 'connected' && isNear ? 0.002 : undefined,
    useful: kind === 'connected' && isNear ? 0.97 : undefined,
  };
}

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

const NAMES: Record<Kind, string> = {
  connected: 'connected',
  partition: 'halves apart for 2 h',
  churn: '2 h on, 1 h off',
};

function rowOf(each: Case, figures: Figures): string {
  const { duplicates, wasted, useful } = targetsOf(each);
  const beside = (share: number, target: number | undefined, sign: string): string =>
    target === undefined ? percent(share) : `${percent(share)} (${sign} ${Number((100 * target).toFixed(1))} %)`;
  const cells = [
    ...[String(each.peers), NAMES[each.kind], `${each.gossipMs / SECOND} s`, String(figures.starts)],
    ...[beside(figures.duplicates, duplicates, '≤'), beside(figures.wasted, wasted, '≤')],
    beside(figures.useful, useful, '≥'),
  ];
  return `| ${cells.join(' | ')} |`;
}

const [START, END] = ['<!-- npm run schedule -->', '<!-- end -->'];

function writeTable(rows: readonly string[]): void {
  const file = new URL('../../docs/protocol.md', import.meta.url);
  const text = readFileSync(file, 'utf8');
  const head = [
    '| peers | mesh | news takes | units taken | one too many | work wasted | useful share of cores |',
    '| ----- | ---- | ---------- | ----------- | ------------ | ----------- | --------------------- |',
  ];
  const before = text.slice(0, text.indexOf(START) + START.length);
  writeFileSync(file, [before, `Seed ${SEED}.`, '', ...head, ...rows, text.slice(text.indexOf(END))].join('\n'));
}

t.test('shared out by what each has heard', async (t) => {
  const rows: string[] = [];
  for (const each of cases()) {
    const figures = new Model(each).run();
    const name = `${each.peers} peers, ${NAMES[each.kind]}, news in ${each.gossipMs / SECOND} s, seed ${SEED}`;
    const targets = targetsOf(each);
    rows.push(rowOf(each, figures));
    t.comment(rows.at(-1));
    t.ok(figures.validated > 0, `${name}: ${figures.validated} units validated`);
    t.ok(figures.duplicates <= (targets.duplicates ?? 1), `${name}: ${percent(figures.duplicates)} one too many`);
    t.ok(figures.wasted <= (targets.wasted ?? 1), `${name}: ${percent(figures.wasted)} wasted`);
    t.ok(figures.useful >= (targets.useful ?? 0), `${name}: ${percent(figures.useful)} useful`);
    t.ok(figures.lostGenerations <= 1, `${name}: ${figures.lostGenerations} generations lost`);
  }
  if (IS_FULL) writeTable(rows);
});
