import type { AgoraFigures } from '@livechannel/react/seller';

/** The parts of Agora's client that are read. */
interface HostClient {
  on(event: 'network-quality', listener: (quality: { uplinkNetworkQuality: number }) => void): void;
  getLocalVideoStats(): { sendPackets: number; sendPacketsLost: number };
}

/** What Agora's SDK knows of the seller's own upload, every 2 s. The relay sees only what arrives from Agora. */
export function watchUpload(client: HostClient, onFigures: (figures: AgoraFigures) => void): void {
  let last = { sendPackets: 0, sendPacketsLost: 0 };
  client.on('network-quality', ({ uplinkNetworkQuality }) => {
    const stats = client.getLocalVideoStats();
    const sent = stats.sendPackets - last.sendPackets;
    const lost = stats.sendPacketsLost - last.sendPacketsLost;
    last = stats;
    const sendLossPercent = sent > 0 ? (100 * lost) / sent : undefined;
    onFigures({ uplinkQuality: uplinkNetworkQuality, sendLossPercent, at: Date.now() });
  });
}
