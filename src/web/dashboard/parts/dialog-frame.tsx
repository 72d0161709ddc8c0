import type { ReactNode } from 'react';
import { Dialog } from 'react-aria-components/Dialog';
import { Heading } from 'react-aria-components/Heading';
import { Modal, ModalOverlay } from 'react-aria-components/Modal';

interface DialogFrameProps {
  readonly title: string;
  /** true: neither Esc nor a press outside closes it. */
  readonly isBusy: boolean;
  readonly onClose: () => void;
  /** Texts and fields, and the buttons in an element of class `dialog-buttons`. */
  readonly children: ReactNode;
}

/** A dialog over the page. It is open while it is rendered. */
export function DialogFrame({ title, isBusy, onClose, children }: DialogFrameProps): ReactNode {
  return (
    <ModalOverlay
      className="overlay"
      isOpen
      isDismissable={!isBusy}
      isKeyboardDismissDisabled={isBusy}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <Modal className="modal">
        <Dialog className="dialog" role="alertdialog">
          <Heading slot="title">{title}</Heading>
          {children}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
