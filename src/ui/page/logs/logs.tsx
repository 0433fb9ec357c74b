// Logs: what this node says as it works.
import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { LogLine } from '../../api-logs.ts';
import { copy } from '../commands.ts';
import { Field, Switch } from '../dialogs/fields.tsx';
import { Failed, Skeleton } from '../fetched.tsx';
import { count } from '../format.ts';
import { Icon } from '../icons.tsx';
import { onPageKey } from '../keys.ts';
import { Button, Empty, Panel } from '../parts.tsx';
import { saveFile } from '../save-file.ts';
import { find, hidden, part, parts, perLevel, shown, textOf, toggleLevel, wanted } from './filter.ts';
import { failure, lines, missed, useLog } from './reading.ts';
import { LogBox } from './view.tsx';
import { logsWords } from './words.ts';

const fileText = (all: readonly LogLine[]): string => all.map((line) => `${textOf(line)}\n`).join('');

function Levels(): VNode {
  return (
    <fieldset class="chips">
      <legend class="visually-hidden">{logsWords.value.levels}</legend>
      {perLevel.value.map(({ level, count: n }) => (
        <button
          key={level}
          type="button"
          class="pick"
          aria-pressed={!hidden.value.has(level)}
          onClick={() => toggleLevel(level)}
        >
          {level.toUpperCase()} <strong>{count(n)}</strong>
        </button>
      ))}
    </fieldset>
  );
}

function Bar(): VNode {
  const w = logsWords.value;
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => onPageKey('/', () => box.current?.querySelector<HTMLElement>('input')?.focus()), []);
  const all = lines.value ?? [];
  const save = (): void =>
    saveFile(`stratmesh-log-${new Date().toISOString().slice(0, 10)}.txt`, 'text/plain', fileText(all));
  return (
    <div class="log-bar">
      <Levels />
      <select
        class="plain-select"
        aria-label={w.part}
        value={part.value}
        onChange={(event) => {
          part.value = event.currentTarget.value;
        }}
      >
        <option value="">{w.allParts}</option>
        {parts.value.map((each) => (
          <option key={each} value={each}>
            {each}
          </option>
        ))}
      </select>
      <div class="log-find" ref={box}>
        <Field
          name="find"
          label={w.find}
          hideLabel
          value={find.value}
          error={wanted.value === 'bad' ? w.badPattern : undefined}
          placeholder={`${w.find}: ${w.findHint}`}
          onInput={(text) => {
            find.value = text;
          }}
          text
        />
      </div>
      <Button onClick={() => void copy(fileText(shown.value))}>
        <Icon name="copy" /> {w.copyShown}
      </Button>
      <Button onClick={save}>
        <Icon name="download" /> {w.download}
      </Button>
    </div>
  );
}

function Chosen({ line, close }: { line: LogLine; close: () => void }): VNode {
  const w = logsWords.value;
  const side = (
    <Button kind="icon" label={w.closeDetail} onClick={close}>
      <Icon name="close" />
    </Button>
  );
  return (
    <Panel id="line" title={w.detail} side={side}>
      <pre class="log-detail" lang="en">
        {[`${line.at} ${line.level.toUpperCase()} ${line.part}`, line.message, ...line.detail].join('\n')}
      </pre>
    </Panel>
  );
}

export function LogsPage(): VNode {
  const w = logsWords.value;
  useLog();
  const [follow, setFollow] = useState(true);
  const [chosen, setChosen] = useState<number | undefined>(undefined);
  useEffect(() => onPageKey('f', () => setFollow((before) => !before)), []);
  const all = lines.value;
  const line = all?.find(({ seq }) => seq === chosen);
  const problem = failure.value === undefined ? undefined : { code: 'unreachable', detail: failure.value };
  return (
    <div class="logs">
      <Bar />
      {problem === undefined ? null : (
        <Failed problem={problem} again={() => (failure.value = undefined)} kept={all !== undefined} />
      )}
      <Panel
        id="log"
        title={w.title}
        note={
          shown.value.length === all?.length
            ? w.inMemory(count(all.length))
            : w.found(count(shown.value.length), count(all?.length))
        }
        flush
        side={<Switch label={w.follow} on={follow} onChange={setFollow} />}
      >
        {all === undefined ? <Skeleton lines={12} /> : null}
        {all?.length === 0 ? <Empty art="pulse" title={w.empty} text={w.emptyText} /> : null}
        {all !== undefined && all.length > 0 && shown.value.length === 0 ? (
          <Empty art="funnel" title={w.none} text={w.noneText} />
        ) : null}
        {shown.value.length === 0 ? null : (
          <LogBox
            lines={shown.value}
            chosen={chosen}
            onChoose={(seq) => setChosen(seq === chosen ? undefined : seq)}
            follow={follow}
            onFollow={setFollow}
          />
        )}
        <p class="table-foot dim">
          {missed.value === 0 ? null : <span class="amber">{w.missed(count(missed.value))} </span>}
          {w.redacted}
        </p>
      </Panel>
      {line === undefined ? null : <Chosen line={line} close={() => setChosen(undefined)} />}
    </div>
  );
}
