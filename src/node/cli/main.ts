// Reads the command line, runs one verb, and turns whatever went wrong into one line and an exit code.
import { parseArgs } from 'node:util';
import { defaultDataDirectory } from '../data-directory.ts';
import { VERSION } from '../version.ts';
import { UsageError, type Verb, type VerbContext, type VerbOption } from './verb.ts';
import { VERBS } from './verbs.ts';

const EXIT = { done: 0, failed: 1, usage: 2, running: 3, unreachable: 4 } as const;

/** Codes of errors that mean wrong usage or invalid input, besides those of UsageError and the engine's InvalidInput. */
const INPUT_CODES = new Set([
  'bad_bootstrap',
  'bad_config',
  'bad_ticket',
  'token_missing',
  'no_such_file',
  'dataset_missing',
]);
const RUNNING_CODES = new Set(['already_running', 'ledger_locked']);

const COMMON: Record<string, VerbOption> = {
  json: { type: 'boolean', help: 'machine-readable output on stdout' },
  'data-dir': { type: 'string', value: 'DIR', help: `folder of this node (default: ${defaultDataDirectory()})` },
  help: { type: 'boolean', short: 'h', help: 'this text' },
};

interface Streams {
  stdout: Pick<NodeJS.WriteStream, 'write'>;
  stderr: Pick<NodeJS.WriteStream, 'write' | 'isTTY'>;
  environment: Readonly<Record<string, string | undefined>>;
}

/** Resolves to the exit code. */
export async function runCommand(argv: readonly string[], streams: Streams, signal: AbortSignal): Promise<number> {
  const json = argv.includes('--json');
  try {
    return await dispatch(argv, streams, signal);
  } catch (error) {
    return report(error, json, streams);
  }
}

async function dispatch(argv: readonly string[], streams: Streams, signal: AbortSignal): Promise<number> {
  if (argv[0] === '--version') return print(streams, [VERSION]);
  const words = leadingWords(argv);
  if (argv[0] === 'help' || (words.length === 0 && argv.some((arg) => arg === '--help' || arg === '-h'))) {
    return print(streams, overview());
  }
  const { verb, rest } = findVerb(words, argv);
  const { values, positionals } = parse(verb, rest);
  if (values.help === true) return print(streams, helpOf(verb));
  checkPositionals(verb, positionals);
  const dataDir = values['data-dir'] ?? streams.environment.STRATMESH_DATA_DIR;
  const context = contextOf(streams, signal, values, positionals, String(dataDir ?? defaultDataDirectory()));
  try {
    return await verb.run(context);
  } catch (error) {
    nameFlag(error as Failure, verb);
    throw error;
  }
}

/** What the node calls `inSample` is `--in-sample` to whoever wrote the command. */
function nameFlag(failure: Failure, { options }: Verb): void {
  const { field } = failure;
  const flag = field?.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  if (field === undefined || flag === undefined || flag === field || options?.[flag] === undefined) return;
  failure.message = failure.message.replace(field, `--${flag}`);
  failure.field = flag;
}

function leadingWords(argv: readonly string[]): string[] {
  const end = argv.findIndex((arg) => arg.startsWith('-'));
  return [...(end < 0 ? argv : argv.slice(0, end))];
}

/** The longest verb that the line starts with; no words at all mean `start`. */
function findVerb(words: readonly string[], argv: readonly string[]): { verb: Verb; rest: string[] } {
  if (words.length === 0) return { verb: VERBS.find((verb) => verb.name === 'start')!, rest: [...argv] };
  for (const count of [2, 1]) {
    const verb = VERBS.find((each) => each.name === words.slice(0, count).join(' '));
    if (verb !== undefined && words.length >= count) return { verb, rest: argv.slice(count) };
  }
  const related = VERBS.filter((verb) => verb.name.startsWith(`${words[0]} `)).map((verb) => verb.name);
  const hint = related.length > 0 ? `There are: ${related.join(', ')}.` : 'See “stratmesh --help”.';
  throw new UsageError('unknown_verb', `“${words.slice(0, 2).join(' ')}” is not a command. ${hint}`);
}

function parse(verb: Verb, rest: string[]): { values: VerbContext['values']; positionals: string[] } {
  const options = Object.fromEntries(
    Object.entries({ ...verb.options, ...COMMON }).map(([name, { type, short, multiple }]) => [
      name,
      { type, ...(short === undefined ? {} : { short }), ...(multiple === undefined ? {} : { multiple }) },
    ]),
  );
  try {
    return parseArgs({ args: rest, options, allowPositionals: true, strict: true });
  } catch (error) {
    const message = (error as Error).message.split('. To specify')[0]!;
    throw new UsageError(
      'usage',
      `${message}. See “stratmesh ${verb.name} --help”.`,
      /'(--[a-z-]+)/.exec(message)?.[1]?.slice(2),
    );
  }
}

function checkPositionals(verb: Verb, positionals: readonly string[]): void {
  const wanted = verb.positionals ?? [];
  const isOpenEnded = wanted.at(-1)?.endsWith('…]') === true;
  const required = wanted.filter((each) => each.startsWith('<')).length;
  if (positionals.length >= required && (isOpenEnded || positionals.length <= wanted.length)) return;
  throw new UsageError('usage', `Use: stratmesh ${verb.name} ${wanted.join(' ')}`.trim());
}

function contextOf(
  { stdout, stderr, environment }: Streams,
  signal: AbortSignal,
  values: VerbContext['values'],
  positionals: string[],
  dataDir: string,
): VerbContext {
  let transient = false;
  return {
    positionals,
    values,
    json: values.json === true,
    dataDir,
    environment,
    signal,
    print: (line) => void stdout.write(`${printable(line)}\n`),
    document: (value) => void stdout.write(`${JSON.stringify(value)}\n`),
    note(line, options) {
      const passing = options?.transient === true;
      if (passing && !stderr.isTTY) return;
      stderr.write(`${transient ? '\r\u001b[K' : ''}${printable(line)}${passing ? '' : '\n'}`);
      transient = passing;
    },
  };
}

/** Names and messages of other machines must not steer the terminal: no control characters but the tabulator. */
function printable(text: string): string {
  return text.replace(/[^\P{Cc}\t]|[\u202a-\u202e\u2066-\u2069]/gu, '');
}

interface Failure {
  name: string;
  code?: string;
  message: string;
  field?: string;
  status?: number;
  stack?: string;
}

function report(error: unknown, json: boolean, { stdout, stderr }: Streams): number {
  const failure = error as Failure;
  const { message, field } = failure;
  const code = typeof failure.code === 'string' ? failure.code.toLowerCase() : 'failed';
  if (json) stdout.write(`${JSON.stringify({ error: { code, message, field } })}\n`);
  else {
    stderr.write(
      `stratmesh: ${printable(message)}${field === undefined || message.includes(field) ? '' : ` (${field})`}\n`,
    );
    // Without a code it is a fault of ours, and where it happened helps to mend it.
    if (failure.code === undefined) stderr.write(`${failure.stack ?? ''}\n`);
  }
  return exitCode(failure, code);
}

function exitCode({ name, status }: Failure, code: string): number {
  if (name === 'UnreachableError') return EXIT.unreachable;
  if (RUNNING_CODES.has(code)) return EXIT.running;
  const refusedInput = name === 'RefusedError' && [400, 404, 422].includes(status ?? 0);
  const input = name === 'UsageError' || name === 'InvalidInput' || refusedInput || INPUT_CODES.has(code);
  return input ? EXIT.usage : EXIT.failed;
}

function print({ stdout }: Streams, lines: readonly string[]): number {
  stdout.write(`${lines.join('\n')}\n`);
  return EXIT.done;
}

function overview(): string[] {
  const width = Math.max(...VERBS.map((verb) => verb.name.length));
  return [
    `stratmesh ${VERSION}: a mesh of your own machines that mines trading strategies.`,
    '',
    'Use: stratmesh [command] [options]        (or: node dist/node.js …)',
    '',
    ...VERBS.map((verb) => `  ${verb.name.padEnd(width)}  ${verb.summary}`),
    '',
    'Without a command it runs a node. “stratmesh COMMAND --help” tells more; every command takes --json.',
  ];
}

function helpOf(verb: Verb): string[] {
  const options = Object.entries({ ...verb.options, ...COMMON });
  const flags = options.map(([name, { value }]) => `--${name}${value === undefined ? '' : ` ${value}`}`);
  const width = Math.max(...flags.map((flag) => flag.length));
  return [
    `stratmesh ${[verb.name, ...(verb.positionals ?? [])].join(' ')} [options]`,
    verb.summary,
    '',
    ...options.map(([, { help }], i) => `  ${flags[i]!.padEnd(width)}  ${help}`),
  ];
}
