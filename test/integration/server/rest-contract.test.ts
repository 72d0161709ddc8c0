import { expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecordingServices } from '../../support/server/recording-services.ts';
import { AppStage } from '../../support/server/app-stage.ts';
import { schemathesis } from './schemathesis.ts';

const examples = process.env['API_CONTRACT_EXAMPLES'] ?? '3';
const minutes = 60_000;

/**
 * The result of schemathesis against the server with those services; event streams, which do not end, are skipped.
 */
async function findings(
  change: (services: RecordingServices) => void = () => {},
): Promise<{ passed: boolean; said: string }> {
  await using stage = await AppStage.start();
  change(stage.services);
  const url = await stage.app.listen({ host: '127.0.0.1', port: 0 });
  const [python, ...module] = await schemathesis();
  const folder = await mkdtemp(join(tmpdir(), 'livechannel-contract-'));
  const checks = [
    ...['not_a_server_error', 'status_code_conformance', 'content_type_conformance'],
    ...['response_schema_conformance', 'response_headers_conformance', 'unsupported_method'],
  ];
  const args = [
    ...[...module, 'run', `${url}/v1/openapi.json`, '--header', 'Authorization: Bearer admin', '--no-color'],
    ...['--phases', 'coverage,fuzzing', '--max-examples', examples, '--seed', '1', '--request-timeout', '10'],
    // Notifications of Agora are authenticated by a signature, which this stage has no secret for.
    ...[
      '--exclude-path-regex',
      '(events|agora/notifications)$',
      '--checks',
      checks.join(','),
      '--suppress-health-check',
      'all',
    ],
  ];
  try {
    return await new Promise((resolve) => {
      execFile(python, args, { cwd: folder, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
        resolve({ passed: error === null, said: stdout + stderr });
      });
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test(
  'every response is documented in the OpenAPI document, and no request makes the service fail',
  async () => {
    const { passed, said } = await findings();
    expect(passed ? '' : said).toBe('');
    expect(said).toContain('No issues found');
  },
  10 * minutes,
);

test(
  'an undocumented response would be detected',
  async () => {
    const { passed, said } = await findings((services) => {
      services.platforms = async () => [
        // The document requires complete channels.
        {
          name: 'p',
          provider: 'ivs',
          isDefault: true,
          ready: true,
          reason: '',
          message: '',
          channels: 0.5,
          capabilities: { rotateKey: true },
          quota: { used: null, limit: null, orphans: null, staleSince: null },
        },
      ];
    });
    expect(passed).toBe(false);
    expect(said).toMatch(/listPlatforms|\/v1\/platforms/);
  },
  10 * minutes,
);
