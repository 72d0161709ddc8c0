import { z } from 'zod';

const MAX_LABELS = 20;
const labelKey = z
  .string()
  .regex(
    /^[a-zA-Z0-9]([-_.a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$/,
    'expected a label key without a prefix: 1 to 63 letters, digits, "-", "_" and "."',
  );
const labelValue = z
  .string()
  .regex(
    /^([a-zA-Z0-9]([-_.a-zA-Z0-9]{0,61}[a-zA-Z0-9])?)?$/,
    'expected a label value: at most 63 letters, digits, "-", "_" and "."',
  );

function labelsOf<Value extends z.ZodType>(value: Value): z.ZodRecord<typeof labelKey, Value> {
  return z
    .record(labelKey, value)
    .refine((labels) => Object.keys(labels).length <= MAX_LABELS, `expected at most ${MAX_LABELS} labels`)
    .meta({ maxProperties: MAX_LABELS });
}

/** Labels of the app on its channels, such as {"tier": "beta"}. Those with a prefix belong to Kubernetes and its tools. */
export const labelsSchema = labelsOf(labelValue);
export type Labels = z.infer<typeof labelsSchema>;

/** A change of labels: those that it does not name are kept, and null removes one. */
export const labelChangeSchema = labelsOf(labelValue.nullable());

/** Whether all of the labels are among these. */
export function includesLabels(all: Readonly<Record<string, string>> | undefined, some: Labels): boolean {
  return Object.entries(some).every(([key, value]) => all?.[key] === value);
}
