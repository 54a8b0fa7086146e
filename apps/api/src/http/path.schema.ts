import { addressField } from './fields.schema.js';

export const sitePath = addressField('Address of the site', 'BT');
export const lampPath = addressField('Address of the lamp', 'BT-0001');
export const cabinetPath = addressField('Address of the cabinet', 'CAB-01');
export const groupPath = addressField('Address of the group', 'CENTRE');
export const lampTypePath = addressField('Code of the lamp type', 'LED-57');
export const programPath = addressField('Address of the control program', 'EVENING');
export const calendarPath = addressField('Address of the calendar', 'STREETS');
