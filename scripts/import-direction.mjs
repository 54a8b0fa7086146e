/**
 * Who may import whom: kernel <- pure libs <- adapter libs <- apps. One line an element: the libraries and the packages it may use.
 * `packages: undefined` lets an element use any package. Turned into core `no-restricted-imports` rules for ESLint.
 */
const ELEMENTS = [
  // Pure: no framework, no client, no I/O, no clock.
  { folder: 'libs/kernel', libs: [], packages: [] },
  { folder: 'libs/astronomy', libs: ['kernel'], packages: ['suncalc'] },
  { folder: 'libs/schedules', libs: ['kernel', 'astronomy'], packages: [] },
  { folder: 'libs/commands', libs: ['kernel'], packages: [] },
  { folder: 'libs/energy', libs: ['kernel'], packages: [] },
  { folder: 'libs/faults', libs: ['kernel', 'energy'], packages: [] },
  // HMAC is arithmetic: no I/O comes with it.
  { folder: 'libs/alerts', libs: ['kernel', 'faults'], packages: ['node:crypto'] },
  { folder: 'libs/identity', libs: ['kernel'], packages: ['node:crypto'] },
  { folder: 'libs/protocol', libs: ['kernel'], packages: ['zod'] },
  // Adapters.
  { folder: 'libs/config', libs: ['kernel', 'identity'], packages: ['zod', 'node:fs', 'node:util'] },
  { folder: 'libs/mqtt', libs: ['kernel'], packages: ['mqtt', 'mqtt-packet', 'node:timers/promises'] },
  { folder: 'libs/observability', libs: ['kernel'], packages: undefined },
  {
    folder: 'libs/storage',
    libs: ['kernel', 'energy', 'schedules', 'commands', 'faults', 'alerts', 'identity'],
    packages: undefined,
  },
  { folder: 'libs/platform', libs: ['kernel', 'config', 'observability', 'storage'], packages: undefined },
  { folder: 'libs/services', libs: [], packages: undefined },
  { folder: 'libs/testing', libs: ['kernel', 'storage', 'services', 'platform', 'config'], packages: undefined },
  // Apps meet in the database and on MQTT; standalone composes them.
  { folder: 'apps/api', libs: everyLib(), packages: undefined },
  { folder: 'apps/ingest', libs: everyLib(), packages: undefined },
  { folder: 'apps/control', libs: everyLib(), packages: undefined },
  { folder: 'apps/monitor', libs: everyLib(), packages: undefined },
  {
    folder: 'apps/standalone',
    libs: [...everyLib(), 'services'],
    apps: ['api', 'ingest', 'control', 'monitor'],
    simulators: true,
    packages: undefined,
  },
  { folder: 'simulators', libs: ['kernel', 'protocol', 'astronomy', 'schedules', 'mqtt'], packages: undefined },
  // Queries in SQL and PromQL are all that they have in common with the rest.
  { folder: 'dashboards', libs: [], testApps: ['api', 'control', 'ingest', 'monitor'], packages: ['@grafana/.*'] },
];

function everyLib() {
  return [
    'kernel',
    'astronomy',
    'schedules',
    'commands',
    'energy',
    'faults',
    'alerts',
    'identity',
    'protocol',
    'config',
    'mqtt',
    'observability',
    'storage',
    'platform',
  ];
}

/** Tests and benchmarks may also use these. */
const TEST_LIBS = ['testing', 'services', 'protocol', 'kernel', 'storage', 'energy', 'config'];
const TEST_FILES = (folder) => [`${folder}/**/*spec.ts`, `${folder}/test/**/*.ts`, `${folder}/**/bench/**/*.ts`];
const DYNAMIC = [
  'error',
  {
    selector: 'ImportExpression[source.value=/^(#|\\.\\.\\u002f)/]',
    message: 'Import Felinar code statically: the import direction is checked there.',
  },
];

/** ESLint configuration objects. */
export function importRules() {
  return ELEMENTS.flatMap((element) => {
    const { folder } = element;
    const inTests = {
      ...element,
      libs: [...new Set([...element.libs, ...TEST_LIBS])],
      apps: [...(element.apps ?? []), ...(element.testApps ?? [])],
      simulators: true,
      packages: undefined,
    };
    return [
      {
        files: [`${folder}/**/*.ts`],
        rules: { 'no-restricted-imports': rule(element), 'no-restricted-syntax': DYNAMIC },
      },
      { files: TEST_FILES(folder), rules: { 'no-restricted-imports': rule(inTests, true) } },
    ];
  });
}

function rule({ folder, libs, apps = [], simulators = false, packages }, isTest = false) {
  const patterns = [
    {
      regex: `^#libs/(?!(${libs.join('|') || '-'})$)`,
      message: `${folder} may import ${libs.join(', ') || 'no library'} only (scripts/import-direction.mjs).`,
    },
    {
      regex: `^#apps/(?!(${apps.join('|') || '-'})$)`,
      message: 'Apps are not imported: they meet in the database and on MQTT.',
    },
    {
      // A relative path that leaves its element has to pass through another one's src (a test: its own, as ../src).
      regex: isTest ? '^\\.\\.?/.*[a-z][a-z-]*/src(/|$)' : '^\\.\\.?/(.*/)?src(/|$)',
      message: 'Import other elements by their name: #libs/…',
    },
  ];
  if (!simulators) patterns.push({ regex: '^#simulators$', message: 'Only standalone and tests know the simulators.' });
  if (packages !== undefined) {
    patterns.push({
      regex: `^(?!#|\\.|(${packages.join('|') || '-'})$)`,
      message: `${folder} may use ${packages.join(', ') || 'no package and no node: module'}.`,
    });
  }
  return ['error', { patterns }];
}
