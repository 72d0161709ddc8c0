interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export interface MenuPlace {
  readonly left: number;
  readonly top: number;
  readonly maxHeight: number;
}

/** Distance to the button and to the edges of the window, in pixels. */
const GAP = 8;

/** Above the button, or below where there is more room; within the window. All in pixels of the viewport. */
export function placeMenu(
  button: Box,
  menu: { readonly width: number; readonly height: number },
  viewport: { readonly width: number; readonly height: number },
): MenuPlace {
  const above = button.top - 2 * GAP;
  const below = viewport.height - button.bottom - 2 * GAP;
  const goesAbove = menu.height <= above || above >= below;
  const maxHeight = Math.max(goesAbove ? above : below, 0);
  const top = goesAbove ? button.top - GAP - Math.min(menu.height, maxHeight) : button.bottom + GAP;
  const middle = (button.left + button.right - menu.width) / 2;
  const left = Math.max(GAP, Math.min(middle, viewport.width - menu.width - GAP));
  return { left, top, maxHeight };
}
