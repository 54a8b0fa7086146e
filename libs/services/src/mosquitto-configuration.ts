/** Lines that hold unless the caller sets the same option itself. */
const defaultLines = [
  'max_queued_messages 0', // no limit: a consumer that is away must lose nothing
  'max_inflight_messages 2000',
  'connection_messages false',
];

export interface MosquittoConfiguration {
  host: string;
  port: number;
  /** Where retained messages and sessions are kept; undefined keeps them in memory only. */
  persistenceDirectory: string | undefined;
  lines: readonly string[];
}

/** The text of a mosquitto.conf. The caller's lines come last; one that sets an option replaces our default for it. */
export function mosquittoConfiguration(configuration: MosquittoConfiguration): string {
  const set = new Set(configuration.lines.map(optionName));
  const ours = [
    ...(set.has('allow_anonymous') ? [] : ['allow_anonymous true']),
    ...defaultLines.filter((line) => !set.has(optionName(line))),
  ];
  const { persistenceDirectory } = configuration;
  return [
    '# Written by Felinar at every start.',
    `listener ${configuration.port} ${configuration.host}`,
    'log_dest stderr',
    `persistence ${persistenceDirectory !== undefined}`,
    ...(persistenceDirectory === undefined ? [] : [`persistence_location ${persistenceDirectory}/`]),
    ...ours,
    ...configuration.lines,
    '',
  ].join('\n');
}

function optionName(line: string): string {
  return line.trim().split(/\s/, 1)[0] ?? '';
}

/** The version in what `mosquitto -h` printed. */
export function mosquittoVersion(help: string): { major: number; text: string } | undefined {
  const match = /mosquitto version (\d+)(\.[\d.]+)/.exec(help);
  return match?.[1] && match[2] ? { major: Number(match[1]), text: match[1] + match[2] } : undefined;
}
