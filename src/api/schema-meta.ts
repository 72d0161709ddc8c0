import type { z } from 'zod';

/** A CEL rule of an `x-kubernetes-validations` list. */
export interface ValidationRule {
  readonly rule: string;
  readonly message: string;
  readonly fieldPath?: string;
  readonly messageExpression?: string;
  readonly reason?:
    'FieldValueInvalid' | 'FieldValueForbidden' | 'FieldValueRequired' | 'FieldValueDuplicate';
}

/** OpenAPI extensions of Kubernetes that zod cannot express. */
export interface CrdExtensions {
  readonly 'x-kubernetes-validations'?: readonly ValidationRule[];
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-int-or-string'?: boolean;
}

/** Attaches Kubernetes extensions to a schema; the generated CRD contains them. */
export function crd<T extends z.ZodType>(schema: T, extensions: CrdExtensions): T {
  return schema.meta({ ...extensions });
}
