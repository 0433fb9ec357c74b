// What this machine does at the moment, and the switch for it.
import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { CurrentUnit, NodeStatus } from '../../api.ts';
import type { LimitsView } from '../../api-limits.ts';
import { Sparkline } from '../charts.tsx';
import { isPaused, pending, report, saveLimits, togglePause } from '../commands.ts';
import { useFetched, useKept } from '../fetched.tsx';
import { barSize, count, gain, share, short, span } from '../format.ts';
import { Icon } from '../icons.tsx';
import { BlockBar, Button, ModeMark, Notice, Panel, SampleBadge } from '../parts.tsx';
import { Slider } from '../slider.tsx';
import { canWrite, marketOf, status } from '../store.ts';
import { words } from '../words/words.ts';

/** How long a slider rests before what it says is asked for. */
const REST_MS = 400;

function Unit({ unit }: { unit: CurrentUnit }): VNode {
  const w = words.value;
  const { generation, generations, savedGeneration, savedAgeMs, bestInSample, bestHistory, remainingMs } = unit;
  const saved =
    savedGeneration === null || savedAgeMs === null ? w.notSaved : w.savedAt(count(savedGeneration), span(savedAgeMs));
  return (
    <>
      <div class="pair">
        <span>
          {w.generation} <strong>{count(generation)}</strong>/{count(generations)}
        </span>
        <span class="dim">{remainingMs === null ? '—' : w.left(span(remainingMs))}</span>
      </div>
      <BlockBar label={w.generation} value={generation} of={generations} />
      <div class="pair small dim">
        <span>{saved}</span>
        <span title={w.bestInSampleHint}>
          {w.bestInSample}, {w.afterFees} <strong class="accent">{gain(bestInSample)}</strong>
        </span>
      </div>
      <div class="curve">
        <Sparkline values={bestHistory} label={w.curveLabel(count(bestHistory.length), gain(bestInSample))} />
      </div>
    </>
  );
}

function ReasonNotice({ now }: { now: NodeStatus }): VNode | null {
  const w = words.value;
  const { mode, reason, unit } = now;
  if (mode === 'mining' && reason === null) return null;
  const looks = {
    mining: { tone: 'info', icon: 'clock', title: '' },
    finishing: { tone: 'info', icon: 'clock', title: w.finishingNotice },
    paused: { tone: 'info', icon: 'pause', title: w.pausedNotice },
    idle: { tone: 'info', icon: 'clock', title: w.idleNotice },
    starting: { tone: 'info', icon: 'clock', title: w.startingNotice },
    error: { tone: 'error', icon: 'warning', title: w.errorNotice },
  } as const;
  const { tone, icon, title } = looks[mode];
  const safe = mode === 'paused' && unit !== null && unit.savedGeneration !== null;
  return (
    <Notice tone={tone} icon={icon}>
      {reason === null ? <strong>{title}</strong> : <strong lang="en">{reason}</strong>}{' '}
      {safe ? w.pausedSafe(count(unit.savedGeneration)) : null}
    </Notice>
  );
}

export function PauseButton({ long = false }: { long?: boolean }): VNode {
  const w = words.value;
  const paused = isPaused();
  const waiting = pending.value.has('mode');
  const text = paused ? (long ? w.resumeNode : w.resume) : long ? w.pauseNode : w.pause;
  return (
    <Button off={canWrite.value ? undefined : w.writesOff} busy={waiting} onClick={() => void togglePause()}>
      <Icon name={paused ? 'play' : 'pause'} />
      <span class="button-text">{waiting ? w.waiting : text}</span>
      {long ? <kbd>P</kbd> : null}
    </Button>
  );
}

/** Applies once the slider has rested; shows what the node says, not what was asked of it. */
function Threads(): VNode | null {
  const w = words.value;
  const { mode, threads } = status.value!;
  const limits = useFetched<LimitsView>('limits', mode);
  const [asked, setAsked] = useState<number | undefined>(undefined);
  const total = threads.total;
  useEffect(() => {
    if (asked === undefined) return;
    const apply = async (): Promise<void> => {
      report(await saveLimits({ threads: asked === total ? null : asked }));
      limits.again();
      setAsked(undefined);
    };
    const timer = setTimeout(() => void apply(), REST_MS);
    return () => clearTimeout(timer);
  }, [asked]);
  const rules = useKept(limits.value)?.rules;
  if (rules === undefined) return null;
  const value = Math.min(asked ?? rules.threads ?? total, total);
  return (
    <Slider
      label={w.threadsLimit}
      value={value}
      min={1}
      max={total}
      text={asked === undefined ? `${count(value)}/${count(total)}` : `${count(value)}/${count(total)} …`}
      off={!canWrite.value}
      onInput={setAsked}
    />
  );
}

export function ThisNode(): VNode {
  const w = words.value;
  const now = status.value!;
  const { unit } = now;
  return (
    <Panel id="node" title={w.nodeTitle}>
      <div class="live-numbers node-body">
        <div class="pair top">
          <div>
            <p class="node-mode">
              <ModeMark mode={now.mode} /> <span class="dim">· {now.name}</span>
            </p>
            <p class="muted">
              {unit === null ? (
                w.noUnit
              ) : (
                <>
                  {w.unitLine(count(unit.index + 1), `${unit.market} ${barSize(unit.barMs)}`)}
                  {marketOf(unit).sample ? <SampleBadge /> : null}
                </>
              )}
            </p>
          </div>
          <PauseButton />
        </div>
        <ReasonNotice now={now} />
        {unit === null ? null : <Unit unit={unit} />}
        <Threads />
        {now.problems.map(({ code, message }) => (
          <Notice key={code} tone="caution" icon="warning">
            <span lang="en">{message}</span>
          </Notice>
        ))}
        <div class="pair small dim node-foot">
          <span>{w.totalLine(w.meshUnits(now.unitsDone, count(now.unitsDone)), short(now.backtestsTotal))}</span>
          <span>
            {w.agreement} <strong class="accent">{share(now.agreement, 0)}</strong>
          </span>
        </div>
      </div>
    </Panel>
  );
}
