import { CAPABILITIES, GROUP_CAPABILITIES, type Capability } from './capability.js';

/** Roles are no ladder: each has what one kind of work needs, and a person may have several. */
export const ROLES = {
  viewer: ['lighting.read'],
  operator: ['lighting.read', 'commands.send', 'faults.work'],
  maintainer: ['lighting.read', 'faults.work'],
  engineer: ['lighting.read', 'inventory.write', 'programs.write', 'commands.send', 'faults.work'],
  integrator: ['lighting.read', 'inventory.write', 'devices.credentials', 'messages.read'],
  auditor: ['lighting.read', 'audit.read'],
  administrator: Object.keys(CAPABILITIES) as Capability[],
} as const satisfies Record<string, readonly Capability[]>;

export type Role = keyof typeof ROLES;
export const ROLE_NAMES = Object.keys(ROLES) as Role[];

/** Whether a text is the name of a role. */
export function isRole(text: string): text is Role {
  return Object.hasOwn(ROLES, text);
}

export function roleGives(role: Role, capability: Capability): boolean {
  return (ROLES[role] as readonly Capability[]).includes(capability);
}

/** Whether a role may be granted for a group alone: all that it gives can be done through the lamps of the group. */
export function fitsGroup(role: Role): boolean {
  return ROLES[role].every((capability) => GROUP_CAPABILITIES.has(capability));
}
