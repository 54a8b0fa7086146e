import 'reflect-metadata';
import { runRole } from '#libs/platform';
import { ControlModule } from './control.module.js';

await runRole(ControlModule);
