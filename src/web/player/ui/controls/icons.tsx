import type { ReactNode } from 'react';

/** One path, drawn on 24 by 24; `filled` for shapes, else lines. */
function Icon({ path, filled = false }: { readonly path: string; readonly filled?: boolean }): ReactNode {
  return (
    <svg viewBox="0 0 24 24" className={filled ? 'lc-icon lc-filled' : 'lc-icon'} aria-hidden="true">
      <path d={path} />
    </svg>
  );
}

const SPEAKER = 'M4 9.5v5h3.5L12 18.5v-13L7.5 9.5z';

export const PlayIcon = (): ReactNode => <Icon filled path="M8 5.5v13l10.5-6.5z" />;
export const PauseIcon = (): ReactNode => <Icon filled path="M7 5.5h3.5v13H7zM13.5 5.5H17v13h-3.5z" />;
export const SoundIcon = (): ReactNode => (
  <Icon path={`${SPEAKER}M15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a7.8 7.8 0 0 1 0 11`} />
);
export const MutedIcon = (): ReactNode => <Icon path={`${SPEAKER}M15.5 9.5l5 5M20.5 9.5l-5 5`} />;
export const CaptionsIcon = (): ReactNode => (
  <Icon path="M3.5 5.5h17v13h-17zM10.5 10.5a2 2 0 1 0 0 3M17 10.5a2 2 0 1 0 0 3" />
);
export const PictureInPictureIcon = (): ReactNode => <Icon path="M3.5 5.5h17v13h-17zM12 12.5h6v4h-6z" />;
export const AirPlayIcon = (): ReactNode => <Icon path="M7 16.5H3.5v-11h17v11H17M12 14.5l4.5 5h-9z" />;
export const FullScreenIcon = (): ReactNode => (
  <Icon path="M4.5 9V4.5H9M15 4.5h4.5V9M19.5 15v4.5H15M9 19.5H4.5V15" />
);
export const LeaveFullScreenIcon = (): ReactNode => (
  <Icon path="M9 4.5V9H4.5M19.5 9H15V4.5M15 19.5V15h4.5M4.5 15H9v4.5" />
);
export const MoreIcon = (): ReactNode => (
  <Icon
    filled
    path="M11.3 6a.7.7 0 1 0 1.4 0a.7.7 0 1 0-1.4 0m0 6a.7.7 0 1 0 1.4 0a.7.7 0 1 0-1.4 0m0 6a.7.7 0 1 0 1.4 0a.7.7 0 1 0-1.4 0"
  />
);
