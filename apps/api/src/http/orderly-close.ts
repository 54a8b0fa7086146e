import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { NextFunction, Request, Response } from 'express';
import type { Server } from 'node:http';

/** What is not answered by then is cut off: whoever stops the process waits ten seconds. */
const CUT_AFTER_MS = 5_000;

/**
 * Lets the server come to an end: it closes when its last connection does, and a client that keeps its connection and goes on asking never
 * lets go of it. From the moment on that the process is to stop, every answer is the last one of its connection.
 */
@Injectable()
export class OrderlyClose implements BeforeApplicationShutdown {
  private isClosing = false;

  constructor(private readonly host: HttpAdapterHost) {}

  /** For every request. */
  readonly middleware = (_request: Request, response: Response, next: NextFunction): void => {
    if (this.isClosing) response.setHeader('connection', 'close');
    next();
  };

  beforeApplicationShutdown(): void {
    this.isClosing = true;
    const server = this.host.httpAdapter.getHttpServer() as Server;
    setTimeout(() => server.closeAllConnections(), CUT_AFTER_MS).unref();
  }
}
