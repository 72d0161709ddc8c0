import type { AlertSeverity } from '../../../api/alerts.ts';
import type { Tone } from '../channel/channel-state.ts';

export const severityTones: Readonly<Record<AlertSeverity, Tone>> = {
  critical: 'poor',
  warning: 'fair',
  info: 'quiet',
};
