// Words of the luck test and of the neighbouring settings.
import { catalogue } from '../words/words.ts';

const en = {
  luck: 'Luck test',
  luckNote: (orders: string, trades: string) => `${orders} orders of its ${trades} unseen trades`,
  oneOrder: 'The search left fewer than two trades unseen: they have one order.',
  luckSays: (end: string, half: string, twenty: string, hundred: string) =>
    `Every order ends at ${end}. Largest fall on the way: ${half} in half of them, ${twenty} in one of 20, ${hundred} in one of 100.`,
  luckLimits:
    'It tells of drawdown only: whether the rules are more than luck is what the verdict asks. Losses that come together may fall deeper.',
  luckLabel: (orders: string, end: string, half: string, twenty: string) =>
    `Equity along ${orders} orders of the unseen trades: all end at ${end}; the largest fall is ${half} in half of them and ${twenty} in one of 20`,
  ownOrder: 'as they came',
  middle: 'middle order',
  halfOfThem: 'half of the orders',
  nineOfTen: 'nine of ten',
  tradesDone: 'Trades',
  percentile: (n: string) => `${n} %`,

  neighbours: 'Neighbouring settings',
  neighboursNote: 'return in sample, after fees',
  neighboursSay: (gaining: string, of: string) =>
    `${gaining} of ${of} neighbours gain. Each cell changes one number and nothing else; outlined: this strategy.`,
  noNeighbours: 'These rules have no number that could be a little larger or smaller.',
  number: 'Number',
  asFound: 'as found',
  period: 'period',
  deviations: 'deviations',
  fast: 'fast period',
  slow: 'slow period',
  signal: 'signal period',
  smooth: 'smoothing',
  value: 'threshold',
  times: 'factor',
  barsAgo: 'candles ago',
  percent: 'percent',
  atr: 'ATRs',
};

export const robustWords = catalogue(en, {
  luck: 'Prueba de suerte',
  luckNote: (orders, trades) => `${orders} órdenes de sus ${trades} operaciones no vistas`,
  oneOrder: 'La búsqueda dejó sin ver menos de dos operaciones: solo tienen un orden.',
  luckSays: (end, half, twenty, hundred) =>
    `Todo orden acaba en ${end}. Mayor caída por el camino: ${half} en la mitad, ${twenty} en uno de 20, ${hundred} en uno de 100.`,
  luckLimits:
    'Habla solo de la caída: si las reglas son más que suerte lo pregunta el veredicto. Pérdidas que llegan juntas pueden caer más.',
  luckLabel: (orders, end, half, twenty) =>
    `Capital en ${orders} órdenes de las operaciones no vistas: todos acaban en ${end}; la mayor caída es ${half} en la mitad y ${twenty} en uno de 20`,
  ownOrder: 'como llegaron',
  middle: 'orden central',
  halfOfThem: 'la mitad de los órdenes',
  nineOfTen: 'nueve de diez',
  tradesDone: 'Operaciones',
  percentile: (n) => `${n} %`,

  neighbours: 'Ajustes vecinos',
  neighboursNote: 'rendimiento en muestra, con comisiones',
  neighboursSay: (gaining, of) =>
    `Ganan ${gaining} de ${of} vecinos. Cada celda cambia un número y nada más; con borde, esta estrategia.`,
  noNeighbours: 'Estas reglas no tienen ningún número que pudiera ser algo mayor o menor.',
  number: 'Número',
  asFound: 'hallado',
  period: 'periodo',
  deviations: 'desviaciones',
  fast: 'periodo rápido',
  slow: 'periodo lento',
  signal: 'periodo de señal',
  smooth: 'suavizado',
  value: 'umbral',
  times: 'factor',
  barsAgo: 'velas atrás',
  percent: 'por ciento',
  atr: 'ATR',
});
