import type { Outcome } from './retry.js';

/** Refusals of HTTP that are about the moment, not about the request. */
const TEMPORARY_STATUS = [408, 425, 429];

/** What an HTTP answer means for a delivery. Redirects are not followed: they could lead anywhere. */
export function judgeHttpStatus(status: number): Outcome {
  if (status >= 200 && status < 300) return { kind: 'accepted' };
  const problem = `the receiver answered ${status}`;
  if (status >= 500 || TEMPORARY_STATUS.includes(status)) return { kind: 'delayed', problem };
  if (status >= 300 && status < 400) {
    return { kind: 'refused', problem: `${problem}: redirects are not followed, so give the channel the final URL` };
  }
  return { kind: 'refused', problem };
}

/** What nodemailer knows of a failure. */
export interface SmtpFailure {
  readonly message: string;
  /** `EENVELOPE`, `EMESSAGE`: the server spoke of this message; others: of the connection or of who we are. */
  readonly code?: string | undefined;
  readonly responseCode?: number | undefined;
}

/**
 * What a failure of SMTP means for a delivery. Only a 5xx about this very recipient or message is final: a password that is refused or a
 * server that turns everybody away is for an administrator to mend, and nothing must be lost until then.
 */
export function judgeSmtpFailure({ message, code, responseCode = 0 }: SmtpFailure): Outcome {
  const isAboutMessage = code === 'EENVELOPE' || code === 'EMESSAGE';
  return { kind: isAboutMessage && responseCode >= 500 ? 'refused' : 'delayed', problem: `SMTP: ${message}` };
}
