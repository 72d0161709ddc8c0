import { SellerPreview, SellerStreamHealth } from '@livechannel/react/seller';
import { useRef, type ReactNode } from 'react';
import { buyerPath } from './routes.ts';
import { sellerTicket } from './tickets.ts';
import { useShow, type ShowState } from './use-show.ts';

interface SellerPageProps {
  readonly channelId: string;
  /** Base address of the service. */
  readonly api: string;
}

const sentences: Readonly<Record<ShowState, string>> = {
  off: 'You are not on camera.',
  joining: 'Connecting to Agora. Allow the camera and the microphone.',
  live: 'You are on camera.',
  'live-on-agora': 'You are on camera. All buyers watch on Agora.',
  ending: 'The show ends.',
};

/** Start and end of a show, how it does, where buyers watch, and what they see. */
export function SellerPage({ channelId, api }: SellerPageProps): ReactNode {
  const camera = useRef<HTMLDivElement>(null);
  const { state, runs, figures, fault, start, end } = useShow(channelId, camera);
  const channel = { channelId, api, ticket: () => sellerTicket(channelId) };
  const isOff = state === 'off';
  return (
    <>
      <h1>Your show on channel {channelId}</h1>
      <div className="seller">
        <section className="card" aria-label="Camera">
          <div ref={camera} className="picture" data-state={state} />
          <p role="status">
            {isOff && runs ? 'Your show is still on air, without a camera.' : sentences[state]}
          </p>
          {fault !== undefined && <p role="alert">{fault}</p>}
          <p className="buttons">
            <button type="button" className="button" disabled={!isOff} onClick={start}>
              Go live
            </button>
            <button
              type="button"
              className="button second"
              disabled={state === 'joining' || state === 'ending' || (isOff && !runs)}
              onClick={end}
            >
              End the show
            </button>
          </p>
          <p className="quiet">
            Buyers watch at{' '}
            <a href={buyerPath(channelId)}>{new URL(buyerPath(channelId), location.href).href}</a>
          </p>
        </section>
        <SellerStreamHealth {...channel} agora={figures} title={`Channel ${channelId}`} />
        <SellerPreview {...channel} />
      </div>
    </>
  );
}
