/**
 * npm run check:dependencies: asks the registry what is known against the packages that Felinar runs with, and fails on what is high or
 * critical and not excepted in docs/security/audit-exceptions.json. A registry that cannot be asked does not fail it, so that a build
 * without a network stays possible; with --required it does (for a release).
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const EXCEPTIONS = 'docs/security/audit-exceptions.json';
const SEVERE = ['high', 'critical'];

/** What npm audit's report comes to on a day (YYYY-MM-DD). Pure. `undefined`: it is no report. */
export function judgeAudit(report, exceptions, today) {
  if (report?.auditReportVersion !== 2 || typeof report.vulnerabilities !== 'object') return undefined;
  const advisories = new Map();
  for (const { via } of Object.values(report.vulnerabilities))
    for (const each of via) if (typeof each === 'object') advisories.set(each.url, each);
  const bad = [...advisories.values()].filter(({ severity }) => SEVERE.includes(severity));
  const isExcepted = ({ url, name }) =>
    exceptions.some((each) => each.advisory === url.split('/').at(-1) && each.package === name && each.until >= today);
  const problems = bad
    .filter((advisory) => !isExcepted(advisory))
    .map(({ name, severity, title, url, range }) => `${name} ${range}: ${severity}: ${title} (${url})`);
  return { problems, excepted: bad.length - problems.length, known: advisories.size };
}

/** What is wrong with the list of exceptions on a day, a line each. Pure. */
export function exceptionProblems(exceptions, today) {
  return exceptions.flatMap(({ advisory, package: name, reason, until, ...rest }) => {
    const which = `${EXCEPTIONS}: ${advisory ?? 'an exception'}`;
    if (!/^GHSA(-[0-9a-z]{4}){3}$/.test(advisory ?? ''))
      return [`${which} must have an advisory such as GHSA-xxxx-xxxx-xxxx`];
    if (typeof name !== 'string' || typeof reason !== 'string' || reason.length < 20)
      return [`${which} must name its package and say in a sentence why it does not hurt here`];
    if (!/^\d{4}-\d{2}-\d{2}$/.test(until ?? '')) return [`${which} must say until when, as YYYY-MM-DD`];
    if (Object.keys(rest).length > 0)
      return [`${which} has members that are not known: ${Object.keys(rest).join(', ')}`];
    return until < today
      ? [`${which} has ended on ${until}: look again, update the package or give it another date`]
      : [];
  });
}

/** npm's answer as JSON, whatever its exit code. */
function ask() {
  const options = ['--omit=dev', '--json', '--audit=true', '--fetch-retries=0', '--fetch-timeout=30000'];
  return new Promise((resolve) => {
    execFile('npm', ['audit', ...options], { maxBuffer: 64 * 1024 * 1024, timeout: 120_000 }, (error, stdout) => {
      try {
        resolve(JSON.parse(stdout));
      } catch {
        resolve({ message: error?.message ?? 'npm audit said nothing' });
      }
    });
  });
}

async function main(isRequired) {
  const today = new Date().toISOString().slice(0, 10);
  const exceptions = JSON.parse(readFileSync(EXCEPTIONS, 'utf8'));
  const stale = exceptionProblems(exceptions, today);
  const report = await ask();
  const judged = judgeAudit(report, exceptions, today);
  for (const problem of [...stale, ...(judged?.problems ?? [])]) console.error(problem);
  if (judged === undefined) {
    const why = String(report.message ?? report.error?.summary ?? 'no report').split('\n')[0];
    console.log(
      `NOT CHECKED: the registry could not be asked about vulnerabilities (${why}). Do it before a release: npm run check:dependencies -- --required`,
    );
    return isRequired || stale.length > 0 ? 1 : 0;
  }
  if (judged.problems.length > 0) {
    console.error(
      `${judged.problems.length} high or critical in what Felinar runs with: update, or except it with a reason in ${EXCEPTIONS}.`,
    );
    return 1;
  }
  console.log(
    `Dependencies: nothing high or critical (${judged.known} advisories in all, ${judged.excepted} excepted).`,
  );
  return stale.length > 0 ? 1 : 0;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  process.exitCode = await main(process.argv.includes('--required'));
