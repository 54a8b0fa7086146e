import { Body, Controller, Get, HttpCode, Post, Query, Req, Res, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Principal } from '#libs/identity';
import type { Request, Response } from 'express';
import type { z } from 'zod';
import { Public, SignedIn } from '../access/access.decorator.js';
import { CurrentPrincipal } from '../access/principal.js';
import { Describe } from '../http/api-docs.js';
import { neverStored } from '../http/never-stored.js';
import { ProblemError } from '../http/problem.js';
import { signedIn } from '../identity/session.schema.js';
import { OidcGuard } from './oidc.guard.js';
import { callbackQuery, oidcView, redeemCode, signedOut, startQuery } from './oidc.schema.js';
import { OidcService } from './oidc.service.js';
import { codePage, refusedPage } from './sign-in-page.js';

/** Where no provider is set up, all of it is 404. */
@ApiTags('access')
@Controller('sessions/oidc')
@UseGuards(OidcGuard)
export class OidcController {
  constructor(private readonly oidc: OidcService) {}

  @Get()
  @Public('it is how one signs in')
  @Describe({ summary: 'Read by which provider people sign in', answer: oidcView, refuses: [404, 429] })
  getSignInProvider() {
    return this.oidc.view();
  }

  @Get('start')
  @HttpCode(302)
  @Public('it is how one signs in')
  @Describe({
    summary: 'Sign in through the provider',
    description:
      'For a browser. It is sent to the provider, comes back here, and gets a code that works once: behind `#felinarCode=` of `returnTo`, or ' +
      'on a page. `POST /sessions/oidc/tokens` changes it into tokens for whoever knows what `codeChallenge` was made of.',
    status: 302,
    answers: 'To the provider',
    refuses: [404, 429],
  })
  async startSignIn(
    @Query({ schema: startQuery }) query: z.infer<typeof startQuery>,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ) {
    neverStored(response);
    response.setHeader('location', await this.oidc.start(query, { request, response }));
  }

  @Get('callback')
  @Public('the provider sends people here; what they bring works once')
  @Describe({
    summary: 'Come back from the provider',
    description: 'To be entered at the provider as redirect URI. Answers 303 to `returnTo`, or a page with the code.',
    content: { 'text/html': { schema: { type: 'string' }, example: '<!doctype html>…' } },
    answers: 'The page with the code',
    refuses: [401, 403, 404, 410, 429],
  })
  async comeBack(
    @Query({ schema: callbackQuery }) { state }: z.infer<typeof callbackQuery>,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ) {
    neverStored(response);
    try {
      const { username, code, returnTo } = await this.oidc.comeBack(state, { request, response });
      if (returnTo === undefined) return page(response, 200, codePage(username, code));
      response.status(303).setHeader('location', returnTo);
      return undefined;
    } catch (error) {
      // People get a page, programs a problem document.
      const wantsPage = request.accepts(['application/problem+json', 'text/html']) === 'text/html';
      if (!wantsPage || !(error instanceof ProblemError)) throw error;
      return page(response, error.problem.status, refusedPage(error.problem.title, error.problem.detail));
    }
  }

  @Post('tokens')
  @Public('the code and its secret say who asks')
  @Describe({
    summary: 'Get tokens for the code of a sign-in through the provider',
    description:
      'Once, within two minutes. A session like that of `POST /sessions`, but for FELINAR_OIDC_SESSION_HOURS at the most: then the provider is asked again.',
    status: 201,
    answer: signedIn,
    refuses: [401, 404, 429],
  })
  redeemCode(
    @Body({ schema: redeemCode }) body: z.infer<typeof redeemCode>,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ) {
    neverStored(response);
    return this.oidc.redeem(body, { request, response });
  }

  @Post('sign-out')
  @HttpCode(200)
  @SignedIn('everybody may leave', { withTemporaryPassword: true })
  @Describe({
    summary: 'Sign out, and learn where to sign out at the provider',
    description:
      'Both tokens are worth nothing from now on. Send the browser to providerSignOut to leave the provider too.',
    answer: signedOut,
    refuses: [404, 409],
  })
  signOutOfProvider(@CurrentPrincipal() principal: Principal) {
    return this.oidc.signOut(principal);
  }
}

function page(response: Response, status: number, html: string): string {
  response.status(status).type('text/html');
  return html;
}
