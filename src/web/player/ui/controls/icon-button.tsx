import type { ReactNode } from 'react';

interface IconButtonProps {
  readonly label: string;
  readonly icon: ReactNode;
  readonly onClick: () => void;
  /** For a button that is on or off, and whose label stays. */
  readonly pressed?: boolean;
  /** In the notation of aria-keyshortcuts. */
  readonly shortcut?: string;
  readonly className?: string;
}

export function IconButton({
  label,
  icon,
  onClick,
  pressed,
  shortcut,
  className,
}: IconButtonProps): ReactNode {
  return (
    <button
      type="button"
      className={className === undefined ? 'lc-button' : `lc-button ${className}`}
      aria-label={label}
      title={label}
      aria-pressed={pressed}
      aria-keyshortcuts={shortcut}
      onClick={onClick}
    >
      {icon}
    </button>
  );
}
