import { z } from 'zod';
import { qoeSnapshotSchema } from './qoe.ts';

/** What a viewer complains about. A player offers these, and no free text: text would hold personal data. */
export const feedbackKinds = ['lag', 'quality', 'sound', 'other'] as const;
export type FeedbackKind = (typeof feedbackKinds)[number];

const feedbackSchema = z.strictObject({
  kind: z
    .enum(feedbackKinds)
    .describe('lag: too far behind, or it stops. quality: the image. sound: missing, or out of sync.'),
  qoe: qoeSnapshotSchema
    .optional()
    .describe(
      "What the viewer's player measures at the moment. It is logged with the complaint, without the viewer.",
    ),
});

/** From a back end, for one of its viewers. A ticket names its viewer. */
export const feedbackReportSchema = feedbackSchema.extend({
  viewerId: z
    .string()
    .min(1)
    .max(256)
    .optional()
    .describe('Id of the viewer: each counts once a minute for each kind. A ticket names its viewer itself.'),
});
export type Feedback = z.infer<typeof feedbackReportSchema>;
