// Builds the local page into `out`: one script and one for each page that is fetched later, one style sheet, the font and the icon, each named by its content, and
// the manifest of everything that the server may serve.
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import subsetFont from 'subset-font';

const FONT = fileURLToPath(
  import.meta.resolve('@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2'),
);
const FONT_RANGES = fileURLToPath(import.meta.resolve('@fontsource-variable/jetbrains-mono/unicode.json'));
/** What puts accents in their places. Ligatures are not used (styles/base.css), and their shapes are half of the file. */
const FONT_FEATURES = ['ccmp', 'locl', 'mark'];
const FONT_WEIGHTS = { min: 400, max: 700 };
const TYPES = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.woff2': 'font/woff2',
  '.svg': 'image/svg+xml',
  '.html': 'text/html; charset=utf-8',
};

/** The characters of ranges like `U+0000-00FF,U+0131`. */
const charactersOf = (ranges) =>
  ranges
    .split(',')
    .map((range) => {
      const [first, last = first] = range.slice('U+'.length).split('-');
      const from = Number.parseInt(first, 16);
      return String.fromCodePoint(...Array.from({ length: Number.parseInt(last, 16) - from + 1 }, (_, i) => from + i));
    })
    .join('');

/** Gives the styles the Latin letters of the font in the weights that the page has. */
const font = {
  name: 'font',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^jetbrains-mono\.woff2$/ }, () => ({ path: FONT }));
    onLoad({ filter: /\.woff2$/ }, async ({ path }) => {
      const { latin } = JSON.parse(await readFile(FONT_RANGES, 'utf8'));
      const contents = await subsetFont(await readFile(path), charactersOf(latin), {
        targetFormat: 'woff2',
        keepFeatures: FONT_FEATURES,
        variationAxes: { wght: FONT_WEIGHTS },
      });
      return { contents, loader: 'file' };
    });
  },
};

async function bundle(root) {
  const page = join(root, 'src', 'ui', 'page');
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [join(page, 'main.tsx'), join(page, 'styles', 'main.css')],
    outdir: join(root, 'dist', 'ui', 'page', 'assets'),
    entryNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    splitting: true,
    publicPath: '/assets',
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: ['chrome111', 'firefox113', 'safari16.4'],
    tsconfig: join(page, 'tsconfig.json'),
    plugins: [font],
    legalComments: 'none',
    logLevel: 'warning',
  });
  return outputFiles.map(({ path, contents }) => ({ name: basename(path), contents }));
}

export async function buildPage({ root, out }) {
  const page = join(root, 'src', 'ui', 'page');
  const files = await bundle(root);
  const icon = await readFile(join(page, 'icon.svg'));
  files.push({ name: `icon-${createHash('sha256').update(icon).digest('hex').slice(0, 8)}.svg`, contents: icon });
  const urlOf = (extension, start = '') =>
    `/assets/${files.find(({ name }) => name.startsWith(start) && extname(name) === extension).name}`;
  const html = (await readFile(join(page, 'index.html'), 'utf8'))
    .replace('{{icon}}', urlOf('.svg'))
    .replace('{{font}}', urlOf('.woff2'))
    .replace('{{styles}}', urlOf('.css', 'main-'))
    .replace('{{script}}', urlOf('.js', 'main-'));

  const manifest = { files: { '/': { file: 'index.html', type: TYPES['.html'], immutable: false } } };
  await rm(out, { recursive: true, force: true });
  await mkdir(join(out, 'assets'), { recursive: true });
  for (const { name, contents } of files) {
    await writeFile(join(out, 'assets', name), contents);
    manifest.files[`/assets/${name}`] = { file: `assets/${name}`, type: TYPES[extname(name)], immutable: true };
  }
  await writeFile(join(out, 'index.html'), html);
  await writeFile(join(out, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}
