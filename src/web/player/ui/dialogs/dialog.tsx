import { useEffect, useId, useRef, type ReactNode } from 'react';

interface DialogProps {
  readonly title: string;
  /** Label of the button that closes. */
  readonly close: string;
  readonly onClose: () => void;
  /** To close it is one choice beside another, which is the one in front. */
  readonly asks?: boolean;
  /** What there was to do is done: the focus goes to the button that closes. */
  readonly done?: boolean;
  readonly children: ReactNode;
}

/** A modal dialog, there while it is open. Esc, a press beside it and its button close it; the focus then goes back. */
export function Dialog({
  title,
  close,
  onClose,
  asks = false,
  done = false,
  children,
}: DialogProps): ReactNode {
  const heading = useId();
  const closing = useRef<HTMLButtonElement>(null);
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    const element = dialog.current;
    element?.showModal();
    return () => {
      element?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  useEffect(() => {
    if (done) closing.current?.focus();
  }, [done]);
  return (
    // The browser turns Esc into cancel; a press on the backdrop has the dialog itself as its target.
    <dialog
      ref={dialog}
      className="lc-dialog"
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === event.currentTarget) onClose();
      }}
    >
      <div className="lc-dialog-body">
        <h2 id={heading}>{title}</h2>
        {children}
        <button
          ref={closing}
          type="button"
          className={asks ? 'lc-action lc-choice' : 'lc-action'}
          onClick={onClose}
        >
          {close}
        </button>
      </div>
    </dialog>
  );
}
