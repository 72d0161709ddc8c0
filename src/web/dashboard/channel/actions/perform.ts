import type { DashboardService } from '../../service/dashboard-service.ts';
import { procedures, type ChannelChange } from '../../service/procedures.ts';
import type { ChannelAction } from '../effects.ts';

/** Calls the service for an action. What follows from it comes as events. @throws ServiceError */
export async function perform(
  service: Pick<DashboardService, 'act'>,
  channelId: string,
  action: ChannelAction,
): Promise<void> {
  switch (action.kind) {
    case 'start':
    case 'stop':
    case 'rotateKey':
    case 'end':
      await service.act(procedures[action.kind], { channelId });
      return;
    default:
      await service.act(procedures.update, { channelId, settings: settingsOf(action) });
  }
}

/** The settings that differ; what is not named stays. */
function settingsOf(
  action: Exclude<ChannelAction, { kind: 'start' | 'stop' | 'rotateKey' | 'end' }>,
): ChannelChange {
  if (action.kind === 'addStandby' || action.kind === 'removeStandby')
    return { standby: action.kind === 'addStandby' };
  const { kind: _, ...settings } = action;
  return settings;
}
