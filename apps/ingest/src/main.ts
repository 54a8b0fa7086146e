import 'reflect-metadata';
import { runRole } from '#libs/platform';
import { IngestModule } from './ingest.module.js';

await runRole(IngestModule);
