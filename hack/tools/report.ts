/** Reports the progress of a long operation, one line per call. */
export type Report = (line: string) => void;
