import { configSchema, type Environment } from './config.schema.js';

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
 * empty ones count as absent. Throws ConfigError with every problem. FELINAR_TEST_* belong to the test set-up and are passed over.
 */
export function loadConfig(environment: Readonly<Record<string, string | undefined>>): Environment {
  const own = Object.fromEntries(
    Object.entries(environment).filter(
      ([name, value]) =>
        name.startsWith('FELINAR_') && !name.startsWith('FELINAR_TEST_') && value !== undefined && value !== '',
    ),
  );
  const parsed = configSchema.safeParse(own);
  if (parsed.success) return parsed.data;
  throw new ConfigError(
    parsed.error.issues.map((issue) => {
      if (issue.code === 'unrecognized_keys') {
        return `${issue.keys.join(', ')}: no such setting; check the spelling`;
      }
      const name = issue.path.join('.');
      return own[name] === undefined && issue.code !== 'custom'
        ? `${name}: is not set, and has no default`
        : `${name}: ${issue.message}`;
    }),
  );
}
