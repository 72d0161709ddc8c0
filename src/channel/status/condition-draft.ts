import type { Condition } from '../../api/metadata.ts';
import type { Reason } from '../../api/reasons.ts';
import type { Problem } from '../state.ts';

/** What a condition says. */
export type Verdict = Problem & { readonly status: Condition['status'] };

export const yes = (reason: Reason, message = ''): Verdict => ({ status: 'True', reason, message });
export const no = (reason: Reason, message = ''): Verdict => ({ status: 'False', reason, message });
export const unknown = (reason: Reason, message = ''): Verdict => ({ status: 'Unknown', reason, message });
export const because = ({ reason, message }: Problem): Verdict => no(reason, message);
