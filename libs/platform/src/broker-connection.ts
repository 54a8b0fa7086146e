import type { Environment } from '#libs/config';

/** How the configuration says that the broker is reached; for libs/mqtt. */
export function brokerConnection(config: Environment) {
  return {
    url: config.FELINAR_MQTT_URL,
    username: config.FELINAR_MQTT_USERNAME,
    password: config.FELINAR_MQTT_PASSWORD,
    ca: config.FELINAR_MQTT_CA,
    protocolVersion: config.FELINAR_MQTT_PROTOCOL,
  };
}
