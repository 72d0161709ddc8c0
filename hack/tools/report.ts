/** Says what happens while something long runs; one line per call. */
export type Report = (line: string) => void;
