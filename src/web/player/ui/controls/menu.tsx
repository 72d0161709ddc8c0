import {
  useEffect,
  useRef,
  type FocusEvent,
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
} from 'react';
import { placeMenu } from './place-menu.ts';

interface MenuProps {
  readonly label: string;
  readonly button: RefObject<HTMLButtonElement | null>;
  readonly onClose: () => void;
  /** Above the items. */
  readonly note?: ReactNode;
  /** undefined: there is nothing to choose, and the note is all. */
  readonly children?: ReactNode;
}

/**
 * A menu in the browser's top layer, so that no edge of the player cuts it off. It is there while it is open. Arrow keys,
 * Home and End walk; Esc, Tab and a press elsewhere close. Browsers without popovers show it in the player.
 */
export function Menu({ label, button, onClose, note, children }: MenuProps): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const menu = box.current;
    if (menu === null) return undefined;
    const place = (): void => {
      if (button.current === null) return;
      menu.style.maxHeight = '';
      const viewport = { width: window.innerWidth, height: window.innerHeight };
      const size = menu.getBoundingClientRect();
      const { left, top, maxHeight } = placeMenu(button.current.getBoundingClientRect(), size, viewport);
      Object.assign(menu.style, { left: `${left}px`, top: `${top}px`, maxHeight: `${maxHeight}px` });
    };
    if ('showPopover' in menu) {
      menu.showPopover();
      place();
    }
    const items = itemsOf(menu);
    const first = items.find((item) => item.getAttribute('aria-checked') === 'true') ?? items[0] ?? menu;
    first.focus({ preventScroll: true });
    const pressed = ({ target }: Event): void => {
      const inside = target instanceof Node && (menu.contains(target) || button.current?.contains(target));
      if (inside !== true) onClose();
    };
    document.addEventListener('pointerdown', pressed);
    window.addEventListener('resize', place);
    window.addEventListener('scroll', place, true);
    return () => {
      document.removeEventListener('pointerdown', pressed);
      window.removeEventListener('resize', place);
      window.removeEventListener('scroll', place, true);
    };
  }, [button, onClose]);

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    if (event.key === 'Escape' || event.key === 'Tab') {
      // Tab goes on from the button.
      button.current?.focus();
      onClose();
      if (event.key === 'Tab') return;
    } else {
      const items = itemsOf(event.currentTarget);
      const next = nextItem(event.key, items.indexOf(event.target as HTMLElement), items.length);
      if (next === undefined) return;
      items[next]?.focus();
    }
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      ref={box}
      className="lc-menu"
      popover="manual"
      tabIndex={-1}
      {...(children === undefined ? { role: 'dialog', 'aria-label': label } : {})}
      onKeyDown={onKeyDown}
      onFocus={rove}
    >
      {note}
      {children !== undefined && (
        <div role="menu" aria-label={label}>
          {children}
        </div>
      )}
    </div>
  );
}

/** One item at a time can be reached by Tab: the one that was last in focus. */
function rove({ currentTarget, target }: FocusEvent<HTMLElement>): void {
  for (const item of itemsOf(currentTarget)) item.tabIndex = item === target ? 0 : -1;
}

const itemsOf = (menu: HTMLElement): HTMLElement[] => [
  ...menu.querySelectorAll<HTMLElement>('[role^=menuitem]'),
];

/** Index of the item that a key leads to; undefined: the key is not the menu's. */
export function nextItem(key: string, current: number, count: number): number | undefined {
  switch (key) {
    case 'ArrowDown':
      return (current + 1) % count;
    case 'ArrowUp':
      return (current + count - 1) % count;
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return undefined;
  }
}

interface MenuItemProps {
  readonly label: string;
  /** Beside the label, in a quieter voice. */
  readonly detail?: string | undefined;
  readonly kind?: 'radio' | 'checkbox';
  readonly checked?: boolean;
  readonly onSelect: () => void;
}

export function MenuItem({ label, detail, kind, checked = false, onSelect }: MenuItemProps): ReactNode {
  return (
    <button
      type="button"
      role={kind === undefined ? 'menuitem' : `menuitem${kind}`}
      aria-checked={kind === undefined ? undefined : checked}
      className="lc-item"
      tabIndex={-1}
      onClick={onSelect}
    >
      <span className="lc-check" aria-hidden="true">
        {checked && '✓'}
      </span>
      <span>{label}</span>
      {detail !== undefined && <small>{detail}</small>}
    </button>
  );
}
