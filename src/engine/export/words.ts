// A strategy in plain words, English and Spanish, with what its figures rest on.
import { describeStrategy, type Language } from '../describe-strategy.ts';
import { type ExportSubject, isoTime, provenanceLines } from './subject.ts';

const rate = (value: number, language: Language): string => {
  const text = `${Math.floor(value * 1_000_000 + 0.5) / 10_000}`;
  return `${language === 'es' ? text.replace('.', ',') : text} %`;
};

function english(subject: ExportSubject): string[] {
  const { candles, account, metrics, strategy } = subject;
  const { symbol, quote, sample } = candles.meta;
  const { fee, slippage, spread, perpetual } = account.costs;
  return [
    sample
      ? 'SAMPLE: these candles are synthetic. The figures say nothing of any market.'
      : `For ${symbol}, in ${quote}.`,
    describeStrategy(strategy, 'en'),
    'Signals are read when a bar has closed; orders fill at the open of the next bar. A bar that touches stop and target takes the stop.',
    `Counted with a fee of ${rate(fee, 'en')} a side, slippage of ${rate(slippage, 'en')} a side and a spread of ${rate(spread, 'en')}${perpetual === undefined ? '' : `, on perpetual futures with leverage ${perpetual.leverage}, funding and liquidation`}.`,
    `From ${isoTime(candles.time[0]!)} to ${isoTime(candles.time[candles.length - 1]!)}: ${metrics.trades} trades, return ${rate(metrics.return, 'en')}, largest fall ${rate(metrics.maxDrawdown, 'en')}; buying and holding returned ${rate(metrics.buyAndHoldReturn, 'en')}. A search may have seen these bars: the figures are no proof.`,
  ];
}

function spanish(subject: ExportSubject): string[] {
  const { candles, account, metrics, strategy } = subject;
  const { symbol, quote, sample } = candles.meta;
  const { fee, slippage, spread, perpetual } = account.costs;
  return [
    sample
      ? 'SAMPLE: estas velas son sintéticas. Las cifras no dicen nada de ningún mercado.'
      : `Para ${symbol}, en ${quote}.`,
    describeStrategy(strategy, 'es'),
    'Las señales se leen al cierre de cada vela; las órdenes se ejecutan en la apertura de la siguiente. Una vela que toca el stop y el objetivo cuenta como stop.',
    `Calculado con una comisión de ${rate(fee, 'es')} por operación, un deslizamiento de ${rate(slippage, 'es')} por operación y una horquilla de ${rate(spread, 'es')}${perpetual === undefined ? '' : `, en futuros perpetuos con apalancamiento ${perpetual.leverage}, financiación y liquidación`}.`,
    `Desde ${isoTime(candles.time[0]!)} hasta ${isoTime(candles.time[candles.length - 1]!)}: ${metrics.trades} operaciones, rentabilidad ${rate(metrics.return, 'es')}, mayor caída ${rate(metrics.maxDrawdown, 'es')}; comprar y mantener rindió ${rate(metrics.buyAndHoldReturn, 'es')}. Una búsqueda puede haber visto estas velas: las cifras no son una prueba.`,
  ];
}

/** Paragraphs of text, the provenance last. */
export function exportWords(subject: ExportSubject, language: Language): string {
  const paragraphs = language === 'en' ? english(subject) : spanish(subject);
  return `${[...paragraphs, provenanceLines(subject).join('\n')].join('\n\n')}\n`;
}
