import { rtmpType, type RtmpMessage } from './rtmp-messages.ts';

/** A picture or a piece of sound as it came to the ingest. */
export interface MediaTag {
  readonly kind: 'video' | 'audio';
  /** Milliseconds of the RTMP session. */
  readonly timestamp: number;
  /** When its last byte came: milliseconds of this process's monotonic clock. */
  readonly at: number;
  /** The decoder's configuration, which comes before the media. */
  readonly isHeader: boolean;
  readonly isKeyframe: boolean;
  /** As FLV has it (Adobe's Video File Format 10.1, annex E). */
  readonly payload: Buffer;
}

/** undefined for messages that are no media. */
export function mediaTag({ type, timestamp, payload }: RtmpMessage, at: number): MediaTag | undefined {
  const [first, second] = payload;
  if (first === undefined || second === undefined) return undefined;
  if (type === rtmpType.audio) {
    return { kind: 'audio', timestamp, at, isHeader: second === 0, isKeyframe: false, payload };
  }
  // 2 is H.264's end of sequence, which FFmpeg sends in the end.
  if (type !== rtmpType.video || second === 2) return undefined;
  return { kind: 'video', timestamp, at, isHeader: second === 0, isKeyframe: first >> 4 === 1, payload };
}

/** An FLV file of these tags whose time begins at 0 with the first. */
export function flvFile(tags: readonly MediaTag[]): Buffer {
  const parts: Buffer[] = [Buffer.from([0x46, 0x4c, 0x56, 1, 5, 0, 0, 0, 9, 0, 0, 0, 0])];
  const base = firstTimestamp(tags);
  for (const { kind, timestamp, payload } of tags) {
    const head = Buffer.alloc(11);
    const time = Math.max(0, timestamp - base);
    head.writeUInt8(kind === 'video' ? rtmpType.video : rtmpType.audio, 0);
    head.writeUIntBE(payload.length, 1, 3);
    head.writeUIntBE(time & 0xffffff, 4, 3);
    head.writeUInt8((time >>> 24) & 0xff, 7);
    const size = Buffer.alloc(4);
    size.writeUInt32BE(payload.length + head.length);
    parts.push(head, payload, size);
  }
  return Buffer.concat(parts);
}

/** Where the time of flvFile begins. */
export function firstTimestamp(tags: readonly MediaTag[]): number {
  return Math.min(...tags.filter(({ isHeader }) => !isHeader).map(({ timestamp }) => timestamp));
}
