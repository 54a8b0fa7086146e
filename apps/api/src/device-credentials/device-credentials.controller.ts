import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import type { z } from 'zod';
import { Access } from '../access/access.decorator.js';
import { Describe } from '../http/api-docs.js';
import { pageQuery, type PageQuery } from '../http/cursor.js';
import { neverStored } from '../http/never-stored.js';
import { sitePath } from '../http/path.schema.js';
import {
  createDeviceCredentials,
  deviceCredentialPage,
  deviceCredentialsWithPasswords,
  deviceCredentialView,
  deviceCredentialWithPassword,
  devicePath,
} from './device-credential.schema.js';
import { DeviceCredentialsService } from './device-credentials.service.js';

@ApiTags('devices')
@Controller('sites/:site')
export class DeviceCredentialsController {
  constructor(private readonly credentials: DeviceCredentialsService) {}

  @Get('device-credentials')
  @Access('devices.credentials')
  @Describe({ summary: 'List which devices have credentials', answer: deviceCredentialPage, refuses: [404] })
  listDeviceCredentials(
    @Param('site', { schema: sitePath }) site: string,
    @Query({ schema: pageQuery }) query: PageQuery,
  ) {
    return this.credentials.list(site, query);
  }

  @Post('device-credentials')
  @Access('devices.credentials')
  @Describe({
    summary: 'Give many devices credentials at once',
    description: 'All of them or none. The passwords are in this answer and in no other.',
    status: 201,
    answer: deviceCredentialsWithPasswords,
    refuses: [404, 409],
  })
  async createManyDeviceCredentials(
    @Param('site', { schema: sitePath }) site: string,
    @Body({ schema: createDeviceCredentials }) { devices }: z.infer<typeof createDeviceCredentials>,
    @Res({ passthrough: true }) response: Response,
  ) {
    neverStored(response);
    return { items: await this.credentials.create(site, devices) };
  }

  @Get('devices/:device/credentials')
  @Access('devices.credentials')
  @Describe({ summary: 'Read since when a device has credentials', answer: deviceCredentialView, refuses: [404] })
  getDeviceCredentials(
    @Param('site', { schema: sitePath }) site: string,
    @Param('device', { schema: devicePath }) device: string,
  ) {
    return this.credentials.get(site, device);
  }

  @Post('devices/:device/credentials')
  @Access('devices.credentials')
  @Describe({
    summary: 'Give a device credentials for the MQTT broker',
    description: 'The password is in this answer and in no other. With it the device reaches its own topics only.',
    status: 201,
    answer: deviceCredentialWithPassword,
    refuses: [404, 409],
  })
  async createDeviceCredentials(
    @Param('site', { schema: sitePath }) site: string,
    @Param('device', { schema: devicePath }) device: string,
    @Res({ passthrough: true }) response: Response,
  ) {
    neverStored(response);
    return (await this.credentials.create(site, [device]))[0];
  }

  @Post('devices/:device/credentials/password')
  @Access('devices.credentials')
  @HttpCode(200)
  @Describe({
    summary: 'Renew the password of a device',
    description:
      'It is in this answer and in no other. The old one is worth nothing from now on: the broker disconnects the device.',
    answer: deviceCredentialWithPassword,
    refuses: [404],
  })
  async renewDeviceCredentials(
    @Param('site', { schema: sitePath }) site: string,
    @Param('device', { schema: devicePath }) device: string,
    @Res({ passthrough: true }) response: Response,
  ) {
    neverStored(response);
    return this.credentials.renew(site, device);
  }

  @Delete('devices/:device/credentials')
  @Access('devices.credentials')
  @HttpCode(204)
  @Describe({
    summary: 'Revoke the credentials of a device',
    description: 'The broker disconnects it and lets it in no more. Lamps go on with the programs they have.',
    status: 204,
    refuses: [404],
  })
  revokeDeviceCredentials(
    @Param('site', { schema: sitePath }) site: string,
    @Param('device', { schema: devicePath }) device: string,
  ) {
    return this.credentials.revoke(site, device);
  }
}
