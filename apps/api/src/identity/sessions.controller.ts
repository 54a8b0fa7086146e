import { Body, Controller, Delete, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Principal } from '#libs/identity';
import type { Request, Response } from 'express';
import type { z } from 'zod';
import { Public, SignedIn } from '../access/access.decorator.js';
import { CurrentPrincipal } from '../access/principal.js';
import { Describe } from '../http/api-docs.js';
import { neverStored } from '../http/never-stored.js';
import { refresh, sessionTokens, signedIn, signIn } from './session.schema.js';
import { SessionsService } from './sessions.service.js';

@ApiTags('access')
@Controller('sessions')
export class SessionsController {
  constructor(private readonly sessions: SessionsService) {}

  @Post()
  @Public('it is how one signs in')
  @Describe({
    summary: 'Sign in',
    description:
      'The access token holds for 15 minutes, the refresh token for 7 days, the session for 30. After some wrong passwords the next ' +
      'try has to wait, longer each time (429).',
    status: 201,
    answer: signedIn,
    refuses: [401, 429],
  })
  signIn(
    @Body({ schema: signIn }) body: z.infer<typeof signIn>,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ) {
    neverStored(response);
    return this.sessions.signIn(body, { request, response });
  }

  @Post('refresh')
  @HttpCode(200)
  @Public('the refresh token says who asks')
  @Describe({
    summary: 'Get new tokens for a refresh token',
    description:
      'It works once. When it is used a second time the session ends for everybody who has tokens of it: one of them is not the user.',
    answer: sessionTokens,
    refuses: [401, 429],
  })
  refreshSession(
    @Body({ schema: refresh }) { refreshToken }: z.infer<typeof refresh>,
    @Res({ passthrough: true }) response: Response,
  ) {
    neverStored(response);
    return this.sessions.refresh(refreshToken);
  }

  @Delete('current')
  @HttpCode(204)
  @SignedIn('everybody may leave', { withTemporaryPassword: true })
  @Describe({
    summary: 'Sign out',
    description: 'Both tokens are worth nothing from now on.',
    status: 204,
    refuses: [409],
  })
  signOut(@CurrentPrincipal() principal: Principal) {
    return this.sessions.end(principal);
  }
}
