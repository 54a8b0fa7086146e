import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { Access } from '../access/access.decorator.js';
import { Describe } from '../http/api-docs.js';
import { rejectedMessageQuery, rejectedMessagesView } from './rejected-message.schema.js';
import { RejectedMessagesService } from './rejected-messages.service.js';

@ApiTags('rejected messages')
@Controller('rejected-messages')
export class RejectedMessagesController {
  constructor(private readonly messages: RejectedMessagesService) {}

  @Get()
  @Access('messages.read', 'everywhere')
  @Describe({
    summary: 'See which messages were rejected',
    description:
      'Bad messages never stop the stream: they are counted by reason, and samples are kept for you to look at.',
    answer: rejectedMessagesView,
  })
  listRejectedMessages(@Query({ schema: rejectedMessageQuery }) query: z.infer<typeof rejectedMessageQuery>) {
    return this.messages.list(query);
  }
}
