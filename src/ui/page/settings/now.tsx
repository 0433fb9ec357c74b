// What this machine does now and did lately, each with its reason, and the commands that change it at once.
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { LimitsView } from '../../api-limits.ts';
import { finishNode, pauseUntil, pending } from '../commands.ts';
import { count, dayTime, share, span, stamp, zoneName } from '../format.ts';
import { PauseButton } from '../overview/this-node.tsx';
import { Button, Facts, ModeMark, Panel, TableBox, TableHead } from '../parts.tsx';
import { canWrite, now, status } from '../store.ts';
import { words } from '../words/words.ts';
import { settingsWords } from './words.ts';

const HOUR_MS = 3_600_000;
const PAUSE_HOURS = [1, 4, 12];
const MORNING_HOUR = 8;
const SPAN_HOURS = 24;
const LINES_SHOWN = 8;

/** The reader's morning, not that of UTC. */
function tomorrowMorning(): number {
  const morning = new Date(now.value);
  morning.setDate(morning.getDate() + 1);
  return morning.setHours(MORNING_HOUR, 0, 0, 0);
}

function machineFacts({ machine, rules }: LimitsView): [string, string][] {
  const w = settingsWords.value;
  const { onBattery, charge, untouchedMs, temperature, programs, hook } = machine;
  const power = onBattery === null ? '—' : onBattery ? w.onBattery : w.onMains;
  const hookText = hook === null ? '—' : hook.run ? w.hookRun : hook.reason;
  return [
    [w.power, charge === null ? power : `${power}, ${share(charge / 100, 0)}`],
    [w.untouched, span(untouchedMs)],
    [w.temperature, temperature === null ? '—' : `${count(temperature)}\u00a0°C`],
    ...(rules.programs.length === 0
      ? []
      : [[w.programsNow, programs === null ? '—' : programs.join(', ') || w.programsNone] as [string, string]]),
    ...(rules.hook === null ? [] : [[w.hookSays, hookText] as [string, string]]),
  ];
}

export function Now({ view }: { view: LimitsView }): VNode {
  const w = settingsWords.value;
  const { now: may, pausedUntil } = view;
  const { mode, reason } = status.value!;
  const off = canWrite.value ? undefined : words.value.writesOff;
  const busy = pending.value.has('mode');
  const says = { run: w.mayRun(count(may.threads), share(may.share / 100, 0)), finish: w.mayFinish, pause: w.mayNot };
  return (
    <Panel id="now" title={w.now}>
      <div class="now live-numbers">
        <p>
          <ModeMark mode={mode} /> <span lang="en">{reason}</span>
        </p>
        <p class="muted">
          {says[may.run]} {pausedUntil === null ? null : w.until(stamp(pausedUntil))}
        </p>
        <div class="actions">
          <PauseButton />
          <Button off={off} busy={busy} onClick={() => void finishNode()}>
            {w.finish}
          </Button>
        </div>
        <fieldset class="actions">
          <legend>{w.pauseFor}</legend>
          {PAUSE_HOURS.map((hours) => (
            <Button
              key={hours}
              off={off}
              busy={busy}
              onClick={() => void pauseUntil(new Date(Date.now() + hours * HOUR_MS).toISOString())}
            >
              {span(hours * HOUR_MS)}
            </Button>
          ))}
          <Button off={off} busy={busy} onClick={() => void pauseUntil(new Date(tomorrowMorning()).toISOString())}>
            {w.untilMorning}
          </Button>
        </fieldset>
        <Facts rows={machineFacts(view)} />
        <p class="small dim">{w.unknownNote}</p>
      </div>
    </Panel>
  );
}

type Lines = LimitsView['timeline'];

/** How long each line held; the newest is the first and still holds. */
const endOf = (lines: Lines, i: number): number => (i === 0 ? now.value : Date.parse(lines[i - 1]!.at));

function Strip({ lines }: { lines: Lines }): VNode {
  const w = settingsWords.value;
  const from = now.value - SPAN_HOURS * HOUR_MS;
  const shown = lines.map((line, i) => ({ ...line, end: endOf(lines, i) })).filter(({ end }) => end > from);
  const x = (time: number): number => Math.max(0, (1_000 * (time - from)) / (SPAN_HOURS * HOUR_MS));
  return (
    <svg
      class="strip"
      viewBox="0 0 1000 10"
      preserveAspectRatio="none"
      role="img"
      aria-label={w.timelineLabel(count(shown.length), count(SPAN_HOURS))}
    >
      {shown.map(({ at, mode, end }) => (
        <rect
          key={at}
          class={`strip-${mode}`}
          x={x(Date.parse(at))}
          y="0"
          height="10"
          width={Math.max(0, x(end) - x(Date.parse(at)))}
        />
      ))}
    </svg>
  );
}

export function TimeLine({ lines }: { lines: Lines }): VNode {
  const w = settingsWords.value;
  const [all, setAll] = useState(false);
  const rows = all ? lines : lines.slice(0, LINES_SHOWN);
  return (
    <Panel id="timeline" title={w.timeline} note={w.timelineNote(count(SPAN_HOURS))} flush>
      <div class="strip-box live-numbers">
        <Strip lines={lines} />
      </div>
      <TableBox label={w.timeline} short>
        <table>
          <TableHead
            columns={[
              [w.since(zoneName()), ''],
              [w.mode, ''],
              [w.why, 'low'],
              [w.lasted, 'number'],
            ]}
          />
          <tbody class="live-numbers">
            {rows.map(({ at, mode, reason }, i) => (
              <tr key={at}>
                <td>{dayTime(at)}</td>
                <td>
                  <ModeMark mode={mode} />
                </td>
                <td class="low" lang={reason === null ? undefined : 'en'}>
                  {reason ?? (mode === 'mining' ? w.noReason : '—')}
                </td>
                <td class="number">{span(endOf(lines, i) - Date.parse(at))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableBox>
      {rows.length < lines.length ? (
        <p class="table-foot">
          <button type="button" class="link" onClick={() => setAll(true)}>
            {w.showAll(count(lines.length))}
          </button>
        </p>
      ) : null}
    </Panel>
  );
}
