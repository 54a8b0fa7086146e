/**
 * Tables whose changes are in the audit, with the columns that are struck out there, and those that are not, each with why. A test holds
 * it against the tables and triggers that there are: a new table has to say which it is.
 */
export const AUDITED_TABLES: Readonly<Record<string, readonly string[]>> = {
  ...{ site: [], tariff: [], cabinet: [], lamp_type: [], lamp: [], lamp_group: [], lamp_group_member: [] },
  ...{ control_program: [], calendar: [], calendar_assignment: [], level_override: [] },
  ...{ crew: [], crew_channel: ['secret', 'target'], crew_channel_area: [], fault_history: [] },
  ...{
    device_credential: ['password_hash'],
    app_user: ['password_hash'],
    access_grant: [],
    api_key: ['hash'],
    session: [],
  },
};

const MEASURED = 'what devices say, and what is computed of it';
const MACHINE = 'state of Felinar’s own processes';
const COPY = 'follows from an audited table in the same transaction';

export const NOT_AUDITED_TABLES: Readonly<Record<string, string>> = {
  audit: 'itself; nothing in it can be changed',
  schema_migration: 'changed by upgrades only',
  ...over(
    ['telemetry', 'lamp_state', 'device', 'device_event', 'reported_event', 'ingest_presence', 'lamp_register'],
    MEASURED,
  ),
  ...over(
    ['rejection_count', 'rejected_message', 'lamp_energy_hourly', 'lamp_energy_daily', 'site_energy_hourly'],
    MEASURED,
  ),
  ...over(['telemetry_hourly_kept', 'telemetry_daily_kept', 'lamp_segment', 'segment_energy_hourly'], MEASURED),
  ...over(['segment_energy_daily', 'energy_summary', 'site_night', 'lamp_night', 'lighting_sample'], MEASURED),
  ...over(
    ['energy_booking', 'energy_late', 'tier_bound', 'idempotency_key', 'device_program', 'lamp_watch', 'ingest_peer'],
    MACHINE,
  ),
  ...over(['alert', 'delivery', 'own_secret', 'used_refresh_token', 'sign_in_failure', 'confirmation'], MACHINE),
  ...over(['provider_attempt', 'provider_code'], MACHINE),
  fault: 'found and closed by what is seen; what people do about it is in fault_history',
  used_link: 'what was done by the link is in fault_history',
  ...over(
    ['schedule_change', 'calendar_program', 'level_override_lamp', 'command_batch', 'lamp_command', 'lamp_commanded'],
    COPY,
  ),
};

function over(tables: readonly string[], why: string): Record<string, string> {
  return Object.fromEntries(tables.map((table) => [table, why]));
}
