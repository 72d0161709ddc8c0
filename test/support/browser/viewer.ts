/** A browser that a viewer may have. Each page is one of its own, with nothing of the pages before it. */
export interface Viewer extends AsyncDisposable {
  readonly name: string;
  open(address: string): Promise<ViewerPage>;
}

/** Keys that have a name instead of a character; others are the character itself. */
export type NamedKey = 'ArrowDown' | 'Escape' | 'Shift';

export interface ViewerPage extends AsyncDisposable {
  /** Resolves to the value of an expression in the page. */
  evaluate(expression: string): Promise<unknown>;
  /** Clicks the middle of the element that an XPath finds, as a mouse does. */
  click(xpath: string): Promise<void>;
  /** Presses a key and releases it. What has the focus receives it. */
  press(key: NamedKey | (string & {})): Promise<void>;
}
