// Every address of the API, drawn from the description that the node gives of itself.
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { pathOf } from '../../places.ts';
import { Field } from '../dialogs/fields.tsx';
import { Await, readUrl, useFetched } from '../fetched.tsx';
import { count } from '../format.ts';
import { Panel } from '../parts.tsx';
import { settingsWords } from './words.ts';

interface Schema {
  type?: string | string[];
  format?: string;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  required?: string[];
}

interface Operation {
  summary: string;
  parameters?: { name: string; in: string; required: boolean; schema: Schema }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { content?: Record<string, { schema: Schema }> }>;
}

interface Description {
  info: { title: string; version: string; description: string };
  paths: Record<string, Record<string, Operation>>;
}

/** A schema in few words: `string`, `"low" | "high"`, `number or null`, `list of {…}`. */
function typeText(schema: Schema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(typeText))].join(' | ');
  if (schema.items !== undefined) return `[${typeText(schema.items)}]`;
  if (schema.properties !== undefined) return `{ ${Object.keys(schema.properties).join(', ')} }`;
  const type = Array.isArray(schema.type) ? schema.type.join(' | ') : (schema.type ?? 'any');
  return schema.format === undefined ? type : `${type} (${schema.format})`;
}

interface FieldRow {
  name: string;
  type: string;
  required: boolean;
}

const rowsOf = ({ properties = {}, required = [] }: Schema): FieldRow[] =>
  Object.entries(properties).map(([name, schema]) => ({
    name,
    type: typeText(schema),
    required: required.includes(name),
  }));

function Fields({ title, rows }: { title: string; rows: FieldRow[] }): VNode | null {
  const w = settingsWords.value;
  if (rows.length === 0) return null;
  return (
    <div class="api-fields">
      <h3 class="sub-title">{title}</h3>
      <dl>
        {rows.map(({ name, type, required }) => (
          <div key={name}>
            <dt>
              <code>{name}</code>
              {required ? <span class="dim small"> {w.apiRequired}</span> : null}
            </dt>
            <dd>
              <code>{type}</code>
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function Entry({ path, method, operation }: { path: string; method: string; operation: Operation }): VNode {
  const w = settingsWords.value;
  const parameters = (operation.parameters ?? []).map(({ name, in: place, required, schema }) => ({
    name: place === 'path' ? `{${name}}` : `?${name}`,
    type: typeText(schema),
    required,
  }));
  const body = operation.requestBody?.content['application/json']?.schema;
  const good = Object.entries(operation.responses).find(([code]) => code.startsWith('2'))?.[1];
  const answer = Object.values(good?.content ?? {})[0]?.schema;
  return (
    <details class="api-entry">
      <summary>
        <span class={`badge ${method === 'get' ? 'info' : 'caution'}`}>{method.toUpperCase()}</span>
        <code>{path}</code>
        <span class="dim" lang="en">
          {operation.summary}
        </span>
      </summary>
      <Fields title={w.apiTakes} rows={[...parameters, ...(body === undefined ? [] : rowsOf(body))]} />
      <Fields title={w.apiAnswers} rows={answer === undefined ? [] : rowsOf(answer)} />
    </details>
  );
}

function Entries({ description, find }: { description: Description; find: string }): VNode {
  const w = settingsWords.value;
  const all = Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const wanted = find.trim().toLowerCase();
  const found = all.filter(({ path, operation }) => `${path} ${operation.summary}`.toLowerCase().includes(wanted));
  return (
    <Panel id="api" title={w.apiTitle} note={`${count(found.length)}/${count(all.length)}`}>
      <p class="small muted" lang="en">
        {description.info.description}
      </p>
      {found.length === 0 ? <p class="dim">{w.apiNone}</p> : null}
      <div class="api-list">
        {found.map((entry) => (
          <Entry key={`${entry.method} ${entry.path}`} {...entry} />
        ))}
      </div>
    </Panel>
  );
}

export function ApiPage(): VNode {
  const w = settingsWords.value;
  const [find, setFind] = useState('');
  const fetched = useFetched<Description>('/api/openapi.json', undefined, readUrl);
  return (
    <div class="api-page">
      <div class="page-bar">
        <p class="muted">{w.apiIntro}</p>
        <a class="button" href={pathOf('settings')}>
          {w.apiBack}
        </a>
      </div>
      <Field name="find" label={w.apiFind} value={find} error={undefined} onInput={setFind} text />
      <Await of={fetched} lines={12}>
        {(description) => <Entries description={description} find={find} />}
      </Await>
    </div>
  );
}
