import type { NestExpressApplication } from '@nestjs/platform-express';
import { SwaggerModule } from '@nestjs/swagger';
import { createDocument } from './document.js';

const CSS = `
  .swagger-ui .topbar { display: none }
  .swagger-ui .info { margin: 24px 0 12px }
  .swagger-ui .scheme-container { display: none }
`;

/** Swagger UI at /docs, the document at /docs/openapi.json. */
export function setUpDocs(app: NestExpressApplication): void {
  SwaggerModule.setup('docs', app, () => createDocument(app), {
    jsonDocumentUrl: 'docs/openapi.json',
    raw: ['json'],
    customSiteTitle: 'Felinar API',
    customCss: CSS,
    swaggerOptions: {
      docExpansion: 'none',
      defaultModelsExpandDepth: 0,
      displayRequestDuration: true,
      validatorUrl: null,
    },
  });
}
