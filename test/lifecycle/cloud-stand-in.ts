import { z } from 'zod';
import { cloudMakers } from '../fixtures/clouds/cloud-makers.ts';
import type { CloudName, MakeCloud } from '../fixtures/clouds/contract.ts';
import { startClouds } from '../fixtures/clouds/start-clouds.ts';
import { Journal, type JournalEntry } from './journal.ts';
import type { CallGroup, StandIn, StandInOptions } from './stand-in.ts';

const operations: Readonly<
  Record<CloudName, Readonly<Record<Exclude<CallGroup, 'any'>, readonly string[]>>>
> = {
  ivs: {
    create: ['CreateChannel'],
    list: ['ListChannels'],
    delete: ['DeleteChannel', 'StopStream'],
    key: ['ListStreamKeys', 'GetStreamKey', 'CreateStreamKey', 'DeleteStreamKey'],
  },
  cloudflare: {
    create: ['liveInputs.create'],
    list: ['liveInputs.list'],
    delete: ['liveInputs.delete', 'stream.delete'],
    key: ['liveInputs.get', 'liveInputs.rotateKeys', 'liveInputs.update'],
  },
  mux: {
    create: ['liveStreams.create'],
    list: ['liveStreams.list'],
    delete: ['liveStreams.delete', 'liveStreams.disable', 'assets.delete'],
    key: ['liveStreams.retrieve', 'liveStreams.resetStreamKey', 'liveStreams.enable'],
  },
};

/** Where the response to a create has the new stream's ID. */
const made: Readonly<Record<CloudName, z.ZodType<string>>> = {
  ivs: z.object({ channel: z.object({ arn: z.string() }) }).transform(({ channel }) => channel.arn),
  cloudflare: z.object({ result: z.object({ uid: z.string() }) }).transform(({ result }) => result.uid),
  mux: z.object({ data: z.object({ id: z.string() }) }).transform(({ data }) => data.id),
};

/** One of test/fixtures/clouds, with paper media. */
export async function startCloud(name: CloudName, { clock, random }: StandInOptions): Promise<StandIn> {
  const journal = new Journal();
  const make = journaled(await cloudMakers[name](), journal);
  const clouds = await startClouds({ clouds: { [name]: make }, media: 'paper', clock, random });
  const cloud = clouds.cloud(name);
  return {
    provider: name,
    spec: { provider: name, [name]: cloud.spec },
    credentials: cloud.credentials,
    media: clouds.media,
    journal,
    calls: operations[name],
    streams: () => cloud.streams(),
    makeForeignStream: () => cloud.makeForeignStream(),
    strike({ calls, ...rule }) {
      const chosen = calls === 'any' ? [undefined] : operations[name][calls];
      const ends = chosen.map((operation) => clouds.faults.add({ ...rule, cloud: name, operation }));
      return () => {
        for (const end of ends) end();
      };
    },
    struck: () => clouds.calls.all().filter(({ faults }) => faults.length > 0).length,
    [Symbol.asyncDispose]: () => clouds[Symbol.asyncDispose](),
  };
}

/** The same cloud, with a journal of every call that it handles. */
function journaled(make: MakeCloud, journal: Journal): MakeCloud {
  return (context) => {
    const cloud = make(context);
    const create = operations[cloud.name].create[0];
    return {
      ...cloud,
      plugin: async (scope) => {
        const underWay = new WeakMap<object, JournalEntry>();
        scope.addHook('preHandler', (request, reply, done) => {
          const operation = cloud.operationOf(request);
          if (operation !== undefined) {
            const body = typeof request.body === 'string' ? request.body : '';
            const entry = journal.add(
              operation,
              `${request.method} ${decodeURIComponent(request.url)} ${body}`,
            );
            underWay.set(request, entry);
            reply.raw.once('finish', () => {
              entry.answered = true;
              if (entry.answer === undefined) journal.done(entry);
            });
          }
          done();
        });
        scope.addHook('preSerialization', (request, _reply, payload, done) => {
          const entry = underWay.get(request);
          if (entry !== undefined) {
            entry.answer = JSON.stringify(payload);
            const { data: id } = made[cloud.name].safeParse(payload);
            if (entry.call === create && id !== undefined) journal.gave(entry, id, cloud.streams());
            journal.done(entry);
          }
          done(null, payload);
        });
        await cloud.plugin(scope, {});
      },
    };
  };
}
