import { loggedUrl } from './logged-url.js';
import { pino, type Logger, type LoggerOptions } from 'pino';

export type { Logger };

/** How the process logs: JSON lines on standard output, or lines for people. */
export interface LoggerSettings {
  readonly level: string;
  readonly pretty: boolean;
}

/** pino's options. Secrets that could stand in a logged object are struck out. */
export function loggerOptions(settings: LoggerSettings): LoggerOptions {
  return {
    level: settings.level,
    base: undefined,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    redact: {
      paths: [
        ...['password', '*.password', 'req.headers.authorization', 'req.headers.cookie'],
        ...['req.headers["x-api-key"]', 'req.headers["proxy-authorization"]', 'req.headers["felinar-confirmation"]'],
        ...['res.headers.location', 'res.headers["set-cookie"]'],
      ],
      censor: (value, path) =>
        path.at(-1) === 'location' && typeof value === 'string' ? loggedUrl(value) : '[secret]',
    },
    ...(settings.pretty
      ? {
          transport: {
            target: 'pino-pretty',
            options: { translateTime: 'HH:MM:ss', singleLine: true, ignore: 'req,res' },
          },
        }
      : {}),
  };
}

/** The logger of a process. */
export function createLogger(settings: LoggerSettings): Logger {
  return pino(loggerOptions(settings));
}
