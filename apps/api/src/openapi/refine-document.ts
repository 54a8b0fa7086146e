import type { OpenAPIObject } from '@nestjs/swagger';
export function refine(document: OpenAPIObject): OpenAPIObject {
  return document;
}
