import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { ExpectedVersion } from '#libs/storage';
import type { Response } from 'express';
import type { z } from 'zod';
import { Access } from '../access/access.decorator.js';
import { Describe } from '../http/api-docs.js';
import { pageQuery, type PageQuery } from '../http/cursor.js';
import { IfMatch } from '../http/if-match.js';
import { neverStored } from '../http/never-stored.js';
import { idOf, idPath } from '../http/uuid-path.js';
import { apiKeyPage, apiKeyQuery } from './api-key.schema.js';
import { ApiKeysService } from './api-keys.service.js';
import { usernamePath } from './grant.schema.js';
import { createUser, updateUser, userPage, userView, userWithPassword } from './user.schema.js';
import { UsersService } from './users.service.js';

const keyPath = idPath('API key');

@ApiTags('access')
@Controller('users')
export class UsersController {
  constructor(
    private readonly users: UsersService,
    private readonly keys: ApiKeysService,
  ) {}

  @Get()
  @Access('users.manage', 'everywhere')
  @Describe({ summary: 'List the users', answer: userPage })
  listUsers(@Query({ schema: pageQuery }) query: PageQuery) {
    return this.users.list(query);
  }

  @Post()
  @Access('users.manage', 'everywhere')
  @Describe({
    summary: 'Create a user',
    description: 'The temporary password is in this answer and in no other.',
    status: 201,
    answer: userWithPassword,
    refuses: [409, 422],
    etag: true,
    location: true,
  })
  async createUser(
    @Body({ schema: createUser }) body: z.infer<typeof createUser>,
    @Res({ passthrough: true }) response: Response,
  ) {
    neverStored(response);
    const user = await this.users.create(body);
    response.setHeader('location', `/api/v1/users/${user.username}`);
    return user;
  }

  @Get(':username')
  @Access('users.manage', 'everywhere')
  @Describe({ summary: 'Read a user', answer: userView, refuses: [404], etag: true })
  getUser(@Param('username', { schema: usernamePath }) username: string) {
    return this.users.get(username);
  }

  @Patch(':username')
  @Access('users.manage', 'everywhere')
  @Describe({
    summary: 'Change a user: name, roles, whether it can sign in',
    description: 'What is taken away is gone at once, also for those who are signed in and for keys.',
    answer: userView,
    refuses: [404, 409, 422],
    etag: true,
    ifMatch: true,
  })
  updateUser(
    @Param('username', { schema: usernamePath }) username: string,
    @Body({ schema: updateUser }) body: z.infer<typeof updateUser>,
    @IfMatch() expected: ExpectedVersion,
  ) {
    return this.users.update(username, body, expected);
  }

  @Delete(':username')
  @HttpCode(204)
  @Access('users.manage', 'everywhere')
  @Describe({
    summary: 'Delete a user',
    description:
      'With sessions and keys. Histories keep the user name; disabling keeps it from being given to somebody else.',
    status: 204,
    refuses: [404, 409],
    ifMatch: true,
  })
  deleteUser(@Param('username', { schema: usernamePath }) username: string, @IfMatch() expected: ExpectedVersion) {
    return this.users.remove(username, expected);
  }

  @Post(':username/password')
  @HttpCode(200)
  @Access('users.manage', 'everywhere')
  @Describe({
    summary: 'Give a user a new temporary password',
    description: 'It is in this answer and in no other. All sessions of the user end.',
    answer: userWithPassword,
    refuses: [404],
    etag: true,
  })
  resetPassword(
    @Param('username', { schema: usernamePath }) username: string,
    @Res({ passthrough: true }) response: Response,
  ) {
    neverStored(response);
    return this.users.resetPassword(username);
  }

  @Delete(':username/sessions')
  @HttpCode(204)
  @Access('users.manage', 'everywhere')
  @Describe({
    summary: 'Sign a user out everywhere',
    description: 'Keys go on working: revoke them one by one.',
    status: 204,
    refuses: [404],
  })
  signUserOut(@Param('username', { schema: usernamePath }) username: string) {
    return this.users.signOut(username);
  }

  @Get(':username/api-keys')
  @Access('users.manage', 'everywhere')
  @Describe({ summary: 'List the API keys of a user', answer: apiKeyPage, refuses: [404] })
  listUserApiKeys(
    @Param('username', { schema: usernamePath }) username: string,
    @Query({ schema: apiKeyQuery }) query: z.infer<typeof apiKeyQuery>,
  ) {
    return this.keys.listOf(username, query);
  }

  @Delete(':username/api-keys/:key')
  @HttpCode(204)
  @Access('users.manage', 'everywhere')
  @Describe({ summary: 'Revoke an API key of a user', status: 204, refuses: [404, 409] })
  revokeUserApiKey(
    @Param('username', { schema: usernamePath }) username: string,
    @Param('key', { schema: keyPath }) key: string,
  ) {
    return this.keys.revokeOf(username, idOf('API key', key));
  }
}
