import { useState, type ReactNode } from 'react';
import { problemKinds, type ProblemKind } from '../../core/problem-kinds.ts';
import type { Words } from '../../text/words.ts';
import { Dialog } from './dialog.tsx';

interface ReportDialogProps {
  readonly words: Words;
  readonly onReport: (kind: ProblemKind) => void;
  readonly onClose: () => void;
}

/** One press reports. */
export function ReportDialog({ words, onReport, onClose }: ReportDialogProps): ReactNode {
  const { controls, problems, report } = words;
  const [sent, setSent] = useState(false);
  return (
    <Dialog title={controls.report} close={controls.close} onClose={onClose} done={sent}>
      <p role="status">{sent ? report.sent : report.intro}</p>
      {!sent &&
        problemKinds.map((kind) => (
          <button
            key={kind}
            type="button"
            className="lc-action lc-choice"
            onClick={() => {
              onReport(kind);
              setSent(true);
            }}
          >
            {problems[kind]}
          </button>
        ))}
    </Dialog>
  );
}
