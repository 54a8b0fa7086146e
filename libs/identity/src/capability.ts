/** What can be allowed, and what it lets its holder do. */
export const CAPABILITIES = {
  'lighting.read': 'See the lamps: inventory, levels, readings, energy, programs, commands, faults, reports',
  'inventory.write': 'Change sites, cabinets, lamps, groups, tariffs; with all sites, lamp types and new sites too',
  'programs.write': 'Change control programs, calendars and what they are assigned to',
  'commands.send': 'Override light levels, and take overrides back',
  'faults.work': 'Acknowledge, assign, comment and resolve faults',
  'crews.manage': 'Change crews; see and change where they are told, and what has reached them',
  'devices.credentials': 'Give devices their passwords at the broker, renew and revoke them',
  'messages.read': 'See messages of devices that were rejected; of all sites only',
  'users.manage': 'Manage users, their roles and everybody’s keys; of all sites only',
  'audit.read': 'See who changed what',
} as const;

export type Capability = keyof typeof CAPABILITIES;

/** What a grant for a group gives: the only work that can be done through some lamps of a site. */
export const GROUP_CAPABILITIES: ReadonlySet<Capability> = new Set(['lighting.read', 'commands.send', 'faults.work']);
