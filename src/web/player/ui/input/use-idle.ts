import { useCallback, useEffect, useRef, useState } from 'react';

/** Controls that have not been used for that time are in the way of the show. */
const IDLE_MS = 3_000;

export interface Idle {
  readonly idle: boolean;
  /** To be called at each movement of the pointer, key and change of focus. */
  readonly onActivity: () => void;
}

/** Whether the viewer has let the controls alone for a while. Never while `mayIdle` is false. */
export function useIdle(mayIdle: boolean): Idle {
  const [quiet, setQuiet] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const wait = useCallback(() => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      setQuiet(true);
    }, IDLE_MS);
  }, []);
  useEffect(() => {
    if (mayIdle) wait();
    return () => {
      clearTimeout(timer.current);
    };
  }, [mayIdle, wait]);
  const onActivity = useCallback(() => {
    setQuiet(false);
    if (mayIdle) wait();
  }, [mayIdle, wait]);
  return { idle: quiet && mayIdle, onActivity };
}
