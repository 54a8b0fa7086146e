/** Writes every generated file from its source. `npm run check:generated` fails when one of them is not what this writes. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { environmentExample, withConfigurationTable } from '../dist/libs/config/src/index.js';
import { dashboardFiles, dashboardJson } from '../dist/dashboards/src/index.js';
import { asyncApiDocument, mosquittoAcl } from '../dist/libs/protocol/src/index.js';

write('docs/protocol/asyncapi.json', `${JSON.stringify(asyncApiDocument(), null, 2)}\n`);
write('README.md', withConfigurationTable(readFileSync('README.md', 'utf8')));
write('.env.example', environmentExample());
write('deploy/mosquitto/acl', mosquittoAcl());
for (const file of dashboardFiles()) write(`dashboards/json/${file.name}.json`, dashboardJson(file));
const writeOpenApi = 'dist/apps/api/src/write-openapi.js';
if (existsSync(writeOpenApi)) execFileSync(process.execPath, [writeOpenApi], { stdio: 'inherit' });

function write(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  console.log(`wrote ${path}`);
}
