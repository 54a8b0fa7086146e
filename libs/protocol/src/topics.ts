import { isAddress } from '#libs/kernel';

/** Version of the MQTT contract: a level of every topic. A change that breaks a device gets a new one. */
export const CONTRACT_VERSION = 'v1';
const PREFIX = `felinar/${CONTRACT_VERSION}`;

/** Channels a device publishes on. */
export const UP_CHANNELS = ['telemetry', 'event', 'status', 'ack', 'program-state'] as const;
/** Channels a device listens to. */
export const DOWN_CHANNELS = ['command', 'program', 'config'] as const;
export type UpChannel = (typeof UP_CHANNELS)[number];
export type DownChannel = (typeof DOWN_CHANNELS)[number];
export type Channel = UpChannel | DownChannel;

const CHANNELS: ReadonlySet<string> = new Set([...UP_CHANNELS, ...DOWN_CHANNELS]);

/** A topic taken apart: `felinar/v1/{site}/{device}/{channel}`. */
export interface TopicAddress {
  readonly site: string;
  readonly device: string;
  readonly channel: Channel;
}

/** The topic of one device's channel. Throws RangeError when an address has characters that a topic cannot hold. */
export function topicOf(site: string, device: string, channel: Channel): string {
  if (!isAddress(site) || !isAddress(device)) {
    throw new RangeError(`"${site}" and "${device}" must be addresses: letters, digits and . _ ~ - only`);
  }
  return `${PREFIX}/${site}/${device}/${channel}`;
}

/** The filter that matches a channel of every device, of one site or of all. */
export function topicFilter(channel: Channel, site = '+'): string {
  return `${PREFIX}/${site}/+/${channel}`;
}

/** The filter by which the members of a group divide the messages among them, each going to one (MQTT 5, section 4.8.2). */
export function sharedFilter(group: string, filter: string): string {
  return `$share/${group}/${filter}`;
}

/** Takes a topic apart; undefined when it is not one of this contract. Never throws. */
export function parseTopic(topic: string): TopicAddress | undefined {
  const [name, version, site, device, channel, ...rest] = topic.split('/');
  if (name !== 'felinar' || version !== CONTRACT_VERSION || rest.length > 0) return undefined;
  if (site === undefined || device === undefined || channel === undefined) return undefined;
  if (!isAddress(site) || !isAddress(device) || !CHANNELS.has(channel)) return undefined;
  return { site, device, channel: channel as Channel };
}
