// A strategy in the form that somebody asks for.
import type { Language } from '../describe-strategy.ts';
import { exportBacktesting } from './backtesting-py.ts';
import { exportFreqtrade } from './freqtrade.ts';
import { exportPine } from './pine.ts';
import type { ExportFormat, ExportSubject } from './subject.ts';
import { exportCsv, exportJson } from './tables.ts';
import { exportWords } from './words.ts';

/** What a file of each format ends in. */
export const EXPORT_ENDINGS: Readonly<Record<ExportFormat, string>> = {
  json: '.json',
  csv: '.csv',
  pine: '.pine',
  backtesting: '.py',
  freqtrade: '.py',
  words: '.txt',
};

/** The text of the file. `language` is that of the words; all else is English. Throws InvalidInput `not_expressible`. */
export function exportStrategy(format: ExportFormat, subject: ExportSubject, language: Language = 'en'): string {
  switch (format) {
    case 'json':
      return exportJson(subject);
    case 'csv':
      return exportCsv(subject);
    case 'pine':
      return exportPine(subject);
    case 'backtesting':
      return exportBacktesting(subject);
    case 'freqtrade':
      return exportFreqtrade(subject);
    case 'words':
      return exportWords(subject, language);
  }
}
