/** Arguments of the packager (FFmpeg), and the parser of its segment list. Pure. */

export const PACKAGER_LIST = 'list.m3u8';
export const PACKAGER_INIT = 'init.mp4';

/** What to package. */
export interface PackagerInput {
  /** URL of the stream on nginx's loopback port. Contains no secret, because the stream was renamed before. */
  readonly inputUrl: string;
  readonly directory: string;
  readonly segmentSeconds: number;
}

/** The command line of FFmpeg. */
export function packagerArguments({ inputUrl, directory, segmentSeconds }: PackagerInput): string[] {
  return [
    ...['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'warning'],
    // Both codec headers come first in a live FLV, so seconds of media need not be analyzed before the start.
    ...['-analyzeduration', '1500000', '-fpsprobesize', '0', '-rtmp_live', 'live', '-i', inputUrl],
    ...['-map', '0:v:0?', '-map', '0:a:0?', '-c', 'copy'],
    ...['-f', 'hls', '-hls_segment_type', 'fmp4'],
    // FFmpeg cuts at the first keyframe at or after n * hls_time. The value is a little less than the desired
    // duration, because otherwise a keyframe that arrives 10 ms early would result in a segment of twice the
    // duration.
    ...['-hls_time', String(segmentSeconds * 0.95), '-hls_list_size', '30'],
    ...['-hls_flags', 'independent_segments+temp_file'],
    ...['-hls_fmp4_init_filename', PACKAGER_INIT],
    ...['-hls_segment_filename', `${directory}/%d.m4s`],
    `${directory}/${PACKAGER_LIST}`,
  ];
}

/** An entry of FFmpeg's segment list. */
export interface PackagedSegment {
  readonly file: string;
  readonly seconds: number;
}

/** The segments of FFmpeg's list after the one named `after`. */
export function segmentsAfter(list: string, after: string | undefined): PackagedSegment[] {
  const segments: PackagedSegment[] = [];
  let seconds = 0;
  for (const line of list.split('\n')) {
    const duration = /^#EXTINF:([0-9.]+)/.exec(line)?.[1];
    if (duration !== undefined) seconds = Number(duration);
    else if (line !== '' && !line.startsWith('#')) segments.push({ file: line, seconds });
  }
  const known = segments.findIndex(({ file }) => file === after);
  return segments.slice(known + 1);
}
