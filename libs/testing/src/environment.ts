/** What the test runner hands to the tests, through the environment of the Jest processes. */
export const TEST_POSTGRES_URL = 'FELINAR_TEST_POSTGRES_URL';
export const TEST_SERVICES_DIRECTORY = 'FELINAR_TEST_SERVICES_DIRECTORY';

/** A server with TimescaleDB Community, where the runner has one; may be the same server. */
export const TEST_COMMUNITY_URL = 'FELINAR_TEST_COMMUNITY_DATABASE_URL';

/** A variable that the runner sets. Throws when the test was not started through it. */
export function testVariable(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') {
    throw new Error(
      `${name} is not set: run this test with \`npm test\` (or npm run test:integration -- <file>), which starts what it needs`,
    );
  }
  return value;
}
