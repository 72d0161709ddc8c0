import { useEffect, useRef, type ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { playerRoot, streamAddress } from './place.ts';

/** hls.js in a component, loaded on demand as most apps do, with the controls of the browser. */
function Player(): ReactNode {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    void import('hls.js/light').then(({ default: Hls }) => {
      const hls = new Hls();
      hls.loadSource(streamAddress());
      if (video.current !== null) hls.attachMedia(video.current);
    });
  }, []);
  return <video ref={video} muted autoPlay playsInline controls />;
}

createRoot(playerRoot()).render(<Player />);
