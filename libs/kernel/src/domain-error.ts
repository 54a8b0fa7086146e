/** What kind of refusal this is; the API maps each to one HTTP status, in one place. */
export type DomainErrorKind = 'notFound' | 'conflict' | 'invalid' | 'preconditionFailed' | 'unavailable';

/** One thing that is wrong in an input: where it is and what to do about it. */
export interface Fault {
  /** JSON Pointer (RFC 6901) into the input, or `line 12` of a file. */
  readonly at: string;
  readonly problem: string;
}

/** A refusal that a person caused and can mend. The message says what to do next. */
export class DomainError extends Error {
  readonly kind: DomainErrorKind;
  readonly faults: readonly Fault[];

  constructor(kind: DomainErrorKind, message: string, faults: readonly Fault[] = []) {
    super(message);
    this.name = 'DomainError';
    this.kind = kind;
    this.faults = faults;
  }
}
