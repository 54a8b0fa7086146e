/** A service can neither be found nor unpacked here. The message says what to do next. */
export class ServicesUnavailable extends Error {
  override readonly name = 'ServicesUnavailable';
}

/** The ways to a database that always remain. */
export const databaseWaysOut =
  'Ways on: start Docker, so that the TimescaleDB image can be used; or set FELINAR_DATABASE_URL to a PostgreSQL of ' +
  'your own, with or without TimescaleDB.';

/** The ways to an MQTT broker that always remain. */
export const brokerWaysOut =
  'Ways on: install mosquitto (version 2 or later) with your package manager; or start Docker, so that its image can ' +
  'be used; or point Felinar at a broker of your own.';
