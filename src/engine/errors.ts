/** Input from outside that breaks a rule: a file, a strategy, a search specification, a checkpoint. */
export class InvalidInput extends Error {
  override readonly name = 'InvalidInput';
  /** Stable, snake_case: `unknown_key`, `missing_key`, `bad_value`, `out_of_range`, `unknown_indicator`, … */
  readonly code: string;
  /** Path of the offending value (`entry[0][1].left.period`), or a place in a file (`line 12, high`). */
  readonly field: string | undefined;
  constructor(code: string, message: string, field?: string) {
    super(message);
    this.code = code;
    this.field = field;
  }
}
