/** A browser that a viewer may have. Each page is one of its own, with nothing of the pages before it. */
export interface Viewer extends AsyncDisposable {
  readonly name: string;
  open(address: string): Promise<ViewerPage>;
}

export interface ViewerPage extends AsyncDisposable {
  /** Resolves to the value of an expression in the page. */
  evaluate(expression: string): Promise<unknown>;
}
