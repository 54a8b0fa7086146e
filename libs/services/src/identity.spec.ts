import { describe, expect, it } from '@jest/globals';
import { findUser } from './identity.js';

const passwd = `root:x:0:0:root:/root:/bin/bash
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
postgres:x:101:104:PostgreSQL administrator,,,:/var/lib/postgresql:/bin/bash
broken
`;

describe('findUser', () => {
  it('takes the first name that exists', () => {
    expect(findUser(passwd, ['postgres', 'nobody'])).toEqual({ uid: 101, gid: 104 });
    expect(findUser(passwd, ['missing', 'nobody'])).toEqual({ uid: 65534, gid: 65534 });
  });

  it('never takes root under another name', () => {
    expect(findUser('postgres:x:0:0::/:/bin/sh\n', ['postgres'])).toBeUndefined();
  });
});
