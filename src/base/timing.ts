/** A duration that users can notice: a row of docs/reference/timings.md, which is generated. */
export interface Timing {
  /** Name of the constant. */
  readonly name: string;
  readonly ms: number;
  /** A noun phrase that describes the duration. */
  readonly what: string;
  /** Where users can observe the duration. */
  readonly visibleAs: string;
}
