import { Inject, Injectable } from '@nestjs/common';
import { coversGrant, isRole, ROLES, type Principal } from '#libs/identity';
import { DomainError, type Clock } from '#libs/kernel';
import { POOL, WALL_CLOCK } from '#libs/platform';
import {
  createApiKey,
  findApiKey,
  getUser,
  inTransaction,
  listApiKeys,
  revokeApiKey,
  type ApiKeyRow,
  type Pool,
} from '#libs/storage';
import type { z } from 'zod';
import { toPage } from '../http/cursor.js';
import type { apiKeyQuery, apiKeyView, apiKeyWithKey, createApiKey as createSchema } from './api-key.schema.js';

type ApiKeyView = z.infer<typeof apiKeyView>;
const DAY_MS = 86_400_000;

/** Keys with which programs act for users. */
@Injectable()
export class ApiKeysService {
  constructor(
    @Inject(POOL) private readonly pool: Pool,
    @Inject(WALL_CLOCK) private readonly clock: Clock,
  ) {}

  async list(userId: string, { cursor, limit }: z.infer<typeof apiKeyQuery>) {
    const rows = await listApiKeys(this.pool, { userId, after: cursor, take: limit + 1 });
    return toPage(rows, limit, (row) => row.position, toView);
  }

  async listOf(username: string, query: z.infer<typeof apiKeyQuery>) {
    return this.list((await getUser(this.pool, username)).id, query);
  }

  async create(owner: Principal, body: z.infer<typeof createSchema>): Promise<z.infer<typeof apiKeyWithKey>> {
    const { name, grants, expiresInDays } = body;
    const problems = grants.flatMap((grant, index) =>
      coversGrant(owner.grants, grant, ROLES[grant.role])
        ? []
        : [
            {
              at: `/grants/${index}`,
              problem: 'gives more than you may do yourself: ask for the role first, or leave it away',
            },
          ],
    );
    if (problems.length > 0) throw new DomainError('invalid', 'A key cannot do more than its owner', problems);
    const nowMs = this.clock.nowMs();
    const data = { userId: owner.userId, name, grants, expiresAtMs: nowMs + expiresInDays * DAY_MS };
    const { key, row } = await inTransaction(this.pool, (client) => createApiKey(client, data, nowMs));
    return { ...toView(row), key };
  }

  async revoke(userId: string, id: string): Promise<void> {
    const key = await findApiKey(this.pool, id, userId);
    if (key === undefined) throw new DomainError('notFound', `There is no API key ${id}`);
    if (await revokeApiKey(this.pool, id, this.clock.nowMs())) return;
    throw new DomainError('conflict', 'The API key was revoked already');
  }

  async revokeOf(username: string, id: string): Promise<void> {
    await this.revoke((await getUser(this.pool, username)).id, id);
  }
}

function toView({
  position: _position,
  grants,
  createdAt,
  expiresAt,
  lastUsedAt,
  revokedAt,
  ...rest
}: ApiKeyRow): ApiKeyView {
  return {
    ...rest,
    grants: grants.filter(({ role }) => isRole(role)).map((grant) => ({ ...grant })),
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
    revokedAt: revokedAt?.toISOString() ?? null,
  };
}
