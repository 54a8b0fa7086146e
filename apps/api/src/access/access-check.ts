import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { accessProblems, routesOf, type Route } from './routes.js';

/** Refuses to start with a route that does not say who may use it. */
@Injectable()
export class AccessCheck implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  onModuleInit(): void {
    const problems = accessProblems(this.routes());
    if (problems.length > 0) throw new Error(`The API does not start:\n  ${problems.join('\n  ')}`);
  }

  routes(): Route[] {
    return routesOf(this.discovery, this.scanner);
  }
}
