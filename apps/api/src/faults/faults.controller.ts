import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { ExpectedVersion } from '#libs/storage';
import type { z } from 'zod';
import { Access } from '../access/access.decorator.js';
import { ActingUser } from '../http/acting-user.js';
import { Describe } from '../http/api-docs.js';
import { IfMatch } from '../http/if-match.js';
import { sitePath } from '../http/path.schema.js';
import { assignFault, commentFault, resolveFault } from './fault-action.schema.js';
import { FaultActionsService } from './fault-actions.service.js';
import {
  faultHistoryPage,
  faultHistoryQuery,
  faultMembersQuery,
  faultPage,
  faultPath,
  faultQuery,
  faultView,
} from './fault.schema.js';
import { FaultsService } from './faults.service.js';

@ApiTags('faults')
@Controller('sites/:site/faults')
export class FaultsController {
  constructor(
    private readonly faults: FaultsService,
    private readonly actions: FaultActionsService,
  ) {}

  @Get()
  @Access('lighting.read', 'groupQuery')
  @Describe({
    summary: 'List the faults of a site, the highest priority first, of equal ones the oldest',
    description:
      'All filters that are given have to hold. The list to work through is `phase=open&member=false`: what is part of a wider fault ' +
      'ends with it.',
    answer: faultPage,
    refuses: [404],
  })
  listFaults(
    @Param('site', { schema: sitePath }) site: string,
    @Query({ schema: faultQuery }) query: z.infer<typeof faultQuery>,
  ) {
    return this.faults.list(site, query);
  }

  @Get(':fault')
  @Access('lighting.read', 'fault')
  @Describe({
    summary: 'Read a fault: where, why, what to bring, and what has been done about it',
    answer: faultView,
    refuses: [404],
    etag: true,
  })
  getFault(@Param('site', { schema: sitePath }) site: string, @Param('fault', { schema: faultPath }) fault: string) {
    return this.faults.get(site, fault);
  }

  @Get(':fault/members')
  @Access('lighting.read')
  @Describe({ summary: 'List the faults that are parts of a fault', answer: faultPage, refuses: [404] })
  listFaultMembers(
    @Param('site', { schema: sitePath }) site: string,
    @Param('fault', { schema: faultPath }) fault: string,
    @Query({ schema: faultMembersQuery }) query: z.infer<typeof faultMembersQuery>,
  ) {
    return this.faults.members(site, fault, query);
  }

  @Get(':fault/history')
  @Access('lighting.read', 'fault')
  @Describe({
    summary: 'List what happened to a fault and what was done about it, the first first',
    answer: faultHistoryPage,
    refuses: [404],
  })
  listFaultHistory(
    @Param('site', { schema: sitePath }) site: string,
    @Param('fault', { schema: faultPath }) fault: string,
    @Query({ schema: faultHistoryQuery }) query: z.infer<typeof faultHistoryQuery>,
  ) {
    return this.faults.history(site, fault, query);
  }

  @Post(':fault/acknowledge')
  @Access('faults.work', 'fault')
  @HttpCode(200)
  @Describe({
    summary: 'Say that you look after a fault',
    description:
      'It is not escalated any more. A fault that comes back after it had cleared has to be acknowledged again.',
    answer: faultView,
    refuses: [404, 409],
    etag: true,
    ifMatch: true,
  })
  acknowledgeFault(
    @Param('site', { schema: sitePath }) site: string,
    @Param('fault', { schema: faultPath }) fault: string,
    @IfMatch() expected: ExpectedVersion,
    @ActingUser() by: string | undefined,
  ) {
    return this.actions.acknowledge({ site, fault, expected, by });
  }

  @Post(':fault/assign')
  @Access('faults.work', 'fault')
  @HttpCode(200)
  @Describe({
    summary: 'Give a fault to a crew, or take it back',
    answer: faultView,
    refuses: [404, 409, 422],
    etag: true,
    ifMatch: true,
  })
  assignFault(
    @Param('site', { schema: sitePath }) site: string,
    @Param('fault', { schema: faultPath }) fault: string,
    @Body({ schema: assignFault }) body: z.infer<typeof assignFault>,
    @IfMatch() expected: ExpectedVersion,
    @ActingUser() by: string | undefined,
  ) {
    return this.actions.assign({ site, fault, expected, by }, body);
  }

  @Post(':fault/comment')
  @Access('faults.work', 'fault')
  @HttpCode(200)
  @Describe({
    summary: 'Write something into the history of a fault, with a photo',
    description: 'Also of a fault that is closed.',
    answer: faultView,
    refuses: [404],
    etag: true,
    ifMatch: true,
  })
  commentFault(
    @Param('site', { schema: sitePath }) site: string,
    @Param('fault', { schema: faultPath }) fault: string,
    @Body({ schema: commentFault }) body: z.infer<typeof commentFault>,
    @IfMatch() expected: ExpectedVersion,
    @ActingUser() by: string | undefined,
  ) {
    return this.actions.comment({ site, fault, expected, by }, body);
  }

  @Post(':fault/resolve')
  @Access('faults.work', 'fault')
  @HttpCode(200)
  @Describe({
    summary: 'Say what was done about a fault',
    description:
      'This does not close it: only what is seen does. The fault clears when the lamp is seen healthy, and is closed 36 hours later. ' +
      'When it is seen again after this, `work.seenAgain` says so. A second visit replaces the resolution; the history keeps both.',
    answer: faultView,
    refuses: [404, 409],
    etag: true,
    ifMatch: true,
  })
  resolveFault(
    @Param('site', { schema: sitePath }) site: string,
    @Param('fault', { schema: faultPath }) fault: string,
    @Body({ schema: resolveFault }) body: z.infer<typeof resolveFault>,
    @IfMatch() expected: ExpectedVersion,
    @ActingUser() by: string | undefined,
  ) {
    return this.actions.resolve({ site, fault, expected, by }, body);
  }
}
