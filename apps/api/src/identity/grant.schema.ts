import { fitsGroup, ROLE_NAMES, type Grant } from '#libs/identity';
import { z } from 'zod';
import { addressField, textField } from '../http/fields.schema.js';

const MAX_GRANTS = 200;

const role = z.enum(ROLE_NAMES, `must be one of ${ROLE_NAMES.join(', ')}`).meta({
  description: 'What may be done; docs/security/access.md has the table',
  examples: ['operator'],
});

const grantInput = z
  .strictObject({
    role,
    site: addressField('Address of the site; null or absent: all sites, also those to come', 'BT')
      .nullable()
      .default(null),
    group: addressField('Address of a group of the site; null or absent: the whole site', 'CENTRE')
      .nullable()
      .default(null),
  })
  .superRefine((grant, context) => {
    const problem = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (grant.group === null) return;
    if (grant.site === null) problem('site', 'must be given: a group is one of a site');
    if (!fitsGroup(grant.role))
      problem('role', `cannot be given for a group, only for a site: ${ROLE_NAMES.filter(fitsGroup).join(', ')} can`);
  })
  .meta({ id: 'Grant', description: 'A role in a place', examples: [{ role: 'operator', site: 'BT', group: null }] });

export const grantsInput = z
  .array(grantInput)
  .max(MAX_GRANTS, `must be ${MAX_GRANTS} at the most`)
  .refine((grants) => new Set(grants.map(keyOf)).size === grants.length, 'must not name a grant twice')
  .meta({ description: 'Roles in places. They add up; replaced as a whole' });

export const grantView = z
  .strictObject({
    role: z.string().meta({ description: 'What may be done', examples: ['operator'] }),
    site: z
      .string()
      .nullable()
      .meta({ description: 'Null: all sites', examples: ['BT'] }),
    group: z
      .string()
      .nullable()
      .meta({ description: 'Null: the whole site', examples: [null] }),
  })
  .meta({ id: 'GrantView', description: 'A role in a place' });

function keyOf({ role, site, group }: Grant): string {
  return JSON.stringify([role, site, group]);
}

/** For signing in; in small letters whatever is typed. */
export const usernameInput = textField(64, 'User name', 'maria.ionescu').transform((text) => text.toLowerCase());

export const usernamePath = z
  .string()
  .max(64)
  .transform((text) => text.toLowerCase())
  .meta({ description: 'User name', examples: ['maria.ionescu'], jsonSchema: { type: 'string' } });
