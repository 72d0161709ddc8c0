/** T with members that can be assigned. */
export type Mutable<T> = { -readonly [K in keyof T]: T[K] };
