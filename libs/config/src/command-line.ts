import { parseArgs, type ParseArgsConfig } from 'node:util';

type Options = NonNullable<ParseArgsConfig['options']>;
type Values<T extends Options> = ReturnType<typeof parseArgs<{ options: T }>>['values'];

/** What the command line says. */
export interface CommandLine<T extends Options> {
  readonly values: Values<T>;
  /** The value of an option as a whole number from `least` on. Another one ends the process, as an unknown option does. */
  whole(name: keyof T & string, least?: number): number;
  /** Ends the process (2) with what is wrong, and the usage. */
  wrong(message: string): never;
}

/**
 * Reads the command line of a tool for developers: benchmarks, measurements, long tests. `--help` shows the usage and ends the process (0);
 * what cannot be read is said together with it, and ends it (2), before anything has been started.
 *
 * @param usage what the tool does and every option, with its default
 */
export function readTool<T extends Options>(usage: string, options: T, argv = process.argv.slice(2)): CommandLine<T> {
  const wrong = (message: string): never => {
    console.error(`${message}\n\n${usage}`);
    process.exit(2);
  };
  if (argv.includes('--help') || argv.includes('-h')) {
    console.log(usage);
    process.exit(0);
  }
  const { values } = attempt(() => parseArgs({ args: argv, options }), wrong);
  return {
    values,
    whole: (name, least = 1) => {
      const text = String((values as Record<string, unknown>)[name] ?? '');
      const value = Number(text);
      if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least) return value;
      return wrong(`--${name} wants a whole number from ${least} on, not "${text}"`);
    },
    wrong,
  };
}

function attempt<T>(read: () => T, wrong: (message: string) => never): T {
  try {
    return read();
  } catch (error) {
    return wrong(error instanceof Error ? error.message : String(error));
  }
}
