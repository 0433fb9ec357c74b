// Words of the exports of a strategy: what each form is, and what it can and cannot say (docs/export.md).
import { catalogue } from '../words/words.ts';

const en = {
  title: 'Export',
  note: 'with hash, candles, costs, and how many were tried',
  form: 'Form',
  save: 'Save',
  lines: (n: string) => `${n} lines`,
  refused: 'This form cannot hold the rules of this strategy.',
  allBars: 'Its figures are of one run over all candles, those that the search has seen included.',
  rules: 'Rules',
  rulesText:
    'The strategy alone, for “stratmesh backtest --strategy” and as a beginning for other searches. Its hash is that of the strategy.',
  words: 'Words',
  wordsText: 'Plain words to read and to keep.',
  json: 'JSON',
  jsonText: 'Everything: rules, sentences, candles, costs, metrics, trades.',
  csv: 'Trades CSV',
  csvText: 'One trade a row, below where they come from. No cell becomes a formula.',
  backtesting: 'backtesting.py',
  backtestingText:
    'Python with the indicators of this engine: same signals, stops, targets, trailing stops and several positions. Slippage of exits becomes a commission; no maker fee, impact, funding or liquidation.',
  freqtrade: 'freqtrade',
  freqtradeText:
    'Python with the indicators of this engine: same signals and stops. No trailing stop, break-even, target by ATR or several positions: a strategy with one of them is refused. What opens at the open at which a position closes needs stacked positions there. Slippage has to be added to --fee.',
  pine: 'Pine Script',
  pineText:
    'For TradingView, with its own indicators: averages begin with the chart, stops count from the signal’s close. No maker fee, impact, funding or liquidation.',
};

export const exportWords = catalogue(en, {
  title: 'Exportar',
  note: 'con hash, velas, costes y cuántas se probaron',
  form: 'Forma',
  save: 'Guardar',
  lines: (n) => `${n} líneas`,
  refused: 'Esta forma no puede contener las reglas de esta estrategia.',
  allBars: 'Sus cifras son de una sola pasada por todas las velas, también las que la búsqueda ha visto.',
  rules: 'Reglas',
  rulesText:
    'Solo la estrategia, para «stratmesh backtest --strategy» y como comienzo de otras búsquedas. Su hash es el de la estrategia.',
  words: 'Palabras',
  wordsText: 'Palabras sencillas para leer y guardar.',
  json: 'JSON',
  jsonText: 'Todo: reglas, frases, velas, costes, cifras, operaciones.',
  csv: 'Operaciones CSV',
  csvText: 'Una operación por fila, debajo de dónde vienen. Ninguna celda se vuelve fórmula.',
  backtesting: 'backtesting.py',
  backtestingText:
    'Python con los indicadores de este motor: mismas señales, stops, objetivos, stops móviles y varias posiciones. El deslizamiento de las salidas pasa a comisión; sin comisión de maker, impacto, financiación ni liquidación.',
  freqtrade: 'freqtrade',
  freqtradeText:
    'Python con los indicadores de este motor: mismas señales y stops. Sin stop móvil, «a la par», objetivo por ATR ni varias posiciones: la estrategia que los tenga se rechaza. Lo que se abre en la apertura en que se cierra una posición pide allí posiciones apiladas. El deslizamiento se suma a --fee.',
  pine: 'Pine Script',
  pineText:
    'Para TradingView, con sus propios indicadores: las medias empiezan con el gráfico y los stops cuentan desde el cierre de la señal. Sin comisión de maker, impacto, financiación ni liquidación.',
});
