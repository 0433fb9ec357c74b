// The hours of the week: rows to set them, and the week as a picture.
import type { VNode } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { Field } from '../dialogs/fields.tsx';
import { count } from '../format.ts';
import { Icon } from '../icons.tsx';
import { Button } from '../parts.tsx';
import { language } from '../words/words.ts';
import { allowedHalves, DAYS, type Day, type Hours, hoursText, parseHours } from './hours.ts';
import { settingsWords } from './words.ts';

const HALVES_A_DAY = 48;
/** A Monday. */
const MONDAY = Date.UTC(2026, 0, 5);
const DAY_MS = 86_400_000;
const NIGHTS: Hours = { from: 'mon', to: 'sun', start: '22:00', end: '08:00' };

const dayName = (day: Day): string =>
  new Intl.DateTimeFormat(language.value, { weekday: 'short', timeZone: 'UTC' }).format(
    MONDAY + DAYS.indexOf(day) * DAY_MS,
  );

function Week({ rows }: { rows: readonly Hours[] }): VNode {
  const halves = allowedHalves(rows);
  const hours = halves.filter(Boolean).length / 2;
  return (
    <svg
      class="week"
      viewBox={`0 0 ${HALVES_A_DAY} 21`}
      preserveAspectRatio="none"
      role="img"
      aria-label={settingsWords.value.scheduleLabel(count(hours))}
    >
      {DAYS.map((day, row) => (
        <path
          key={day}
          class="week-day"
          d={halves
            .slice(row * HALVES_A_DAY, (row + 1) * HALVES_A_DAY)
            .map((isOn, i) => (isOn ? `M${i} ${row * 3}h1v2.4h-1z` : ''))
            .join('')}
        />
      ))}
    </svg>
  );
}

function DaySelect({ label, value, onChange }: { label: string; value: Day; onChange: (day: Day) => void }): VNode {
  return (
    <select
      class="plain-select"
      aria-label={label}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value as Day)}
    >
      {DAYS.map((day) => (
        <option key={day} value={day}>
          {dayName(day)}
        </option>
      ))}
    </select>
  );
}

function TimeInput({
  label,
  value,
  onInput,
}: {
  label: string;
  value: string;
  onInput: (time: string) => void;
}): VNode {
  return (
    <input
      class="plain-select time-input"
      aria-label={label}
      value={value}
      inputMode="numeric"
      maxLength={5}
      placeholder="22:00"
      onInput={(event) => onInput(event.currentTarget.value.trim())}
    />
  );
}

function HoursRow({ row, onChange }: { row: Hours; onChange: (row: Hours | undefined) => void }): VNode {
  const w = settingsWords.value;
  const { from, to, start, end } = row;
  return (
    <li class="hours-row">
      <DaySelect label={w.fromDay} value={from} onChange={(day) => onChange({ ...row, from: day })} />
      <span aria-hidden="true">–</span>
      <DaySelect label={w.toDay} value={to} onChange={(day) => onChange({ ...row, to: day })} />
      <TimeInput label={w.fromTime} value={start} onInput={(time) => onChange({ ...row, start: time })} />
      <span aria-hidden="true">–</span>
      <TimeInput label={w.toTime} value={end} onInput={(time) => onChange({ ...row, end: time })} />
      <Button kind="icon" label={w.removeHours(hoursText([row]))} onClick={() => onChange(undefined)}>
        <Icon name="close" />
      </Button>
    </li>
  );
}

export function Schedule({ text, onChange }: { text: string; onChange: (text: string) => void }): VNode {
  const w = settingsWords.value;
  const [rows, setRows] = useState(() => parseHours(text));
  const known = useRef(text);
  // Undone, or changed elsewhere; while a time is being typed the rows are ahead of any text that makes sense.
  if (known.current !== text) {
    known.current = text;
    setRows(parseHours(text));
  }
  // What this form has no row for stays a text.
  if (rows === undefined)
    return <Field name="schedule" label={w.schedule} value={text} error={undefined} onInput={onChange} text />;
  const set = (next: Hours[]): void => {
    known.current = hoursText(next);
    setRows(next);
    onChange(known.current);
  };
  const put = (i: number, row: Hours | undefined): void =>
    set(row === undefined ? rows.toSpliced(i, 1) : rows.with(i, row));
  return (
    <>
      <Week rows={rows} />
      {rows.length === 0 ? <p class="small dim">{w.scheduleAlways}</p> : null}
      <ul class="hours">
        {rows.map((row, i) => (
          <HoursRow key={i} row={row} onChange={(changed) => put(i, changed)} />
        ))}
      </ul>
      <Button onClick={() => set([...rows, NIGHTS])}>
        <Icon name="plus" /> {w.addHours}
      </Button>
    </>
  );
}
