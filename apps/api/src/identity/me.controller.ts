import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Principal } from '#libs/identity';
import type { Request, Response } from 'express';
import type { z } from 'zod';
import { SignedIn } from '../access/access.decorator.js';
import { CurrentPrincipal } from '../access/principal.js';
import { Describe } from '../http/api-docs.js';
import { neverStored } from '../http/never-stored.js';
import { idOf, idPath } from '../http/uuid-path.js';
import { apiKeyPage, apiKeyQuery, apiKeyWithKey, createApiKey } from './api-key.schema.js';
import { ApiKeysService } from './api-keys.service.js';
import { changePassword, meView } from './session.schema.js';
import { SessionsService } from './sessions.service.js';

const keyPath = idPath('API key');

@ApiTags('access')
@Controller('me')
export class MeController {
  constructor(
    private readonly sessions: SessionsService,
    private readonly keys: ApiKeysService,
  ) {}

  @Get()
  @SignedIn('about oneself', { withTemporaryPassword: true })
  @Describe({ summary: 'Read who you are and what you may do', answer: meView })
  getMe(@CurrentPrincipal() principal: Principal) {
    return this.sessions.me(principal);
  }

  @Put('password')
  @HttpCode(204)
  @SignedIn('about oneself', { by: 'session', withTemporaryPassword: true })
  @Describe({
    summary: 'Choose another password',
    description: 'Your other sessions end. Your API keys go on working.',
    status: 204,
    refuses: [422],
  })
  changePassword(
    @CurrentPrincipal() principal: Principal,
    @Body({ schema: changePassword }) body: z.infer<typeof changePassword>,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ) {
    return this.sessions.changePassword(principal, body, { request, response });
  }

  @Get('api-keys')
  @SignedIn('about one’s own keys', { by: 'session' })
  @Describe({ summary: 'List your API keys', answer: apiKeyPage })
  listApiKeys(
    @CurrentPrincipal() { userId }: Principal,
    @Query({ schema: apiKeyQuery }) query: z.infer<typeof apiKeyQuery>,
  ) {
    return this.keys.list(userId, query);
  }

  @Post('api-keys')
  @SignedIn('about one’s own keys', { by: 'session' })
  @Describe({
    summary: 'Make an API key for a program',
    description:
      'It is in this answer and in no other. It may do what it is for and its owner may too, as long as both hold.',
    status: 201,
    answer: apiKeyWithKey,
    refuses: [422],
  })
  createApiKey(
    @CurrentPrincipal() principal: Principal,
    @Body({ schema: createApiKey }) body: z.infer<typeof createApiKey>,
    @Res({ passthrough: true }) response: Response,
  ) {
    neverStored(response);
    return this.keys.create(principal, body);
  }

  @Delete('api-keys/:key')
  @HttpCode(204)
  @SignedIn('about one’s own keys', { by: 'session' })
  @Describe({
    summary: 'Revoke an API key of yours',
    description: 'It works no more from now on.',
    status: 204,
    refuses: [404, 409],
  })
  revokeApiKey(@CurrentPrincipal() { userId }: Principal, @Param('key', { schema: keyPath }) key: string) {
    return this.keys.revoke(userId, idOf('API key', key));
  }
}
