import 'reflect-metadata';
import { runRole } from '#libs/platform';
import { MonitorModule } from './monitor.module.js';

await runRole(MonitorModule);
