// What a decoder under fuzz is.

export type Form = 'bytes' | 'cbor' | 'json';

/** Where inputs come from: something valid, changed, then put into what stands around it. */
export interface Layer {
  valid: Uint8Array;
  /** Puts changed bytes where the decoder will look at them: under a checksum, inside a block. */
  wrap(bytes: Uint8Array): Uint8Array;
  /** CBOR and JSON are changed as values too. */
  form: Form;
}

export interface Target {
  name: string;
  layers: readonly Layer[];
  /**
   * Decodes, and checks what came out as far as it can be: throws what the decoder throws, and Surprise where something
   * was accepted that is not what was said.
   */
  run(bytes: Uint8Array): void;
  /** Whether a refusal is one of those that the decoder's documentation names. */
  isRefusal(error: unknown): boolean;
}

export class Surprise extends Error {
  override readonly name = 'Surprise';
}

export const plain = (valid: Uint8Array, form: Form): Layer => ({ valid, wrap: (bytes) => bytes, form });
