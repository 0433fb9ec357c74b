// Asks a node's API from the host that it runs on: lines of {id, data, method, path, body} in, {id, status, text} out.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

async function ask({ data, method, path, body }) {
  const { url, token } = JSON.parse(readFileSync(join(data, 'api.json'), 'utf8'));
  const response = await fetch(new URL(`/api/v1/${path}`, url), {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(30_000),
  });
  return { status: response.status, text: await response.text() };
}

for await (const line of createInterface({ input: process.stdin })) {
  const { id, ...question } = JSON.parse(line);
  void ask(question)
    .catch((error) => ({ status: 0, text: error.message }))
    .then((answer) => process.stdout.write(`${JSON.stringify({ id, ...answer })}\n`));
}
