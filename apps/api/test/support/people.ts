import { expect } from '@jest/globals';
import type { Grant } from '#libs/identity';
import { userWithPassword } from '../../src/identity/user.schema.js';
import { ANONYMOUS, type ApiUnderTest } from './api-under-test.js';

export const PASSWORD = 'a quiet street at night';
export const everywhere = (role: Grant['role']): Grant => ({ role, site: null, group: null });
export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** Creates a user who has chosen the password of all. */
export async function createUser(
  api: ApiUnderTest,
  username: string,
  grants: Grant[] = [everywhere('viewer')],
): Promise<void> {
  const made = userWithPassword.parse((await api.post('/users', { username, name: username, grants })).body);
  const first = (await signInAs(api, username, made.temporaryPassword)).body;
  const changed = { currentPassword: made.temporaryPassword, newPassword: PASSWORD };
  expect((await api.put('/me/password', changed, bearer(first.accessToken))).status).toBe(204);
}

export function signInAs(
  api: ApiUnderTest,
  username: string,
  password = PASSWORD,
  headers: Record<string, string> = ANONYMOUS,
) {
  return api.call('POST', '/sessions', { username, password }, headers);
}
