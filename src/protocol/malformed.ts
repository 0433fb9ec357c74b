/** What a peer sent does not hold to the wire form. `code` is `malformed`. */
export class MalformedError extends Error {
  override readonly name = 'MalformedError';
  readonly code = 'malformed';
}
