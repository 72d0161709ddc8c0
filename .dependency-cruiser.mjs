/**
 * Which folders of src a folder may import from, beside itself. Imports go one way:
 * base <- api <- channel, platforms, kube, costs, store <- cluster <- recorder, controllers <- operator, server, audit <- main;
 * the relay and the origin import base and api alone. docs/architecture.md and CONTRIBUTING.md state the same order.
 *
 * @type {Readonly<Record<string, readonly string[]>>}
 */
const mayImport = {
  base: [],
  api: ['base'],
  kube: ['base'],
  channel: ['base', 'api'],
  platforms: ['base', 'api'],
  costs: ['base', 'api'],
  store: ['base', 'api'],
  relay: ['base', 'api'],
  origin: ['base', 'api'],
  cluster: ['base', 'api', 'kube', 'channel', 'platforms'],
  recorder: ['base', 'api', 'kube', 'channel', 'platforms', 'costs', 'store', 'cluster'],
  controllers: ['base', 'api', 'kube', 'channel', 'platforms', 'cluster'],
  operator: [
    ...['base', 'api', 'kube', 'channel', 'platforms', 'costs', 'store'],
    ...['cluster', 'recorder', 'controllers'],
  ],
  server: ['base', 'api', 'kube', 'channel', 'platforms', 'costs', 'store', 'cluster'],
  audit: ['base', 'api', 'kube', 'channel', 'platforms', 'costs', 'cluster'],
  client: ['api', 'server'],
  web: ['api', 'server', 'costs'],
};

const isAnyOf = (folders) => `^src/(?:${folders.join('|')})/`;

const directions = Object.entries(mayImport).map(([folder, allowed]) => ({
  name: `direction-${folder}`,
  comment: `src/${folder} may import ${allowed.length === 0 ? 'nothing of ours' : `only ${allowed.join(', ')}`} (docs/architecture.md).`,
  severity: 'error',
  from: { path: isAnyOf([folder]) },
  to: { path: '^src/', pathNot: isAnyOf([folder, ...allowed]) },
}));

export default {
  forbidden: [
    ...directions,
    {
      name: 'unlisted-folder',
      comment: 'A new folder of src needs a line in mayImport (.dependency-cruiser.mjs).',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: isAnyOf(Object.keys(mayImport)) },
      to: {},
    },
    {
      name: 'recorder-desired-only',
      comment:
        'Of src/channel the recorder needs what a channel should have (desired/) and how apps see it (views/), not how it gets there.',
      severity: 'error',
      from: { path: '^src/recorder/' },
      to: { path: '^src/channel/', pathNot: '^src/channel/(?:desired|views)/' },
    },
    {
      name: 'client-types-only',
      comment:
        'src/client is bundled for browsers: of the server it may import the schemas of the contract, and types.',
      severity: 'error',
      from: { path: '^src/client/' },
      to: {
        path: '^src/server/',
        pathNot: '^src/server/contract/',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'web-types-only',
      comment:
        'src/web runs in browsers: of the server it may import the schemas of the contract, and types.',
      severity: 'error',
      from: { path: '^src/web/' },
      to: {
        path: '^src/server/',
        pathNot: '^src/server/contract/',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'web-viewer-prices-only',
      comment:
        'The price book and its parser are for the service; pages compute with the prices that it returns.',
      severity: 'error',
      from: { path: '^src/web/' },
      to: { path: '^src/costs/', pathNot: '^src/costs/viewer-prices[.]ts$' },
    },
    {
      name: 'source-only',
      comment: 'src is what is shipped: it never imports test, hack or examples.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(?:test|hack|examples)/' },
    },
    {
      name: 'suites-apart',
      comment:
        'A suite imports nothing from another suite: what suites share is in test/support, the parts that they run ' +
        'against are in test/fixtures. test/unit/bench, test/integration/bench and those of lifecycle test the ' +
        'programs test/bench and test/lifecycle, and import them; those of web may use the fakes of test/web.',
      severity: 'error',
      // $1 is the suite, for example unit/bench; $2 is its name, bench.
      from: { path: '^test/((?:(?:unit|integration)/)?([^/]+))' },
      to: { path: '^test/', pathNot: ['^test/(?:support|fixtures)/', '^test/$1/', '^test/$2/'] },
    },
    {
      name: 'support-only',
      comment: 'Tools and examples import of test/ only what suites share: test/support and test/fixtures.',
      severity: 'error',
      from: { path: '^(?:hack|examples)/' },
      to: { path: '^test/', pathNot: '^test/(?:support|fixtures)/' },
    },
    {
      name: 'no-cycle',
      comment: 'Files that import each other, be it types alone, cannot be understood or moved one by one.',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Imports of types, which the compiler erases, count as well.
    tsPreCompilationDeps: true,
  },
};
