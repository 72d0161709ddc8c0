import { expect, test } from '@jest/globals';
import { settingsReference } from '../../../../hack/generate/settings-reference.ts';
import { tableRows } from './table-rows.ts';

test('the reference of settings contains the values and the default of booleans', () => {
  const rows = tableRows(settingsReference());
  const valuesOf = (variable: string): unknown =>
    rows.find(([name]) => name === `\`${variable}\``)?.slice(1, 3);
  expect(valuesOf('LIVECHANNEL_LEADER_ELECTION')).toEqual(['`true`, `false`', '`true`']);
  expect(valuesOf('LIVECHANNEL_API_PUBLIC_PLAYBACK')).toEqual(['`true`, `false`', '`false`']);
  expect(valuesOf('LIVECHANNEL_POD_NAME')).toEqual(['text', '']);
});
