import type { ReactNode } from 'react';
import { useWords } from '../app-context.ts';

const example = `apiVersion: livechannel.dev/v1alpha1
kind: LiveChannel
metadata:
  name: autumn-sale
spec:
  agora:
    channelName: autumn-sale
    credentialsRef:
      name: agora`;

/** There is no channel: says how the first one comes to be. */
export function FirstRun(): ReactNode {
  const { texts } = useWords();
  return (
    <section className="card first-run" aria-labelledby="first-run">
      <h2 id="first-run">{texts.firstRun.title}</h2>
      <p>{texts.firstRun.text}</p>
      <p>{texts.firstRun.example}</p>
      <pre tabIndex={0}>{example}</pre>
    </section>
  );
}
