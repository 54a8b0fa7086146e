import { Controller, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { Public } from '../access/access.decorator.js';
import { Describe } from '../http/api-docs.js';
import { problem, ProblemError } from '../http/problem.js';
import { AcknowledgeService, type LinkAnswer } from './acknowledge.service.js';

const tokenPath = z.string().meta({
  description: 'The last part of the link in the message',
  examples: ['NWIwYzNhNWUuMTcuMTc2NDYwMDAwMA.c2lnbmF0dXJl'],
});
const content = { 'text/html': { schema: { type: 'string' as const }, example: '<!doctype html>…' } };

/** Behind the links in messages. The token is all that is needed: people open them on their telephones. */
@ApiTags('crews')
@Controller('acknowledge/:token')
export class AcknowledgeController {
  constructor(private readonly links: AcknowledgeService) {}

  @Get()
  @Public('the link is signed and works once')
  @Describe({
    summary: 'Show the page that asks whether to acknowledge a fault',
    description: 'Acknowledges nothing: scanners of mail open every link. The button on the page does.',
    content,
    answers: 'The page',
    refuses: [404, 410],
  })
  async askToAcknowledge(
    @Param('token', { schema: tokenPath }) token: string,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ) {
    return show(request, response, await this.links.ask(token));
  }

  @Post()
  @Public('the link is signed and works once')
  @HttpCode(200)
  @Describe({
    summary: 'Acknowledge a fault by the link in a message',
    description: 'In the name of the crew to which the message went. A link works once, for seven days.',
    content,
    answers: 'The page that says so',
    refuses: [404, 410],
  })
  async acknowledgeByLink(
    @Param('token', { schema: tokenPath }) token: string,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ) {
    return show(request, response, await this.links.acknowledge(token));
  }
}

/** People get a page, also of what does not work; programs get a problem document. */
function show(request: Request, response: Response, { status, page, problem: detail }: LinkAnswer): string {
  response.setHeader('cache-control', 'no-store');
  const wantsPage = request.accepts(['application/problem+json', 'text/html']) === 'text/html';
  if (detail !== undefined && !wantsPage) throw new ProblemError(problem(status, detail));
  response.status(status).type('text/html');
  return page;
}
