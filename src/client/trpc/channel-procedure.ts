import type { TRPCRootObject, TRPCRuntimeConfigOptions } from '@trpc/server';
import { z } from 'zod';
import { channelIdSchema } from '../../server/contract/channel-id.ts';
import type { Authorize, ChannelScope } from './authorize.ts';
import { errorFor, errorLike, NotAuthorized } from './errors.ts';

/** A procedure of the app for one channel: authorized by the app, and with the service's errors as TRPCErrors. */
export function channelProcedure<
  Context extends object,
  Meta extends object,
  Options extends TRPCRuntimeConfigOptions<Context, Meta>,
>(t: TRPCRootObject<Context, Meta, Options>, authorize: Authorize<Context>, scope: ChannelScope) {
  return t.procedure
    .use(async ({ next }) => {
      const result = await next();
      if (result.ok) return result;
      const options = errorFor(result.error.cause);
      if (options === undefined) return result;
      throw errorLike(result.error, options);
    })
    .input(z.object({ channelId: channelIdSchema }))
    .use(async ({ ctx, input, next }) => {
      const allowed: unknown = await authorize(ctx, input.channelId, scope);
      if (allowed !== true) throw new NotAuthorized(`Not allowed for channel ${input.channelId}.`);
      return next();
    });
}
