// The part of the API about strategies in other forms: for programs, spreadsheets, other platforms, people.

export const EXPORT_FORMATS = ['json', 'csv', 'pine', 'backtesting', 'freqtrade', 'words'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export interface ExportInput {
  as: ExportFormat;
  /** Language of the words; all else is English. */
  lang?: 'en' | 'es' | undefined;
}

export interface ExportView {
  /** A name for the file. */
  fileName: string;
  /** The lines of the file, without their ends. */
  lines: string[];
}

export interface ExportPort {
  /**
   * A result with its figures over all bars of its candles, computed on this node. Throws RequestError `unknown_result`,
   * `dataset_missing`, `not_expressible`.
   */
  exportResult(id: string, input: ExportInput): Promise<ExportView>;
}
