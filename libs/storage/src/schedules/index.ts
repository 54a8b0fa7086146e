export * from './assignment.repository.js';
export * from './calendar.repository.js';
export * from './control-program.repository.js';
export * from './lamp-schedule.repository.js';
export * from './schedule-change.repository.js';
export type { Author, ScheduleAction, ScheduleKind } from './schedule-history.js';
