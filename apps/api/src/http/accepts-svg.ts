import type { Request, Response } from 'express';
import { z } from 'zod';

/** `format` of answers that are also drawn. */
export const formatField = z
  .enum(['json', 'svg'], 'must be json or svg')
  .optional()
  .meta({
    description:
      'svg: a picture instead of numbers; goes before the header Accept, where image/svg+xml asks for one too',
    examples: ['svg'],
  });

/** Whether the client wants the picture. */
export function wantsSvg(request: Request, format: 'json' | 'svg' | undefined): boolean {
  if (format !== undefined) return format === 'svg';
  return request.accepts(['application/json', 'image/svg+xml']) === 'image/svg+xml';
}

/** Sends the picture, or the view as JSON. */
export function sendEither<T>(response: Response, svg: boolean, view: T, draw: (view: T) => string): T | string {
  response.vary('Accept');
  if (!svg) return view;
  response.type('image/svg+xml');
  return draw(view);
}
