import type { LiveChannel } from '../../src/api/live-channel.ts';
import { streamRecords, type StreamRecord } from '../../src/api/stream-records.ts';
import type { Plan, Wish } from './plan.ts';

/** One channel with the lifecycle's name: a name may be reused. */
export interface Life {
  readonly uid: string;
  /** Every stream ID that was ever recorded for it. */
  readonly ids: Set<string>;
  /** The data that the operator needs to find the streams was removed. */
  tampered: boolean;
  /** The state when its deletion began. */
  end:
    | {
        readonly retain: boolean;
        /** Whether it was to have a stream at that moment. */
        readonly hasOne: boolean;
        readonly records: readonly StreamRecord[];
      }
    | undefined;
}

/** What was done to a channel, and its currently desired state. */
export class Diary {
  readonly plan: Plan;
  readonly namespace: string;
  readonly name: string;
  readonly lives = new Map<string, Life>();
  readonly lines: string[] = [];
  /** Undefined: no channel is desired. */
  wish: Wish | undefined;
  uid: string | undefined;
  actions = 0;

  constructor(plan: Plan, namespace: string) {
    this.plan = plan;
    this.namespace = namespace;
    this.name = `c${String(plan.number)}`;
  }

  get ref(): { readonly namespace: string; readonly name: string } {
    return { namespace: this.namespace, name: this.name };
  }

  write(line: string): void {
    this.lines.push(`${new Date().toISOString().slice(11, 23)} ${line}`);
  }

  life(uid: string): Life {
    const known = this.lives.get(uid);
    if (known !== undefined) return known;
    const life = { uid, ids: new Set<string>(), tampered: false, end: undefined };
    this.lives.set(uid, life);
    return life;
  }

  /** Records a change of the channel. */
  saw(channel: LiveChannel): void {
    const { uid, deletionTimestamp, finalizers = [] } = channel.metadata;
    const life = this.life(uid);
    const records = streamRecords(channel);
    for (const { id } of records) if (id !== undefined) life.ids.add(id);
    const shown = records.map(
      ({ role, platform, id, slot }) => `${role} on ${platform} (slot ${String(slot)}): ${id ?? 'no ID yet'}`,
    );
    const ready = channel.status?.conditions?.find(({ type }) => type === 'Ready');
    const state = `${ready?.status ?? '-'}/${ready?.reason ?? '-'} ${ready?.message ?? ''}`;
    const marks = `${deletionTimestamp === undefined ? '' : 'deleting '}${finalizers.length === 0 ? 'no finalizer ' : ''}`;
    const line = `  saw ${uid.slice(0, 8)} ${marks}[${shown.join('; ')}] ${state}`;
    if (this.lines.at(-1)?.endsWith(line) !== true) this.write(line);
  }
}
