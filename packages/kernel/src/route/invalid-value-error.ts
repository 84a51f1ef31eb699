/** Which rule a value broke: one code for each kind of value that callers hand in as text. */
export type InvalidValueCode =
  | 'ERR_INVALID_INTERFACE_NAME'
  | 'ERR_INVALID_IP_ADDRESS'
  | 'ERR_INVALID_MAC_ADDRESS';

/** A name or address that the kernel would refuse or, worse, would take for something else. */
export class InvalidValueError extends Error {
  override readonly name = 'InvalidValueError';
  readonly code: InvalidValueCode;
  /** What was given. */
  readonly value: string;

  constructor(code: InvalidValueCode, value: string, reason: string) {
    super(`${reason}, got ${JSON.stringify(value)}`);
    this.code = code;
    this.value = value;
  }
}
