// Verdicts, gates and needs in words, English and Spanish: one table, so that no language knows more than the other.
import type { Language } from '../describe-strategy.ts';
import type { JobReport, StrategyReport } from './judge-job.ts';
import type { PathsReport } from './purged-paths.ts';
import { DEFAULT_THRESHOLDS, type Thresholds } from './thresholds.ts';
import { type Gate, type GateCode, JOB_GATE_CODES, type Verdict } from './verdict.ts';

/** How a figure is written: a count, a share in percent, a signed percentage, a probability. */
type Unit = 'count' | 'share' | 'gain' | 'p';

interface GateWords {
  unit: Unit;
  /** `figure` and `limit` are written already. */
  holds(figure: string, limit: string): string;
  fails(figure: string, limit: string): string;
  /** Where the figure is not known yet; else that it fails. */
  open?: string;
}

interface Words {
  decimal: string;
  thousands: string;
  unknown: string;
  verdicts: Record<Verdict, string>;
  gates: Record<GateCode, GateWords>;
  /** `searched`: on the same candles in all jobs. */
  tried(trials: string, searched: string, lucky: string): string;
  nothing: string;
  none: string;
  moreHistory(needed: string, had: string): string;
  fewerTrials(most: string): string;
  notPermuted: string;
  permuting(done: string, all: string): string;
  /** `learnt` of `groups` stretches, the others tested; `loss`: share of the histories below 0. */
  histories(facts: Record<'learnt' | 'groups' | 'paths' | 'sharpe' | 'loss' | 'purge' | 'embargo', string>): string;
  /** Too few bars are left where so many are not learnt from. */
  noHistories(purge: string, embargo: string): string;
  /** `gained` of `judged` strategies gain there, the best of this job `first`. */
  elsewhere(symbol: string, gained: string, judged: string, first: string): string;
  elsewhereMissing(missing: string): string;
  /** `values`: each threshold that is not the default, with the default. */
  ownThresholds(values: string): string;
  instead(name: string, value: string, usual: string): string;
  fragile(factor: string): string;
  late: string;
}

const ENGLISH: Words = {
  decimal: '.',
  thousands: ',',
  unknown: 'unknown',
  verdicts: { significant: 'significant', promising: 'promising', not_significant: 'not significant' },
  gates: {
    unseen_trades: {
      unit: 'count',
      holds: (figure) => `${figure} trades on bars that the search never saw`,
      fails: (figure, limit) => `only ${figure} trades on bars that the search never saw; ${limit} are asked for`,
    },
    unseen_profit: {
      unit: 'gain',
      holds: (figure) => `gained out of sample and in the holdout (${figure} or more)`,
      fails: (figure) => `did not gain on both unseen parts (the worse one: ${figure})`,
    },
    unseen_p: {
      unit: 'p',
      holds: (figure, limit) => `its unseen returns are more than chance (p = ${figure}, at most ${limit})`,
      fails: (figure, limit) => `chance explains its unseen returns (p = ${figure}; at most ${limit} is asked for)`,
    },
    superior_ability: {
      unit: 'p',
      holds: (figure) => `the best of all champions does better than nothing (SPA p = ${figure})`,
      fails: (figure, limit) => `the best of so many champions may be luck (SPA p = ${figure}; at most ${limit})`,
    },
    luck: {
      unit: 'p',
      holds: (figure) => `in sample it stands above the luck of all trials (p = ${figure})`,
      fails: (figure, limit) => `so many trials find as much in sample by luck (p = ${figure}; at most ${limit})`,
    },
    neighbourhood: {
      unit: 'share',
      holds: (figure) => `${figure} of its neighbours gain too`,
      fails: (figure, limit) => `a needle: ${figure} of its neighbours gain; ${limit} are asked for`,
    },
    loss_probability: {
      unit: 'share',
      holds: (figure) => `the best of one period lost in the others in ${figure} of all splits`,
      fails: (figure, limit) =>
        `the best of one period lost in the others in ${figure} of all splits; at most ${limit}`,
    },
    permutation: {
      unit: 'p',
      holds: (figure) => `the search finds less where bars are shuffled (p = ${figure})`,
      fails: (figure, limit) => `the search finds as much where bars are shuffled (p = ${figure}; at most ${limit})`,
      open: 'how much the search finds where bars are shuffled is not known yet',
    },
    noise: {
      unit: 'share',
      holds: (figure) => `gains in ${figure} of noisy copies of the market`,
      fails: (figure, limit) => `gains in ${figure} of noisy copies of the market; ${limit} are asked for`,
    },
  },
  tried: (trials, searched, lucky) =>
    `${trials === searched ? `${trials} strategies were tried` : `${trials} strategies were tried, with all other jobs on these candles ${searched}`}; the luckiest of as many without skill would show a Sharpe ratio of ${lucky} a year in sample.`,
  nothing: 'Nothing significant was found.',
  none: 'No strategy traded enough to be judged.',
  moreHistory: (needed, had) =>
    `To stand above luck, the best one would need ${needed} years in sample as good as these ${had}.`,
  fewerTrials: (most) => `Or fewer trials: with this history, ${most} at most.`,
  notPermuted: 'The search was not re-run on permuted bars.',
  permuting: (done, all) =>
    `Of ${all} re-runs of the search on permuted bars ${done} are done; nothing is significant before all are.`,
  histories: ({ learnt, groups, paths, sharpe, loss, purge, embargo }) =>
    `Cross-validated (CPCV): whichever does best on ${learnt} of ${groups} stretches of the unseen bars, followed on the other two, makes ${paths} histories; their median Sharpe ratio is ${sharpe} a year, and ${loss} of them lose (${purge} bars purged, ${embargo} under embargo).`,
  noHistories: (purge, embargo) =>
    `Not cross-validated (CPCV): beside each test ${purge} bars would be purged and ${embargo} under embargo, as long as positions were held and strategies look back, and too few are left to choose by.`,
  elsewhere: (symbol, gained, judged, first) =>
    `On other candles of ${symbol}, ${gained} of ${judged} gain after all costs; the best in sample: ${first}.`,
  elsewhereMissing: (missing) =>
    `Other data sets that this job names and this machine cannot run it on: ${missing}. The verdict does not depend on them.`,
  ownThresholds: (values) => `These thresholds are not the defaults: ${values}.`,
  instead: (name, value, usual) => `${name} ${value} instead of ${usual}`,
  fragile: (factor) => `loses with ${factor} times the costs`,
  late: 'loses one bar late',
};

const SPANISH: Words = {
  decimal: ',',
  thousands: '.',
  unknown: 'desconocido',
  verdicts: { significant: 'significativa', promising: 'prometedora', not_significant: 'no significativa' },
  gates: {
    unseen_trades: {
      unit: 'count',
      holds: (figure) => `${figure} operaciones en velas que la búsqueda nunca vio`,
      fails: (figure, limit) => `solo ${figure} operaciones en velas que la búsqueda nunca vio; se piden ${limit}`,
    },
    unseen_profit: {
      unit: 'gain',
      holds: (figure) => `ganó fuera de muestra y en la reserva (${figure} o más)`,
      fails: (figure) => `no ganó en las dos partes no vistas (la peor: ${figure})`,
    },
    unseen_p: {
      unit: 'p',
      holds: (figure, limit) => `sus resultados no vistos son más que azar (p = ${figure}, como máximo ${limit})`,
      fails: (figure, limit) =>
        `el azar explica sus resultados no vistos (p = ${figure}; se pide ${limit} como máximo)`,
    },
    superior_ability: {
      unit: 'p',
      holds: (figure) => `la mejor de todas las finalistas supera a no hacer nada (p de SPA = ${figure})`,
      fails: (figure, limit) =>
        `la mejor de tantas finalistas puede ser suerte (p de SPA = ${figure}; como máximo ${limit})`,
    },
    luck: {
      unit: 'p',
      holds: (figure) => `dentro de muestra está por encima de la suerte de todas las pruebas (p = ${figure})`,
      fails: (figure, limit) =>
        `tantas pruebas encuentran lo mismo dentro de muestra por suerte (p = ${figure}; como máximo ${limit})`,
    },
    neighbourhood: {
      unit: 'share',
      holds: (figure) => `el ${figure} de sus vecinas también gana`,
      fails: (figure, limit) => `una aguja: gana el ${figure} de sus vecinas; se pide el ${limit}`,
    },
    loss_probability: {
      unit: 'share',
      holds: (figure) => `la mejor de un periodo perdió en los demás en el ${figure} de las particiones`,
      fails: (figure, limit) =>
        `la mejor de un periodo perdió en los demás en el ${figure} de las particiones; como máximo el ${limit}`,
    },
    permutation: {
      unit: 'p',
      holds: (figure) => `la búsqueda encuentra menos con las velas barajadas (p = ${figure})`,
      fails: (figure, limit) =>
        `la búsqueda encuentra lo mismo con las velas barajadas (p = ${figure}; como máximo ${limit})`,
      open: 'aún no se sabe cuánto encuentra la búsqueda con las velas barajadas',
    },
    noise: {
      unit: 'share',
      holds: (figure) => `gana en el ${figure} de las copias ruidosas del mercado`,
      fails: (figure, limit) => `gana en el ${figure} de las copias ruidosas del mercado; se pide el ${limit}`,
    },
  },
  tried: (trials, searched, lucky) =>
    `${trials === searched ? `Se probaron ${trials} estrategias` : `Se probaron ${trials} estrategias, con todos los demás trabajos sobre estas velas ${searched}`}; la más afortunada de otras tantas sin mérito mostraría un ratio de Sharpe anual de ${lucky} dentro de muestra.`,
  nothing: 'No se encontró nada significativo.',
  none: 'Ninguna estrategia operó lo bastante para juzgarla.',
  moreHistory: (needed, had) =>
    `Para estar por encima de la suerte, la mejor necesitaría ${needed} años dentro de muestra tan buenos como estos ${had}.`,
  fewerTrials: (most) => `O menos pruebas: con este historial, ${most} como máximo.`,
  notPermuted: 'La búsqueda no se repitió con velas barajadas.',
  permuting: (done, all) =>
    `De ${all} repeticiones de la búsqueda con velas barajadas van ${done}; antes de terminarlas nada es significativo.`,
  histories: ({ learnt, groups, paths, sharpe, loss, purge, embargo }) =>
    `Validación cruzada (CPCV): la que mejor va en ${learnt} de ${groups} tramos de las velas no vistas, seguida en los otros dos, da ${paths} historias; su ratio de Sharpe mediano es de ${sharpe} al año y pierde el ${loss} de ellas (${purge} velas purgadas, ${embargo} de embargo).`,
  noHistories: (purge, embargo) =>
    `Sin validación cruzada (CPCV): junto a cada prueba habría que purgar ${purge} velas y dejar ${embargo} de embargo, lo que duraron las posiciones y lo que miran atrás las estrategias, y quedan pocas con las que elegir.`,
  elsewhere: (symbol, gained, judged, first) =>
    `En otras velas, de ${symbol}, ganan ${gained} de ${judged} después de todos los costes; la mejor dentro de muestra: ${first}.`,
  elsewhereMissing: (missing) =>
    `Otros datos que nombra este trabajo y en los que esta máquina no puede probarlo: ${missing}. El veredicto no depende de ellos.`,
  ownThresholds: (values) => `Estos umbrales no son los habituales: ${values}.`,
  instead: (name, value, usual) => `${name} ${value} en vez de ${usual}`,
  fragile: (factor) => `pierde con ${factor} veces los costes`,
  late: 'pierde con una vela de retraso',
};

const WORDS: Record<Language, Words> = { en: ENGLISH, es: SPANISH };
const MINUS = '−';

/** A whole number, its digits in groups of three. */
function whole(value: number, { thousands }: Words): string {
  return String(value).replaceAll(/\B(?=(?:\d{3})+$)/g, thousands);
}

function number(value: number, digits: number, { decimal }: Words): string {
  return value.toFixed(digits).replace('-', MINUS).replace('.', decimal);
}

/** Three digits that matter at least: 0.032, 0.00041. */
function probability(p: number, words: Words): string {
  if (p > 0 && p < 0.0001) return `${words.decimal === ',' ? 'menos de 0,0001' : 'below 0.0001'}`;
  return number(p, p < 0.01 ? 4 : 3, words);
}

function figureOf(value: number | null, unit: Unit, words: Words): string {
  if (value === null) return words.unknown;
  if (unit === 'count') return whole(value, words);
  if (unit === 'p') return probability(value, words);
  if (unit === 'share') return `${number(value * 100, 0, words)} %`;
  return `${value > 0 ? '+' : ''}${number(value * 100, 2, words)} %`;
}

const sentence = (clause: string): string => `${clause[0]!.toUpperCase()}${clause.slice(1)}.`;

export const nameVerdict = (verdict: Verdict, language: Language = 'en'): string => WORDS[language].verdicts[verdict];

/** A gate as a clause without a full stop. */
export function describeGate({ code, holds, figure, limit }: Gate, language: Language = 'en'): string {
  const words = WORDS[language];
  const gate = words.gates[code];
  const written = figureOf(figure, gate.unit, words);
  if (figure === null && gate.open !== undefined) return gate.open;
  return holds
    ? gate.holds(written, figureOf(limit, gate.unit, words))
    : gate.fails(written, figureOf(limit, gate.unit, words));
}

/**
 * Why a strategy has its verdict: what it fails, or, if nothing, what it holds; then what it would not survive. Gates of the
 * whole job are told by `describeJob`, and here only where nothing else failed.
 */
export function reasonsFor(
  { gates, stress }: Pick<StrategyReport, 'gates' | 'stress'>,
  language: Language = 'en',
): string[] {
  const words = WORDS[language];
  const failed = gates.filter(({ holds }) => !holds);
  const own = (failed.length > 0 ? failed : gates).filter(({ code }) => !JOB_GATE_CODES.includes(code));
  const reasons = (own.length > 0 ? own : failed).map((gate) => describeGate(gate, language));
  if (stress.once > 0 && stress.twice <= 0) reasons.push(words.fragile('2'));
  else if (stress.once > 0 && stress.thrice <= 0) reasons.push(words.fragile('3'));
  if (stress.once > 0 && stress.late <= 0) reasons.push(words.late);
  return reasons;
}

/**
 * What is to be said of the whole job, a sentence each: that nothing was found if so, what was tried, its gates, and what would
 * be needed.
 */
export function describeJob(report: JobReport, language: Language = 'en'): string[] {
  const words = WORDS[language];
  const sentences: string[] = [];
  const { trials, searched, luckySharpe, verdict, strategies, inSampleYears, needs, permutations, thresholds } = report;
  if (verdict !== 'significant') sentences.push(words.nothing);
  const own = ownThresholds(thresholds, words);
  if (strategies.length === 0) return [...sentences, words.none, ...own];
  sentences.push(words.tried(whole(trials.count, words), whole(searched.count, words), number(luckySharpe, 2, words)));
  const ofJob = strategies[0]!.gates.filter(({ code, figure }) => JOB_GATE_CODES.includes(code) && figure !== null);
  for (const gate of ofJob) sentences.push(sentence(describeGate(gate, language)));
  if (report.crossValidation !== null) sentences.push(describePaths(report.crossValidation, words));
  sentences.push(...describeOthers(report, words));
  if (needs !== null && needs.years > inSampleYears) {
    sentences.push(words.moreHistory(number(needs.years, 2, words), number(inSampleYears, 2, words)));
    if (needs.trials > 0) sentences.push(words.fewerTrials(whole(needs.trials, words)));
  }
  if (permutations === null) sentences.push(words.notPermuted);
  else if (permutations.pending > 0) {
    const { done, pending } = permutations;
    sentences.push(words.permuting(String(done), String(done + pending)));
  }
  return [...sentences, ...own];
}

/** How the strategies fare on each other market, and which of them could not be asked. */
function describeOthers({ strategies, othersMissing }: JobReport, words: Words): string[] {
  const said = strategies[0]!.others.map(({ symbol, return: first }, market) => {
    const gained = strategies.filter(({ others }) => others[market]!.return > 0).length;
    return words.elsewhere(symbol, String(gained), String(strategies.length), figureOf(first, 'gain', words));
  });
  const missing = othersMissing.map((hash) => hash.slice(0, 8)).join(', ');
  return missing === '' ? said : [...said, words.elsewhereMissing(missing)];
}

function describePaths({ groups, tested, paths, purge, embargo, medianSharpe, belowZero }: PathsReport, words: Words) {
  if (medianSharpe === null || belowZero === null) return words.noHistories(String(purge), String(embargo));
  const [learnt, all, histories] = [groups - tested, groups, paths].map(String) as [string, string, string];
  return words.histories({
    ...{ learnt, groups: all, paths: histories, purge: String(purge), embargo: String(embargo) },
    sharpe: number(medianSharpe, 2, words),
    loss: figureOf(belowZero, 'share', words),
  });
}

/** A sentence that names each threshold that somebody has changed; nothing where all are the defaults. */
function ownThresholds(thresholds: Thresholds, words: Words): string[] {
  const names = Object.keys(DEFAULT_THRESHOLDS) as (keyof Thresholds)[];
  const written = (value: number): string => String(value).replace('.', words.decimal);
  const changed = names.filter((name) => thresholds[name] !== DEFAULT_THRESHOLDS[name]);
  const values = changed.map((name) =>
    words.instead(name, written(thresholds[name]), written(DEFAULT_THRESHOLDS[name])),
  );
  return values.length === 0 ? [] : [words.ownThresholds(values.join(', '))];
}
