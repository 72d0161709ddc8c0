import type { KubeClient } from '../../../src/kube/client.ts';
import type { Secret } from '../../../src/kube/core-types.ts';
import { FakeClock } from '../../../src/kube/testing/fake-clock.ts';
import { SecretReader } from '../../../src/controllers/secret-reader.ts';

export const never = new AbortController().signal;

const base64 = (text: string): string => Buffer.from(text).toString('base64');

export function aSecretObject(values: Record<string, string>, version = '1'): Secret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace: 'shop', name: 'agora', uid: 'secret-uid', resourceVersion: version },
    data: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, base64(value)])),
  };
}

/** A reader of one Secret that a test can change, and the number of times that it was fetched. */
export class OneSecret {
  secret: Secret | undefined;
  error: Error | undefined;
  fetched = 0;
  readonly clock = new FakeClock();
  readonly reader: SecretReader;

  constructor(secret?: Secret) {
    this.secret = secret;
    const get = async (): Promise<Secret | undefined> => {
      this.fetched += 1;
      if (this.error !== undefined) throw this.error;
      return this.secret;
    };
    this.reader = new SecretReader({ get } as unknown as KubeClient, this.clock);
  }
}
