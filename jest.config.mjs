// Four suites, each a jest project: unit (nothing outside the process), web (what runs in browsers, in jsdom),
// integration (real API server, FFmpeg, nginx, Chromium on this machine) and e2e (a real cluster). All run on the pinned Node 24.
const common = {
  // What is built there has the packages' own names once more.
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2024',
          parser: { syntax: 'typescript', explicitResourceManagement: true },
          // The helpers that swc inlines for `using` refer to a name that is not there when two errors meet.
          externalHelpers: true,
        },
        module: { type: 'es6' },
      },
    ],
  },
  testEnvironment: 'node',
};
export default {
  // Starting and stopping real parts takes longer than jest's five seconds on a busy machine.
  testTimeout: 60_000,
  projects: [
    { ...common, displayName: 'unit', testMatch: ['<rootDir>/test/unit/**/*.test.ts'] },
    {
      ...common,
      displayName: 'web',
      testMatch: ['<rootDir>/test/web/**/*.test.ts', '<rootDir>/test/web/**/*.test.tsx'],
      extensionsToTreatAsEsm: ['.ts', '.tsx'],
      testEnvironment: 'jsdom',
      transform: {
        '^.+\\.tsx?$': [
          '@swc/jest',
          {
            jsc: {
              target: 'es2024',
              parser: { syntax: 'typescript', tsx: true },
              transform: { react: { runtime: 'automatic' } },
              externalHelpers: true,
            },
            module: { type: 'es6' },
          },
        ],
      },
    },
    { ...common, displayName: 'integration', testMatch: ['<rootDir>/test/integration/**/*.test.ts'] },
    { ...common, displayName: 'e2e', testMatch: ['<rootDir>/test/e2e/**/*.test.ts'] },
  ],
};
