// Loads the product with the stand-ins in the place of four of its modules. Whatever imports one of them in this process
// gets the stand-in, so the rest runs as it is.
import { register } from 'node:module';
import type { Product } from './machine.ts';

const REPLACED = ['transport', 'frames', 'address-book', 'recheck'];

export async function loadProduct(): Promise<Product> {
  const standins = new URL('standins.ts', import.meta.url).href;
  const hook = `
    export async function resolve(specifier, context, next) {
      const found = await next(specifier, context);
      const replaced = ${JSON.stringify(REPLACED)}.some((name) => found.url.split('?')[0].endsWith('/src/node/' + name + '.ts'));
      return replaced ? { ...found, url: ${JSON.stringify(standins)}, shortCircuit: true } : found;
    }`;
  register(`data:text/javascript,${encodeURIComponent(hook)}`);
  const { startSession } = await import('../../src/node/session.ts');
  const { knock } = await import('../../src/node/join.ts');
  return { startSession, knock };
}
