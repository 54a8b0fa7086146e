import { sumUpNights, type Pool } from '#libs/storage';
import { generateCity, type City } from '#simulators';

/** How much of a city's past is made. */
export interface CityPast {
  readonly lamps: number;
  /** Days of hourly energy of every lamp. */
  readonly energyDays: number;
  /** Hours of readings, a quarter of an hour apart. */
  readonly readingHours: number;
  /** Days of samples of the light, a quarter of an hour apart. */
  readonly sampleDays: number;
}

/** A simulated city and its past, up to now: rows such as its controllers and Felinar's processes would have written. */
export async function fillCity(pool: Pool, past: CityPast): Promise<City> {
  const city = generateCity({ seed: 7, lamps: past.lamps });
  await insertInventory(pool, city);
  await insertReadings(pool, past.readingHours);
  await pool.query(ENERGY, [past.energyDays]);
  await pool.query(COARSER_ENERGY);
  await pool.query(SAMPLES, [past.sampleDays]);
  await pool.query(FAULTS);
  await pool.query(COMMANDS);
  await pool.query(
    `INSERT INTO rejection_count VALUES (current_date, 'notJson', 3), (current_date - 1, 'unknownLamp', 40)`,
  );
  await insertNights(pool, Math.min(past.energyDays, 30));
  await pool.query('ANALYZE');
  return city;
}

async function insertInventory(pool: Pool, { site, lampTypes, cabinets, lamps }: City): Promise<void> {
  await pool.query(
    `INSERT INTO site (id, address, name, time_zone, latitude, longitude, co2_g_per_kwh) VALUES (1, $1, $2, $3, $4, $5, 260)`,
    [site.address, site.name, site.timeZone, site.latitude, site.longitude],
  );
  await pool.query(PROGRAM);
  await pool.query(
    `INSERT INTO lamp_type (code, name, technology, rated_power_w, standby_power_w, dimmable, min_level_percent, rated_life_h)
     SELECT code, name, 'LED', rated, standby, true, 10, 100000 FROM unnest($1::text[], $2::text[], $3::float8[], $4::float8[]) AS t (code, name, rated, standby)`,
    [
      lampTypes.map(({ code }) => code),
      lampTypes.map(({ name }) => name),
      lampTypes.map(({ ratedPowerW }) => ratedPowerW),
      lampTypes.map(({ standbyPowerW }) => standbyPowerW),
    ],
  );
  await pool.query(
    `INSERT INTO cabinet (site_id, address, name, latitude, longitude)
     SELECT 1, c.* FROM unnest($1::text[], $2::text[], $3::float8[], $4::float8[]) AS c`,
    [
      cabinets.map(({ address }) => address),
      cabinets.map(({ name }) => name),
      cabinets.map(({ latitude }) => latitude),
      cabinets.map(({ longitude }) => longitude),
    ],
  );
  await pool.query(
    `INSERT INTO lamp (site_id, address, device, lamp_type_id, cabinet_id, circuit, latitude, longitude, street, pole, road_class)
     SELECT 1, l.address, l.device, lamp_type.id, cabinet.id, l.circuit, l.latitude, l.longitude, l.street, l.pole, l.road_class
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::float8[], $7::float8[], $8::text[], $9::text[], $10::text[])
       WITH ORDINALITY AS l (address, device, lamp_type, cabinet, circuit, latitude, longitude, street, pole, road_class, place)
     JOIN lamp_type ON lamp_type.code = l.lamp_type JOIN cabinet ON cabinet.address = l.cabinet ORDER BY l.place`,
    (
      [
        'address',
        'device',
        'lampType',
        'cabinet',
        'circuit',
        'latitude',
        'longitude',
        'street',
        'pole',
        'roadClass',
      ] as const
    ).map((key) => lamps.map((lamp) => lamp[key])),
  );
  const pairs = lamps.flatMap(({ address, groups }) => groups.map((group) => [address, group] as const));
  await pool.query(
    `INSERT INTO lamp_group (site_id, address, name) SELECT DISTINCT 1, g, g FROM unnest($1::text[]) AS g`,
    [pairs.map(([, group]) => group)],
  );
  await pool.query(
    `INSERT INTO lamp_group_member (group_id, lamp_id)
     SELECT lamp_group.id, lamp.id FROM unnest($1::text[], $2::text[]) AS pair (lamp, grouped)
     JOIN lamp ON lamp.address = pair.lamp JOIN lamp_group ON lamp_group.address = pair.grouped`,
    [pairs.map(([lamp]) => lamp), pairs.map(([, group]) => group)],
  );
  await pool.query(
    `INSERT INTO device (site_id, address, online, status_at, reporting_interval_s) SELECT DISTINCT 1, device, true, now(), 900 FROM lamp`,
  );
}

/** Lit from four in the afternoon to six in the morning, UTC, at 60 % after ten: near enough to a winter's night. */
const LEVEL = `CASE WHEN extract(hour FROM at) BETWEEN 6 AND 15 THEN 0 WHEN extract(hour FROM at) BETWEEN 16 AND 21 THEN 100 ELSE 60 END`;

async function insertReadings(pool: Pool, hours: number): Promise<void> {
  await pool.query(
    `INSERT INTO telemetry (lamp_id, time, received_at, light_level_percent, active_power_w, supply_voltage_v, supply_current_a, power_factor,
       active_energy_wh, operating_hours, switch_on_count, temperature_c)
     SELECT lamp.id, at, at, level, power, 230, power / 218, 0.95, 1e6 + rated_power_w * extract(epoch FROM at - (now() - make_interval(hours => $1::int))) / 3600,
       20000, 3000, 25
     FROM lamp JOIN lamp_type ON lamp_type.id = lamp.lamp_type_id
     CROSS JOIN generate_series(now() - make_interval(hours => $1::int), now() - interval '1 minute', interval '15 minutes') AS at
     CROSS JOIN LATERAL (SELECT ${LEVEL} AS level) AS l
     CROSS JOIN LATERAL (SELECT standby_power_w + (rated_power_w - standby_power_w) * level / 100.0 AS power) AS p`,
    [hours],
  );
  await pool.query(
    `INSERT INTO lamp_state (lamp_id, time, received_at, light_level_percent, active_power_w, supply_voltage_v, supply_current_a, power_factor,
       active_energy_wh, operating_hours, switch_on_count, temperature_c)
     SELECT DISTINCT ON (lamp_id) lamp_id, time, received_at, light_level_percent, active_power_w, supply_voltage_v, supply_current_a, power_factor,
       active_energy_wh, operating_hours, switch_on_count, temperature_c
     FROM telemetry WHERE time > now() - interval '1 hour' ORDER BY lamp_id, time DESC`,
  );
  await pool.query(`INSERT INTO lamp_register SELECT lamp_id, time, active_energy_wh FROM lamp_state`);
  await pool.query(
    `UPDATE energy_booking SET booked_until = now() - interval '10 minutes', fence = now() - interval '10 minutes'`,
  );
}

const PROGRAM = `
  INSERT INTO control_program (id, site_id, address, name, definition) VALUES (1, 1, 'FULL', 'Full', '${JSON.stringify({
    activePeriods: [
      { from: { anchor: { kind: 'sunset' }, offsetMinutes: 0 }, to: { anchor: { kind: 'sunrise' }, offsetMinutes: 0 } },
    ],
    switchPoints: [],
    minimumLevelPercent: 0,
  })}');
  INSERT INTO calendar (id, site_id, address, name, rules, default_program) VALUES (1, 1, 'CAL', 'Calendar', '[]', 'FULL');
  INSERT INTO calendar_program VALUES (1, 1);
  INSERT INTO calendar_assignment (site_id, target_kind, calendar_id) VALUES (1, 'site', 1);
  INSERT INTO tariff (site_id, name, valid_from, currency, base_price_per_kwh, bands) VALUES (1, 'Tariff', '2020-01-01', 'RON', 1.1,
    '[{"name": "night", "weekdays": [1, 2, 3, 4, 5, 6, 7], "from": "22:00", "to": "06:00", "pricePerKwh": 0.7}]');`;

const ENERGY = `
  INSERT INTO lamp_energy_hourly (lamp_id, hour, energy_wh)
  SELECT lamp.id, at, (standby_power_w + (rated_power_w - standby_power_w) * level / 100.0) * (0.95 + 0.1 * ((lamp.id * 7919) % 100) / 100.0)
  FROM generate_series(date_trunc('hour', now()) - make_interval(days => $1::int), date_trunc('hour', now()) - interval '1 hour', interval '1 hour') AS at
  CROSS JOIN LATERAL (SELECT ${LEVEL} AS level) AS l
  CROSS JOIN lamp JOIN lamp_type ON lamp_type.id = lamp.lamp_type_id`;

/** As booking does it beside the hours of each lamp. */
const COARSER_ENERGY = `
  INSERT INTO lamp_energy_daily (lamp_id, day, energy_wh)
    SELECT booked.lamp_id, (booked.hour AT TIME ZONE rule.time_zone)::date, sum(booked.energy_wh)
    FROM lamp_energy_hourly AS booked JOIN lamp_energy_rule AS rule ON rule.lamp_id = booked.lamp_id GROUP BY 1, 2;
  INSERT INTO site_energy_hourly (site_id, hour, energy_wh)
    SELECT rule.site_id, booked.hour, sum(booked.energy_wh)
    FROM lamp_energy_hourly AS booked JOIN lamp_energy_rule AS rule ON rule.lamp_id = booked.lamp_id GROUP BY 1, 2`;

/** Samples before the newest: the reporter makes that. */
const SAMPLES = `
  WITH segment AS (
    INSERT INTO lamp_segment (site_id, cabinet_id, lamp_type_id, group_ids)
    SELECT DISTINCT site_id, cabinet_id, lamp_type_id, group_ids FROM lamp_segment_key RETURNING *
  ), sized AS (
    SELECT segment.id, count(*)::int AS lamps, sum(rated_power_w) AS rated_w
    FROM segment JOIN lamp_segment_key AS key USING (site_id, cabinet_id, lamp_type_id, group_ids) JOIN lamp_type ON lamp_type.id = key.lamp_type_id
    GROUP BY segment.id
  )
  INSERT INTO lighting_sample
  SELECT at, id, lamps, lamps, CASE WHEN level > 0 THEN lamps ELSE 0 END, 0, lamps, lamps * level, lamps * level, rated_w * level / 100.0,
    rated_w * level / 100.0, rated_w * level / 100.0
  FROM generate_series(date_bin('15 minutes', now(), '2020-01-01Z') - make_interval(days => $1::int),
    date_bin('15 minutes', now(), '2020-01-01Z') - interval '15 minutes', interval '15 minutes') AS at
  CROSS JOIN LATERAL (SELECT ${LEVEL} AS level) AS l CROSS JOIN sized`;

/** A lamp of every fifty has failed some time in the last month; of these every third is still open, the newest tell a crew. */
const FAULTS = `
  INSERT INTO fault (site_id, kind, severity, priority, subject_kind, subject, lamp_id, phase, state, evidence, seen_at, opened_at, cleared_at, closed_at)
  SELECT 1, kinds.kind, kinds.severity, 100, 'lamp', 'lamp:' || id, id, CASE WHEN id % 3 = 0 THEN 'open' ELSE 'closed' END, '{}', 'no power at 100 %',
    now() - make_interval(hours => id % 700 + 1), now() - make_interval(hours => id % 700 + 1),
    CASE WHEN id % 3 <> 0 THEN now() - make_interval(hours => id % 700) END, CASE WHEN id % 3 <> 0 THEN now() - make_interval(hours => id % 700) END
  FROM lamp CROSS JOIN LATERAL (SELECT (ARRAY['lampFailure', 'lampPowerTooLow', 'lampFailure', 'highTemperature'])[id / 50 % 4 + 1] AS kind,
    (ARRAY['major', 'minor', 'major', 'major'])[id / 50 % 4 + 1] AS severity) AS kinds
  WHERE id % 50 = 0 OR id = 3;
  INSERT INTO fault (site_id, kind, severity, priority, subject_kind, subject, cabinet_id, phase, state, evidence, lamp_count, seen_at, opened_at)
    VALUES (1, 'cabinetOutage', 'critical', 500, 'cabinet', 'cabinet:1', 1, 'open', '{}', 'all silent', 40, now(), now() - interval '3 hours');
  INSERT INTO fault (site_id, kind, severity, priority, subject_kind, subject, device, phase, state, evidence, seen_at, opened_at)
    SELECT 1, 'clockDrift', 'minor', 10, 'device', 'device:' || device, device, 'open', '{}', '90 s slow', now(), now() - interval '9 days' FROM lamp WHERE id = 5;
  INSERT INTO fault_history (fault_id, at, event) SELECT id, opened_at, 'opened' FROM fault;
  INSERT INTO fault_history (fault_id, at, event) SELECT id, cleared_at, 'cleared' FROM fault WHERE cleared_at IS NOT NULL;
  INSERT INTO crew (id, site_id, address, name) VALUES (1, 1, 'north', 'North');
  INSERT INTO crew_channel (site_id, crew_id, kind, target, minimum_severity, events, area_kind, created_at, updated_at)
    VALUES (1, 1, 'email', 'north@example.org', 'minor', '["opened"]', 'site', now(), now());
  INSERT INTO alert (site_id, fault_id, event, created_at, routed_at) SELECT 1, id, 'opened', opened_at, opened_at FROM fault;
  INSERT INTO delivery (site_id, channel_id, kind, alert_id, fault_id, state, created_at, due_at, give_up_at, attempts, finished_at, problem)
    SELECT 1, channel.id, 'alert', alert.id, alert.fault_id, CASE WHEN alert.id % 9 = 1 THEN 'dead' ELSE 'delivered' END, alert.created_at,
      alert.created_at, alert.created_at + interval '1 day', 1, alert.created_at + interval '20 seconds', CASE WHEN alert.id % 9 = 1 THEN 'mailbox unknown' END
    FROM alert, crew_channel AS channel`;

const COMMANDS = `
  INSERT INTO command_batch (id, site_id, kind, created_at, created_by) VALUES ('00000000-0000-4000-8000-000000000001', 1, 'reapply', now() - interval '2 hours', 'Maria');
  INSERT INTO lamp_command (batch_id, site_id, lamp_id, device, part, level_percent, fade_s, expires_at, state, attempts, due_at, created_at, sent_at, acknowledged_at, finished_at)
    SELECT '00000000-0000-4000-8000-000000000001', 1, id, device, 0, 80, 1, now() + interval '1 hour', 'confirmed', 1, now(), now() - interval '2 hours',
      now() - interval '119 minutes', now() - interval '118 minutes', now() - interval '110 minutes' FROM lamp WHERE id <= 100`;

/** Nights as they were measured; their sun is near enough, until the reporter works it out. */
async function insertNights(pool: Pool, nights: number): Promise<void> {
  await pool.query(LAMP_NIGHTS, [nights]);
  await pool.query(
    `INSERT INTO site_night (site_id, night, starts_at, ends_at, sunset, sunrise, dark_h)
     SELECT DISTINCT 1, night, night + interval '10 hours', night + interval '34 hours', night + interval '15 hours', night + interval '29 hours', 14 FROM lamp_night`,
  );
  await sumUpNights(pool, 1, '2000-01-01', '2000-01-01');
}

const LAMP_NIGHTS = `
  INSERT INTO lamp_night (night, lamp_id, lit_from, lit_until, hours_first, hours_last, energy_first_wh, energy_last_wh)
  SELECT night::date, lamp.id, night + make_interval(hours => 16, secs => lamp.id % 1200), night + make_interval(hours => 30, secs => -(lamp.id % 900)), 20000, 20000 + 13.5 + lamp.id % 10 / 10.0,
    1e6, 1e6 + 400 + lamp.id % 100
  FROM generate_series(date_trunc('day', now()) - make_interval(days => $1::int), date_trunc('day', now()) - interval '1 day', interval '1 day') AS night, lamp
  ORDER BY night, lamp.id`;
