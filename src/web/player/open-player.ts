import { plainSource } from './channel/plain-source.ts';
import { ServiceOnDemand } from './channel/service-on-demand.ts';
import { browserClock } from './core/clock.ts';
import type { OpenPlayer, PlayerSource } from './core/open-player.ts';
import { Session } from './core/session.ts';
import { openEngine } from './engines/open-engine.ts';
import type { QualityReports } from './qoe/report-quality.ts';

/** Opens a player in this page: the session with its engine, on a channel of the service or a plain address. */
export const openPlayer: OpenPlayer = ({
  source,
  video,
  canvas,
  stage,
  autoPlay,
  muted,
  qoe,
  title,
  poster,
}) => {
  const service = source.kind === 'channel' ? serviceOf(source) : undefined;
  const channel = service ?? plainSource(source.kind === 'address' ? source.url : '');
  let quality: QualityReports | undefined;
  let destroyed = false;
  const session = new Session({
    ...{ video, canvas, container: stage, source: channel, autoplay: autoPlay, muted },
    openEngine: (options) =>
      openEngine({
        ...options,
        onEvent(event) {
          quality?.note(event);
          options.onEvent(event);
        },
      }),
    openIncoming: async (options) => new (await import('./core/incoming-stream.ts')).IncomingStream(options),
    description: title === undefined ? undefined : { title, poster },
    report:
      service === undefined
        ? undefined
        : (kind) => {
            service.service?.report(kind, quality?.snapshot());
          },
  });
  if (service !== undefined && qoe && !optsOut())
    void measureQuality(session, service).then((reports) => {
      if (destroyed) reports?.destroy();
      else quality = reports;
    });
  return {
    player: session,
    destroy() {
      destroyed = true;
      quality?.destroy();
      session.destroy();
      channel.destroy();
    },
  };
};

function serviceOf(source: Extract<PlayerSource, { readonly kind: 'channel' }>): ServiceOnDemand {
  return new ServiceOnDemand({
    ...{ clock: browserClock, random: Math.random },
    open: async () =>
      new (await import('./channel/service-source.ts')).ServiceSource({
        ...source,
        clock: browserClock,
      }),
  });
}

/** undefined: the code could not be loaded, and the show goes on without reports. */
async function measureQuality(
  session: Session,
  service: ServiceOnDemand,
): Promise<QualityReports | undefined> {
  const openedAt = browserClock.monotonic();
  try {
    const { reportQuality } = await import('./qoe/report-quality.ts');
    return reportQuality({
      ...{ video: () => session.video, clock: browserClock, openedAt, sid: randomSid(), player: session },
      send: async (report, isLast) => service.service?.sendQuality(report, isLast),
    });
  } catch {
    return undefined;
  }
}

/** Global Privacy Control (https://w3c.github.io/gpc/): the viewer wants no data to be passed on. */
function optsOut(): boolean {
  return 'globalPrivacyControl' in navigator && navigator.globalPrivacyControl === true;
}

function randomSid(): string {
  const [random = 0n] = crypto.getRandomValues(new BigUint64Array(1));
  return random.toString(16).padStart(16, '0');
}
