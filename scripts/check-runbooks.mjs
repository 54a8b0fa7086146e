/** Every alert has a heading in the runbook that it links to, and every heading an alert. Run by `npm run check:generated`. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const RUNBOOKS = 'dashboards/runbooks';
const ALERTS = 'dashboards/alerts';

/** What is wrong, a line each; empty when nothing is. */
export function runbookProblems(root = ROOT) {
  const filesIn = (folder, ending) => readdirSync(join(root, folder)).filter((file) => file.endsWith(ending));
  const rules = filesIn(ALERTS, '.yaml').flatMap((file) =>
    parse(readFileSync(join(root, ALERTS, file), 'utf8')).groups.flatMap((group) => group.rules),
  );
  const headings = new Map(
    filesIn(RUNBOOKS, '.md').flatMap((file) =>
      [...readFileSync(join(root, RUNBOOKS, file), 'utf8').matchAll(/^## (\S+)$/gm)].map(([, heading]) => [
        `${RUNBOOKS}/${file}#${heading.toLowerCase()}`,
        heading,
      ]),
    ),
  );
  const missing = rules
    .filter(({ alert, annotations }) => headings.get(annotations?.runbook_url) !== alert)
    .map(
      ({ alert, annotations }) =>
        `${alert}: its runbook_url (${annotations?.runbook_url ?? 'none'}) is no heading "## ${alert}" of a file in ${RUNBOOKS}`,
    );
  const alerts = new Set(rules.map(({ alert }) => alert));
  const idle = [...headings]
    .filter(([, heading]) => !alerts.has(heading))
    .map(([at]) => `${at}: there is no such alert in ${ALERTS}`);
  return [...missing, ...idle];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const problems = runbookProblems();
  if (problems.length > 0) {
    console.error(problems.join('\n'));
    process.exit(1);
  }
  console.log('Every alert has its runbook.');
}
