import { expect, it } from '@jest/globals';
import { effectiveMinimum } from '#libs/schedules';
import { createPool, readScheduledLamps } from '#libs/storage';
import { testDatabase } from '#libs/testing';

it('the level that a lamp must not go below is the same in SQL and in the rule', async () => {
  const database = await testDatabase();
  const pool = createPool(database.url, 1);
  const levels = { M2: 80, M5: 5 };
  await pool.query(
    `INSERT INTO site (id, address, name, time_zone, latitude, longitude, minimum_levels) VALUES (1, 'S', 'S', 'UTC', 47, 26, $1)`,
    [levels],
  );
  await pool.query(`
    INSERT INTO lamp_type (code, name, technology, rated_power_w, standby_power_w, dimmable, min_level_percent)
      VALUES ('D', 'D', 'LED', 50, 0.5, true, 10), ('N', 'N', 'HPS', 70, 0, false, 0);
    INSERT INTO lamp (site_id, address, device, lamp_type_id, latitude, longitude, road_class)
      SELECT 1, lamp_type.code || coalesce(road_class, ''), 'x', lamp_type.id, 47, 26, road_class
      FROM lamp_type CROSS JOIN (VALUES ('M2'), ('M5'), ('P1'), (NULL)) AS roads (road_class)`);
  const stored = Object.fromEntries(
    (await readScheduledLamps(pool, 1)).map(({ lamp, floorPercent }) => [lamp, floorPercent]),
  );
  const types = [
    { code: 'D', dimmable: true, minLevelPercent: 10 },
    { code: 'N', dimmable: false, minLevelPercent: 0 },
  ];
  const expected = Object.fromEntries(
    types.flatMap((lampType) =>
      ['M2', 'M5', 'P1', null].map((roadClass) => [
        `${lampType.code}${roadClass ?? ''}`,
        effectiveMinimum({ minimumLevelPercent: 0 }, { lampType, roadClass, minimumLevelPercentByRoadClass: levels })
          .levelPercent,
      ]),
    ),
  );
  expect(stored).toEqual(expected);
  await pool.end();
  await database.drop();
});
