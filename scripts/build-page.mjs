// Builds the local page into `out`: one script and one for each page that is fetched later, one style sheet, the font and the icon, each named by its content, and
// the manifest of everything that the server may serve.
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const FONT = import.meta.resolve('@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2');
const TYPES = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.woff2': 'font/woff2',
  '.svg': 'image/svg+xml',
  '.html': 'text/html; charset=utf-8',
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
    alias: { 'jetbrains-mono.woff2': fileURLToPath(FONT) },
    loader: { '.woff2': 'file' },
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
