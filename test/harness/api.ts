// The API of a running node, for what no test node's method is there for.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatasetView, JobView, Page } from '../../src/ui/api.ts';
import type { TestNode } from '../support/nodes.ts';

/** Where a running node answers on this machine, and what it asks for. */
export function openApi(node: TestNode): { url: string; headers: Record<string, string> } {
  const { url, token } = JSON.parse(readFileSync(join(node.dataDir, 'api.json'), 'utf8')) as Record<string, string>;
  return { url: url!, headers: { authorization: `Bearer ${token}` } };
}

/** Undefined when the node was gone before it had answered. Throws when it answered with anything but success. */
export async function tryCall<T>(
  node: TestNode,
  method: string,
  path: string,
  body: object = {},
): Promise<T | undefined> {
  const { url, headers } = openApi(node);
  let status: number;
  let text: string;
  try {
    const response = await fetch(new URL(`/api/v1/${path}`, url), {
      method,
      headers: { ...headers, 'content-type': 'application/json' },
      ...(method === 'GET' ? {} : { body: JSON.stringify(body) }),
    });
    status = response.status;
    text = await response.text();
  } catch {
    return undefined;
  }
  if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`);
  return JSON.parse(text) as T;
}

export async function call<T>(node: TestNode, method: string, path: string, body?: object): Promise<T> {
  const answer = await tryCall<T>(node, method, path, body);
  if (answer === undefined) throw new Error(`${method} ${path}: no answer`);
  return answer;
}

export async function allJobs(node: TestNode): Promise<JobView[]> {
  const jobs: JobView[] = [];
  for (let cursor = ''; ; ) {
    const page = await call<Page<JobView>>(node, 'GET', `jobs?limit=500${cursor}`);
    jobs.push(...page.items);
    if (page.next === null) return jobs;
    cursor = `&cursor=${page.next}`;
  }
}

export function addSample(node: TestNode): Promise<DatasetView> {
  return call(node, 'POST', 'datasets/sample');
}

/** Process id of the running node. */
export function pidOf(node: TestNode): number {
  return Number(readFileSync(join(node.dataDir, 'lock'), 'utf8').split('\n')[0]);
}
