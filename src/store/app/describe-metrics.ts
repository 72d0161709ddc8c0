import type { AppMetricsState } from './app-metrics.ts';

/** Says what becomes of the app's table of metrics, and what to do if it is not filled. `ours`: schema of our tables. */
export function describeAppMetrics(state: AppMetricsState, ours: string): string {
  switch (state.kind) {
    case 'own':
      return `table of livechannel, ${ours}.stream_metrics`;
    case 'usable':
      return `the app's table ${state.table.schema}.stream_metrics is filled`;
    case 'absent':
      return (
        'the app has no such table. `livechannel migrate` creates it if its role may; ' +
        `\`livechannel migrate --sql\` prints the statements. Samples are in ${ours}.stream_metrics`
      );
    case 'occupied':
      return (
        `${state.schema}.stream_metrics is a table of livechannel, whose channel_id is text, because the role may not ` +
        'use a schema "livechannel". Run `create schema livechannel authorization ROLE` as the owner of the ' +
        'database, then `livechannel migrate` again'
      );
    case 'unusable':
      return (
        `the app's table ${state.schema}.stream_metrics is NOT filled: ${state.problems.join('; ')}. Change or rename it; ` +
        `\`livechannel migrate --sql\` prints the expected columns. Samples are in ${ours}.stream_metrics`
      );
  }
}
