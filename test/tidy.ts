// The repository reads itself: who may import whom, what the engine must not call, sizes, leftovers, links, error codes.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const LINES_PER_FILE_MAX = 400;
const LINES_PER_FUNCTION_MAX = 70;

/** Folder → folders of ours that it may import; `types` ones only as types. */
const IMPORTS: Record<string, { any: string[]; types?: string[] }> = {
  protocol: { any: [] },
  engine: { any: [] },
  ledger: { any: ['protocol'] },
  ui: { any: [], types: ['protocol'] },
  node: { any: ['protocol', 'engine', 'ledger', 'ui'] },
};

/** Each foreign library lives in few files, so that it can be replaced in an afternoon. */
const FILES_PER_LIBRARY_MAX = 3;
/** Only imports of code count, not of types. zod is the language that schemas are written in, at every edge. */
const LIBRARY_FILES_MAX: Record<string, number> = { zod: 15 };

/** What would let a machine's mood into a hash (docs/engine.md, determinism). */
const BANNED_IN_ENGINE: [RegExp, string][] = [
  [
    /\bMath\.(?!sqrt\b|abs\b|floor\b|ceil\b|trunc\b|min\b|max\b|imul\b)\w+/,
    'a Math function that differs between machines',
  ],
  [/[^*]\*\*[^*/]/, 'the power operator'],
  [/\bDate\b/, 'a clock'],
  [/\bFloat32Array\b|\bfround\b|\bf32(?:x4)?\b/, '32-bit floats'],
  [/\brelaxed_/, 'relaxed SIMD'],
  [/\bIntl\b|\.toLocale\w*\(|\.localeCompare\(/, 'a locale'],
  [/\bperformance\b|\bprocess\b|\bsetTimeout\b|\bsetInterval\b/, 'the world outside'],
  [/\.sort\(\)/, 'a sort without an order of its own'],
];

interface Import {
  from: string;
  to: string;
  typeOnly: boolean;
}

function filesBelow(folder: string, ending: RegExp): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((name) => ending.test(name) && statSync(join(ROOT, name)).isFile())
    .sort(byText);
}

const byText = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const SOURCES = filesBelow('src', /\.tsx?$/);
const TESTS = filesBelow('test', /\.(ts|mjs)$/);
const SCRIPTS = filesBelow('scripts', /\.mjs$/);
const DOCS = [...filesBelow('docs', /\.md$/), ...readdirSync(ROOT).filter((name) => name.endsWith('.md'))];

function parse(file: string): ts.SourceFile {
  const kind = file.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  return ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest, true, kind);
}

function importsOf(file: string): Import[] {
  const found: Import[] = [];
  parse(file).forEachChild((node) => {
    if (!(ts.isImportDeclaration(node) || ts.isExportDeclaration(node))) return;
    if (node.moduleSpecifier === undefined || !ts.isStringLiteral(node.moduleSpecifier)) return;
    const typeOnly = ts.isImportDeclaration(node) ? isTypeImport(node) : node.isTypeOnly;
    found.push({ from: file, to: node.moduleSpecifier.text, typeOnly });
  });
  return found;
}

function isTypeImport({ importClause }: ts.ImportDeclaration): boolean {
  if (importClause === undefined) return false;
  if (importClause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const names = importClause.namedBindings;
  if (importClause.name !== undefined || names === undefined || !ts.isNamedImports(names)) return false;
  return names.elements.length > 0 && names.elements.every((element) => element.isTypeOnly);
}

const ALL_IMPORTS = SOURCES.flatMap(importsOf);
const folderOf = (file: string): string => relative('src', file).split('/')[0]!;

t.test('arrows point the way of the import table', async (t) => {
  const wrong = ALL_IMPORTS.filter(({ from, to, typeOnly }) => {
    if (!to.startsWith('.') || !from.includes('src/')) return false;
    const target = relative(join(ROOT, 'src'), resolve(ROOT, dirname(from), to)).split('/')[0]!;
    const folder = folderOf(from);
    if (folder === 'node.ts' || target === folder) return folder === 'node.ts' && target !== 'node';
    const rule = IMPORTS[folder];
    return !(rule?.any.includes(target) || (typeOnly && rule?.types?.includes(target)));
  });
  t.same(wrong, []);
  t.same(
    [...new Set(SOURCES.map(folderOf))].sort(byText),
    [...Object.keys(IMPORTS), 'node.ts'].sort(byText),
    'no folder without a rule',
  );
});

t.test('the engine is pure', async (t) => {
  for (const file of SOURCES.filter((each) => folderOf(each) === 'engine')) {
    const code = withoutComments(read(file));
    for (const [pattern, what] of BANNED_IN_ENGINE) t.notMatch(code, pattern, `${file} uses ${what}`);
    const outside = importsOf(file).filter(({ to }) => to.startsWith('node:'));
    t.same(outside, [], `${file} imports nothing of the platform`);
  }
});

t.test('a foreign library lives in few files', async (t) => {
  const users = new Map<string, Set<string>>();
  for (const { from, to, typeOnly } of ALL_IMPORTS) {
    if (to.startsWith('.') || to.startsWith('node:') || typeOnly || from.includes('ui/page/')) continue;
    const name = to
      .split('/')
      .slice(0, to.startsWith('@') ? 2 : 1)
      .join('/');
    users.set(name, (users.get(name) ?? new Set()).add(from));
  }
  for (const [name, files] of users) {
    t.ok(files.size <= (LIBRARY_FILES_MAX[name] ?? FILES_PER_LIBRARY_MAX), `${name}: ${[...files].join(', ')}`);
  }
});

t.test('rooms are small', async (t) => {
  for (const file of [...SOURCES, ...TESTS]) {
    const lines = read(file).split('\n').length - 1;
    t.ok(lines <= LINES_PER_FILE_MAX, `${file} has ${lines} lines: two ideas in one room?`);
  }
  for (const file of SOURCES) {
    for (const { name, lines } of functionsOf(parse(file))) {
      t.ok(lines <= LINES_PER_FUNCTION_MAX, `${file}: ${name} has ${lines} lines`);
    }
  }
});

function functionsOf(file: ts.SourceFile): { name: string; lines: number }[] {
  const found: { name: string; lines: number }[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node)) {
      const lineOf = (position: number): number => file.getLineAndCharacterOfPosition(position).line;
      found.push({
        name: node.name?.getText(file) ?? 'a function',
        lines: lineOf(node.end) - lineOf(node.getStart(file)) + 1,
      });
    }
    node.forEachChild(visit);
  };
  visit(file);
  return found;
}

t.test('no leftovers', async (t) => {
  const leftover = new RegExp(
    ['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', 'HA' + 'CK'].map((word) => `\\b${word}\\b`).join('|'),
  );
  for (const file of [...SOURCES, ...TESTS, ...SCRIPTS]) {
    const text = read(file);
    t.notMatch(text, leftover, `${file} is finished`);
    t.notMatch(text, /\bt\.only\(|^\s*debugger\b/m, `${file} runs in full`);
  }
  for (const file of SOURCES) t.notMatch(read(file), /: any\b|<any>|\bas any\b/, `${file} says what it means`);
});

t.test('links in the docs lead somewhere', async (t) => {
  for (const file of DOCS) {
    for (const [, link] of read(file).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^(https?:|mailto:|#)/.test(link!)) continue;
      const target = resolve(ROOT, dirname(file), link!.split('#')[0]!);
      t.doesNotThrow(() => statSync(target), `${file}: ${link}`);
    }
  }
});

t.test('error codes and the page of them say the same', async (t) => {
  const pages = `${read('docs/operating.md')}\n${read('docs/page.md')}`;
  const cells = [...pages.matchAll(/^\| ((?:`[a-z_]+`(?:, )?)+) +\|/gm)].map(([, cell]) => cell!);
  const documented = new Set(cells.flatMap((cell) => cell.replaceAll('`', '').split(', ')));
  const used = new Set(SOURCES.filter((file) => !file.includes('ui/page/')).flatMap(codesOf));
  t.same([...used].filter((code) => !documented.has(code)).sort(byText), [], 'every code is documented');
  t.same([...documented].filter((code) => !used.has(code)).sort(byText), [], 'every documented code exists');
});

/** First argument of every `new …Error(` and every refusal that is a snake_case literal, and every `code:` literal. */
function codesOf(file: string): string[] {
  const text = withoutComments(read(file));
  const patterns = [
    /new (?:\w*Error|InvalidInput)\(\s*'([a-z]+(?:_[a-z]+)*)'/g,
    /\bcode(?::| =)(?: what === '\w+' \?)? '([a-z]+(?:_[a-z]+)*)'/g,
    /\bno\(\s*'([a-z]+(?:_[a-z]+)*)'/g,
    /\b(?:refuse|answerProblem|problem)\(\s*(?:\d{3},\s*)?'([a-z]+(?:_[a-z]+)*)'/g,
    /\bfail\('([a-z]+(?:_[a-z]+)*)'/g,
    /\.choice\('\w+', \w+, '([a-z]+(?:_[a-z]+)*)'/g,
  ];
  return patterns.flatMap((pattern) => [...text.matchAll(pattern)].map(([, code]) => code!));
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
}
