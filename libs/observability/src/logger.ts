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
        // What comes and goes when people sign in through a provider.
        ...['req.url', 'req.query.code', 'req.query.state', 'res.headers.location', 'res.headers["set-cookie"]'],
      ],
      censor: (value, path) => (/^(url|location)$/.test(path.at(-1) ?? '') ? withoutSecrets(value) : '[secret]'),
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

/** A URL without codes and what they are asked for with. */
function withoutSecrets(url: unknown): unknown {
  if (typeof url !== 'string') return url;
  return url.replace(/([?&#](?:code|state|nonce|felinarCode|code_challenge|codeChallenge)=)[^&#]*/g, '$1[secret]');
}

/** The logger of a process. */
export function createLogger(settings: LoggerSettings): Logger {
  return pino(loggerOptions(settings));
}
