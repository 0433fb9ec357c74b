// The two guides: each command in them is one that there is, each message one that the program says, and both hold the same.
import '../../src/node/polyfill.ts';
import { readdirSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import t from 'tap';
import { runCommand } from '../../src/node/cli/main.ts';
import { VERBS } from '../../src/node/cli/verbs.ts';

const ROOT = new URL('../../', import.meta.url);
const GUIDES = ['docs/guide.md', 'docs/guia.es.md'];

const read = (file: string): string => readFileSync(new URL(file, ROOT), 'utf8');

/** Lines of fences without a language. */
function fencedLines(text: string): string[] {
  const fences = [...text.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].filter(([, language]) => language === '');
  return fences.flatMap(([, , lines]) => lines!.trim().split('\n'));
}

/** Those in sentences and tables. */
function inlineCommands(text: string): string[] {
  return [...text.matchAll(/`(stratmesh [^`\n]+)`/g)].map(([, command]) => command!);
}

/** First cells of the last table: what the program says, `…` where it varies. */
function messages(text: string): string[] {
  return [...text.matchAll(/^\| `([^`]+)` \|/gm)].map(([, message]) => message!);
}

/** As a shell would part them; nothing but double quotes is used. */
function wordsOf(command: string): string[] {
  return [...command.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word);
}

/** Undefined for a node that is started without a word. */
function verbOf([first, second]: readonly string[]) {
  const names = [`${first} ${second}`, first];
  return VERBS.find(({ name }) => names.includes(name));
}

async function whyNot(words: readonly string[]): Promise<string | undefined> {
  let said = '';
  const out = {
    write(text: string | Uint8Array): boolean {
      said += String(text);
      return true;
    },
  };
  const streams = { stdout: out, stderr: { ...out, isTTY: false }, environment: {} };
  const code = await runCommand([...words, '--help'], streams, new AbortController().signal);
  if (code !== 0) return said;
  const verb = verbOf(words);
  if (verb === undefined) return words.length === 0 ? undefined : 'no verb';
  const args = words.slice(verb.name.split(' ').length);
  const options = Object.fromEntries(Object.entries(verb.options).map(([name, { type }]) => [name, { type }]));
  const { length } = parseArgs({ args, options, allowPositionals: true }).positionals;
  const wanted = verb.positionals ?? [];
  const isFitting = length >= wanted.filter((each) => each.startsWith('<')).length && length <= wanted.length;
  return isFitting ? undefined : `use ${verb.name} ${wanted.join(' ')}`;
}

for (const file of GUIDES) {
  t.test(file, async (t) => {
    const text = read(file);
    const fenced = fencedLines(text);
    t.ok(fenced.length > 30);
    for (const command of [...fenced, ...inlineCommands(text)]) {
      const [program, ...words] = wordsOf(command);
      t.equal(program, 'stratmesh', command);
      t.equal(await whyNot(words), undefined, command);
    }
  });
}

t.test('what the program says', async (t) => {
  const names = readdirSync(new URL('src/node', ROOT), { recursive: true, encoding: 'utf8' });
  const sources = names.filter((name) => name.endsWith('.ts')).map((name) => read(`src/node/${name}`));
  const [told = []] = GUIDES.map((file) => messages(read(file)));
  t.ok(told.length > 30);
  for (const message of told) {
    const parts = message.replace(/\.$/, '').split('…');
    const isSaid = (source: string): boolean => {
      let at = 0;
      return parts.every((part) => {
        const found = source.indexOf(part.trim(), at);
        at = found + part.length;
        return found >= 0;
      });
    };
    t.ok(sources.some(isSaid), message);
  }
});

t.test('both say the same', async (t) => {
  const [english, spanish] = GUIDES.map(read) as [string, string];
  for (const parts of [fencedLines, inlineCommands, messages]) t.same(parts(spanish), parts(english));
  t.equal(spanish.match(/^##+ /gm)?.length, english.match(/^##+ /gm)?.length);
});
