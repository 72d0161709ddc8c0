/** The pages of the navigation, in their order, and the scope without which the service refuses what they show. */
export const pages = [
  { to: '/', name: 'overview', scope: 'operate' },
  { to: '/platforms', name: 'platforms', scope: 'operate' },
  { to: '/alerts', name: 'alerts', scope: 'operate' },
  { to: '/costs', name: 'costs', scope: 'admin' },
  { to: '/audit', name: 'audit', scope: 'admin' },
  { to: '/api-keys', name: 'apiKeys', scope: 'admin' },
] as const;
