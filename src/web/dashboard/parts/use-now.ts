import { useEffect, useState } from 'react';
import { useApp } from '../app-context.ts';

const TICK_MS = 1_000;

/** The time, once a second: for ages. */
export function useNow(): number {
  const { now } = useApp();
  const [time, setTime] = useState(now);
  useEffect(() => {
    const timer = setInterval(() => setTime(now()), TICK_MS);
    return () => clearInterval(timer);
  }, [now]);
  return time;
}
