// One unit: who works on it, and every answer to it.
import type { VNode } from 'preact';
import type { UnitView } from '../../api.ts';
import type { JobDetail } from '../../api-work.ts';
import { pathOf } from '../../places.ts';
import { Await, useFetched } from '../fetched.tsx';
import { count, share, shortHash, span, stamp } from '../format.ts';
import { Icon } from '../icons.tsx';
import { BlockBar, Button, Notice, Panel } from '../parts.tsx';
import { setQuery } from '../router.ts';
import { status } from '../store.ts';
import { unitWord } from './unit-map.tsx';
import { workWords } from './words.ts';

function Claims({ unit }: { unit: UnitView }): VNode {
  const w = workWords.value;
  if (unit.claims.length === 0) return <p class="small dim">{w.noClaims}</p>;
  return (
    <ul class="unit-list">
      {unit.claims.map(({ peerId, name, progress, leaseMs }) => (
        <li key={peerId}>
          <span class="pair">
            <a href={pathOf('peers', peerId)}>{name}</a>
            <span class="dim">
              {share(progress, 0)} · {w.lease(span(leaseMs))}
            </span>
          </span>
          <BlockBar label={name} value={progress} of={1} />
        </li>
      ))}
    </ul>
  );
}

function Answers({ unit }: { unit: UnitView }): VNode {
  const w = workWords.value;
  if (unit.results.length === 0) return <p class="small dim">{w.noAnswers}</p>;
  return (
    <ul class="unit-list">
      {unit.results.map(({ entryId, peerId, name, digest, agrees, at }) => (
        <li key={entryId}>
          <span class="pair">
            <a href={pathOf('peers', peerId)}>{name}</a>
            <span class={agrees === null ? 'dim' : agrees ? 'accent' : 'red'}>
              {agrees === null ? w.undecided : agrees ? `✓ ${w.agrees}` : `✗ ${w.differs}`}
            </span>
          </span>
          <span class="pair small dim">
            <code title={digest}>{shortHash(digest)}</code>
            <span>{stamp(at)}</span>
          </span>
        </li>
      ))}
    </ul>
  );
}

export function Unit({ detail, index }: { detail: JobDetail; index: number }): VNode {
  const w = workWords.value;
  const mark = `${detail.map[index]} ${status.value?.ledger.root}`;
  const unit = useFetched<UnitView>(`jobs/${detail.job.id}/units/${index}`, mark);
  const close = (
    <Button kind="icon" label={w.closeUnit} onClick={() => setQuery({ unit: undefined })}>
      <Icon name="close" />
    </Button>
  );
  return (
    <Panel id="unit" title={w.unitTitle(count(index + 1))} side={close}>
      <Await of={unit}>
        {(value) => (
          <div class="unit-body live-numbers">
            <p>
              <strong>{unitWord(value.state)}</strong>
            </p>
            {value.reason === null ? null : (
              <Notice tone={value.state === 'disputed' ? 'caution' : 'info'} icon="info">
                <span lang="en">{value.reason}</span>
              </Notice>
            )}
            <h3 class="sub-title">{w.claims}</h3>
            <Claims unit={value} />
            <h3 class="sub-title">{w.answers}</h3>
            <Answers unit={value} />
          </div>
        )}
      </Await>
    </Panel>
  );
}
