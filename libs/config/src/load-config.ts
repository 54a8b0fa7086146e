import { readFileSync } from 'node:fs';
import { configSchema, FILE_SETTINGS, type Environment } from './config.schema.js';

/** What is wrong with the configuration: all of it at once, each line with what to do. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `The configuration has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:\n` +
        problems.map((line) => `  - ${line}`).join('\n') +
        '\nMend the environment variables (README.md lists them all) and start again.',
    );
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/**
 * Reads the FELINAR_* variables of `environment`. Unknown ones are an error (a misspelt name would be silently without effect),
 * empty ones count as absent. Secrets may stand in files: NAME_FILE has the path. Throws ConfigError with every problem.
 * FELINAR_TEST_* belong to the test set-up and are passed over.
 */
export function loadConfig(environment: Readonly<Record<string, string | undefined>>): Environment {
  const given = Object.fromEntries(
    Object.entries(environment).filter(
      ([name, value]) =>
        name.startsWith('FELINAR_') && !name.startsWith('FELINAR_TEST_') && value !== undefined && value !== '',
    ),
  );
  const { own, problems } = withFiles(given);
  const parsed = configSchema.safeParse(own);
  if (!parsed.success) problems.push(...problemsOf(parsed.error.issues, own, problems));
  const config = parsed.data;
  if (config?.FELINAR_INGEST_SHARE !== undefined && config.FELINAR_MQTT_PROTOCOL !== 5)
    problems.push('FELINAR_INGEST_SHARE: shared subscriptions need MQTT 5; leave FELINAR_MQTT_PROTOCOL at 5');
  if (config === undefined || problems.length > 0) throw new ConfigError(problems);
  return { ...config, FELINAR_DATABASE_URL: withPassword(config) };
}

type Texts = Record<string, string | undefined>;

/** Takes what stands in files; the trailing line break of an editor is not part of a secret. */
function withFiles(given: Texts): { own: Texts; problems: string[] } {
  const own = { ...given };
  const problems: string[] = [];
  for (const name of FILE_SETTINGS) {
    const variable = `${name}_FILE`;
    const path = given[variable];
    if (path === undefined) continue;
    delete own[variable];
    if (given[name] !== undefined) problems.push(`${variable}: ${name} is set too; leave one of them away`);
    else {
      try {
        own[name] = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
        if (own[name] === '') problems.push(`${variable}: ${path} is empty`);
      } catch (error) {
        problems.push(`${variable}: ${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`);
      }
    }
  }
  return { own, problems };
}

function problemsOf(issues: readonly Issue[], own: Texts, known: readonly string[]): string[] {
  return issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') return [`${issue.keys.join(', ')}: no such setting; check the spelling`];
    const name = issue.path.join('.');
    if (known.some((line) => line.startsWith(`${name}_FILE:`))) return [];
    return [
      own[name] === undefined && issue.code !== 'custom'
        ? `${name}: is not set, and has no default`
        : `${name}: ${issue.message}`,
    ];
  });
}

type Issue = NonNullable<ReturnType<typeof configSchema.safeParse>['error']>['issues'][number];

function withPassword({ FELINAR_DATABASE_URL: text, FELINAR_DATABASE_PASSWORD: password }: Environment): string {
  if (password === undefined) return text;
  const url = new URL(text);
  url.password = encodeURIComponent(password);
  return url.href;
}
