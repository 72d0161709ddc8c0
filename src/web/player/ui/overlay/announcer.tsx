import { useEffect, useState, type ReactNode } from 'react';

/** States that pass sooner are not read out. */
const SETTLED_MS = 500;

/** Reads `message` to screen readers when it has changed. The element is there from the start, or it would not be read. */
export function Announcer({ message }: { readonly message: string }): ReactNode {
  const [announced, setAnnounced] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => {
      setAnnounced(message);
    }, SETTLED_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [message]);
  return (
    <div role="status" className="lc-hidden">
      {announced}
    </div>
  );
}
