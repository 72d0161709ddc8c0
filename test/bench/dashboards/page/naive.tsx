import { useEffect, useState, type ReactNode } from 'react';
import { createRoot } from 'react-dom/client';

interface Numbers {
  readonly channelId: string;
  readonly hlsViewers: number | null;
  readonly agoraViewers: number | null;
  readonly bitrateKbps: number | null;
  readonly health: string | null;
}

type Event =
  | { readonly type: 'numbers'; readonly channels: readonly Numbers[] }
  | {
      readonly type: 'status';
      readonly channel: { readonly id: string; readonly relay: Pick<Numbers, 'hlsViewers'> };
    };

/** The same events in the plainest React: a row for each channel, whether it can be seen or not. */
function NaiveTable(): ReactNode {
  const [channels, setChannels] = useState<readonly Numbers[]>([]);
  const [q, setQ] = useState('');
  useEffect(() => {
    const source = new EventSource('/trpc/events.all');
    source.onmessage = ({ data }) => {
      const event = JSON.parse(String(data)) as Event;
      if (event.type === 'numbers') setChannels(event.channels);
      else
        setChannels((before) =>
          before.map((each) =>
            each.channelId === event.channel.id
              ? { ...each, hlsViewers: event.channel.relay.hlsViewers }
              : each,
          ),
        );
    };
    return () => source.close();
  }, []);
  const shown = channels
    .filter(({ channelId }) => channelId.includes(q))
    .toSorted((a, b) => (b.hlsViewers ?? 0) - (a.hlsViewers ?? 0));
  return (
    <>
      <input type="search" aria-label="Filter" value={q} onChange={({ target }) => setQ(target.value)} />
      <div className="table" style={{ blockSize: 700, overflow: 'auto' }}>
        <table role="table" aria-rowcount={shown.length + 1} style={{ inlineSize: '100%' }}>
          <tbody>
            {shown.map((each) => (
              <tr key={each.channelId} className="body-row" style={{ blockSize: 44 }}>
                <th scope="row">
                  <a href={`/dashboard/channels/${each.channelId}`}>{each.channelId}</a>
                </th>
                <td>On air</td>
                <td>Agora and HLS</td>
                <td>ivs-eu</td>
                <td>{each.hlsViewers ?? '–'}</td>
                <td>{each.agoraViewers ?? '–'}</td>
                <td>{each.bitrateKbps ?? '–'}</td>
                <td>{each.health ?? '–'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

const root = document.querySelector('#root');
if (root !== null) createRoot(root).render(<NaiveTable />);
