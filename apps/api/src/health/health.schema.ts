import { z } from 'zod';

export const liveView = z
  .strictObject({ status: z.literal('live').meta({ examples: ['live'] }) })
  .meta({ id: 'Live', description: 'The process runs' });

export const readyView = z
  .strictObject({
    status: z.enum(['ready', 'not ready']).meta({ examples: ['ready'] }),
    checks: z.array(
      z
        .strictObject({
          name: z.string().meta({ examples: ['database'] }),
          ready: z.boolean().meta({ examples: [true] }),
          detail: z
            .string()
            .optional()
            .meta({ description: 'What is missing', examples: ['no answer within 2000 ms'] }),
          optional: z
            .literal(true)
            .optional()
            .meta({ description: 'The process does its other work without it', examples: [true] }),
        })
        .meta({ id: 'ReadinessCheck', description: 'One thing that the process needs' }),
    ),
  })
  .meta({ id: 'Ready', description: 'Whether the process is ready for work' });
