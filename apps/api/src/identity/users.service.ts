import { Inject, Injectable } from '@nestjs/common';
import { hashPassword, newPassword } from '#libs/identity';
import type { Environment } from '#libs/config';
import { DomainError, type Clock } from '#libs/kernel';
import { CONFIG, POOL, WALL_CLOCK } from '#libs/platform';
import {
  createUser,
  deleteUser,
  endSessions,
  getUser,
  inTransaction,
  listUsers,
  setPassword,
  updateUser,
  type ExpectedVersion,
  type Pool,
  type UserRow,
} from '#libs/storage';
import type { z } from 'zod';
import { toPage, type PageQuery } from '../http/cursor.js';
import type {
  createUser as createSchema,
  updateUser as updateSchema,
  userView,
  userWithPassword,
} from './user.schema.js';

type UserView = z.infer<typeof userView>;
type WithPassword = z.infer<typeof userWithPassword>;

/** Who may sign in, and what they may do. */
@Injectable()
export class UsersService {
  constructor(
    @Inject(POOL) private readonly pool: Pool,
    @Inject(WALL_CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Environment,
  ) {}

  async list({ cursor, limit }: PageQuery) {
    return toPage(await listUsers(this.pool, cursor, limit + 1), limit, (user) => user.username, toView);
  }

  async get(username: string): Promise<UserView> {
    return toView(await getUser(this.pool, username));
  }

  async create(data: z.infer<typeof createSchema>): Promise<WithPassword> {
    const temporaryPassword = newPassword();
    const passwordHash = await hashPassword(temporaryPassword);
    const user = await createUser(this.pool, { ...data, passwordHash }, this.clock.nowMs());
    return { ...toView(user), temporaryPassword };
  }

  async update(
    username: string,
    { providerSubject, ...changes }: z.infer<typeof updateSchema>,
    expected: ExpectedVersion,
  ): Promise<UserView> {
    const provider = this.accountOf(providerSubject);
    return toView(await updateUser(this.pool, username, { ...changes, provider }, expected, this.clock.nowMs()));
  }

  private accountOf(subject: string | null | undefined) {
    if (subject === null || subject === undefined) return subject;
    const issuer = this.config.FELINAR_OIDC_ISSUER;
    if (issuer !== undefined) return { issuer, subject };
    throw new DomainError(
      'conflict',
      'No provider is set up by which the user could sign in: set FELINAR_OIDC_ISSUER first',
    );
  }

  remove(username: string, expected: ExpectedVersion): Promise<void> {
    return deleteUser(this.pool, username, expected);
  }

  async resetPassword(username: string): Promise<WithPassword> {
    const temporaryPassword = newPassword();
    const hash = await hashPassword(temporaryPassword);
    const user = await inTransaction(this.pool, async (client) => {
      const { id } = await getUser(client, username);
      await setPassword(client, id, { hash, isTemporary: true }, this.clock.nowMs());
      return getUser(client, username);
    });
    return { ...toView(user), temporaryPassword };
  }

  async signOut(username: string): Promise<void> {
    const { id } = await getUser(this.pool, username);
    await endSessions(this.pool, id, 'revoked', this.clock.nowMs());
  }
}

function toView({
  id: _id,
  grants,
  disabledAt,
  passwordChangedAt,
  seenAt,
  createdAt,
  updatedAt,
  ...rest
}: UserRow): UserView {
  return {
    ...rest,
    grants: grants.map((grant) => ({ ...grant })),
    disabledAt: disabledAt?.toISOString() ?? null,
    passwordChangedAt: passwordChangedAt.toISOString(),
    seenAt: seenAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}
