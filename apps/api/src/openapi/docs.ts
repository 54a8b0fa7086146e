import type { NestExpressApplication } from '@nestjs/platform-express';
import { SwaggerModule } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { createDocument } from './document.js';
import { PAGE_SIGN_IN } from './page-sign-in.js';

const CSS = `
  .swagger-ui .topbar { display: none }
  .swagger-ui .info { margin: 24px 0 12px }
  .swagger-ui .scheme-container { display: none }
`;

/** Swagger UI at /docs, the document at /docs/openapi.json. Where a provider is set up, people sign in on the page. */
export function setUpDocs(app: NestExpressApplication): void {
  app.use('/docs/sign-in.js', (_request: Request, response: Response) => {
    response.type('text/javascript').send(PAGE_SIGN_IN);
  });
  SwaggerModule.setup('docs', app, () => createDocument(app), {
    jsonDocumentUrl: 'docs/openapi.json',
    raw: ['json'],
    customSiteTitle: 'Felinar API',
    customCss: CSS,
    customJs: './docs/sign-in.js',
    swaggerOptions: {
      docExpansion: 'none',
      defaultModelsExpandDepth: 0,
      displayRequestDuration: true,
      validatorUrl: null,
    },
  });
}
