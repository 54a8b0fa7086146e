import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import type { ExpectedVersion } from '#libs/storage';
import type { z } from 'zod';
import { Access } from '../access/access.decorator.js';
import { Describe } from '../http/api-docs.js';
import { IfMatch } from '../http/if-match.js';
import { sitePath } from '../http/path.schema.js';
import { idOf, idPath } from '../http/uuid-path.js';
import { channelList, channelView, channelWithSecret, createChannel, updateChannel } from './channel.schema.js';
import { ChannelsService } from './channels.service.js';
import { crewPath } from './crew.schema.js';
import { deliveryView } from './delivery.schema.js';

const channelPath = idPath('channel');

@ApiTags('crews')
@Controller('sites/:site/crews/:crew/channels')
export class ChannelsController {
  constructor(private readonly channels: ChannelsService) {}

  @Get()
  @Access('crews.manage')
  @Describe({ summary: 'List the channels of a crew', answer: channelList, refuses: [404] })
  listChannels(@Param('site', { schema: sitePath }) site: string, @Param('crew', { schema: crewPath }) crew: string) {
    return this.channels.list(site, crew);
  }

  @Post()
  @Access('crews.manage')
  @Describe({
    summary: 'Create a channel: a way in which a crew is told of faults',
    description: 'The secret of a webhook is in this answer and in no other.',
    status: 201,
    answer: channelWithSecret,
    refuses: [404, 422],
    etag: true,
    location: true,
  })
  async createChannel(
    @Param('site', { schema: sitePath }) site: string,
    @Param('crew', { schema: crewPath }) crew: string,
    @Body({ schema: createChannel }) body: z.infer<typeof createChannel>,
    @Res({ passthrough: true }) response: Response,
  ) {
    const channel = await this.channels.create(site, crew, body);
    response.setHeader('location', `/api/v1/sites/${site}/crews/${crew}/channels/${channel.id}`);
    return channel;
  }

  @Get(':channel')
  @Access('crews.manage')
  @Describe({ summary: 'Read a channel', answer: channelView, refuses: [404], etag: true })
  getChannel(
    @Param('site', { schema: sitePath }) site: string,
    @Param('crew', { schema: crewPath }) crew: string,
    @Param('channel', { schema: channelPath }) channel: string,
  ) {
    return this.channels.get(site, crew, idOf('channel', channel));
  }

  @Patch(':channel')
  @Access('crews.manage')
  @Describe({ summary: 'Change a channel', answer: channelView, refuses: [404, 422], etag: true, ifMatch: true })
  updateChannel(
    @Param('site', { schema: sitePath }) site: string,
    @Param('crew', { schema: crewPath }) crew: string,
    @Param('channel', { schema: channelPath }) channel: string,
    @Body({ schema: updateChannel }) body: z.infer<typeof updateChannel>,
    @IfMatch() expected: ExpectedVersion,
  ) {
    return this.channels.update(site, crew, idOf('channel', channel), body, expected);
  }

  @Delete(':channel')
  @Access('crews.manage')
  @HttpCode(204)
  @Describe({
    summary: 'Delete a channel, and what it has not delivered',
    status: 204,
    refuses: [404],
    ifMatch: true,
  })
  deleteChannel(
    @Param('site', { schema: sitePath }) site: string,
    @Param('crew', { schema: crewPath }) crew: string,
    @Param('channel', { schema: channelPath }) channel: string,
    @IfMatch() expected: ExpectedVersion,
  ) {
    return this.channels.remove(site, crew, idOf('channel', channel), expected);
  }

  @Post(':channel/secret')
  @Access('crews.manage')
  @HttpCode(200)
  @Describe({
    summary: 'Make a new secret for a webhook',
    description: 'It is in this answer and in no other. The old one is worth nothing from now on.',
    answer: channelWithSecret,
    refuses: [404, 409],
    etag: true,
    ifMatch: true,
  })
  renewChannelSecret(
    @Param('site', { schema: sitePath }) site: string,
    @Param('crew', { schema: crewPath }) crew: string,
    @Param('channel', { schema: channelPath }) channel: string,
    @IfMatch() expected: ExpectedVersion,
  ) {
    return this.channels.renewSecret(site, crew, idOf('channel', channel), expected);
  }

  @Post(':channel/test')
  @Access('crews.manage')
  @HttpCode(202)
  @Describe({
    summary: 'Send a test message through a channel',
    description: 'It is sent at once; read the delivery to see what came of it. It is tried for ten minutes.',
    status: 202,
    answer: deliveryView,
    answers: 'Asked for; it is being sent',
    location: true,
    refuses: [404],
  })
  async testChannel(
    @Param('site', { schema: sitePath }) site: string,
    @Param('crew', { schema: crewPath }) crew: string,
    @Param('channel', { schema: channelPath }) channel: string,
    @Res({ passthrough: true }) response: Response,
  ) {
    const delivery = await this.channels.test(site, crew, idOf('channel', channel));
    response.setHeader('location', `/api/v1/sites/${site}/deliveries/${delivery.id}`);
    return delivery;
  }
}
