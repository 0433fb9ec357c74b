// Loads the product with the stand-ins in the place of five of its modules. Whatever imports one of them in this process
// gets the stand-in, so the rest runs as it is: or with one bug planted in it, to see that the simulation finds it.
import { register } from 'node:module';
import { replaceBuiltins } from './builtins.ts';
import type { Product } from './machine.ts';

const REPLACED = ['transport', 'frames', 'address-book', 'recheck', 'walk', 'verdicts/job-verdicts'];

/** In the compiled text of `file`, `from` becomes `to`. */
export interface Bug {
  what: string;
  file: string;
  from: string;
  to: string;
}

let loads = 0;

export async function loadProduct(bug?: Bug): Promise<Product> {
  loads += 1;
  replaceBuiltins();
  const tag = `load=${loads}`;
  const standins = new URL('standins.ts', import.meta.url).href;
  const hook = `
    const isOurs = (url) => url !== undefined && url.includes('/src/') && url.endsWith('?${tag}');
    export async function resolve(specifier, context, next) {
      const bare = context.parentURL?.split('?')[0];
      const isMine = isOurs(context.parentURL) || specifier.endsWith('?${tag}');
      const found = await next(specifier.split('?')[0], isMine ? { ...context, parentURL: bare } : context);
      if (!isMine || !found.url.includes('/src/')) return found;
      const replaced = ${JSON.stringify(REPLACED)}.some((name) => found.url.split('?')[0].endsWith('/src/node/' + name + '.ts'));
      return { ...found, url: replaced ? ${JSON.stringify(standins)} : found.url.split('?')[0] + '?${tag}' };
    }
    export async function load(url, context, next) {
      if (!isOurs(url)) return next(url, context);
      const loaded = await next(url.split('?')[0], context);
      const bug = ${JSON.stringify(bug ?? null)};
      if (bug === null || !url.split('?')[0].endsWith(bug.file)) return loaded;
      const source = String(loaded.source);
      if (!source.includes(bug.from)) throw new Error('nothing to plant in ' + bug.file + ': ' + bug.from);
      return { ...loaded, source: source.replace(bug.from, bug.to) };
    }`;
  register(`data:text/javascript,${encodeURIComponent(hook)}`);
  const { startSession } = (await import(
    `../../src/node/session.ts?${tag}`
  )) as typeof import('../../src/node/session.ts');
  const { knock } = (await import(`../../src/node/join.ts?${tag}`)) as typeof import('../../src/node/join.ts');
  return { startSession, knock };
}
