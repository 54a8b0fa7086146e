export interface Exception {
  readonly advisory: string;
  readonly package: string;
  readonly reason: string;
  readonly until: string;
}
export interface Judged {
  readonly problems: readonly string[];
  readonly excepted: number;
  readonly known: number;
}
export function judgeAudit(report: unknown, exceptions: readonly Exception[], today: string): Judged | undefined;
export function exceptionProblems(exceptions: readonly Partial<Exception>[], today: string): readonly string[];
