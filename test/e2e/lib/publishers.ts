import { z } from 'zod';
import type { Kubectl } from '../../../hack/demo/kubectl.ts';
import { systemNamespace } from '../../../hack/demo/release.ts';

const lineSchema = z.object({ time: z.number(), msg: z.string(), stream: z.string() });
const messages = ['publisher accepted', 'publisher refused: priority too low'];

/** The origin's decisions about all publishers of the stream since that time, in order. */
export async function publishersSince(kubectl: Kubectl, since: Date, stream: string): Promise<string[]> {
  const log = await kubectl.run([
    ...['-n', systemNamespace, 'logs', 'deployment/livechannel-origin', '-c', 'origin'],
    `--since-time=${since.toISOString()}`,
  ]);
  return log.split('\n').flatMap((line) => {
    const said = lineSchema.safeParse(line.startsWith('{') ? JSON.parse(line) : undefined).data;
    return said?.stream === stream && said.time >= since.getTime() && messages.includes(said.msg)
      ? [said.msg]
      : [];
  });
}
