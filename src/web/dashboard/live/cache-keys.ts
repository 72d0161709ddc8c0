/** Where data is in the query cache. */
export const cacheKeys = {
  session: ['session'],
  loginMethods: ['login-methods'],
  overview: ['overview'],
  channels: ['channels'],
  numbers: ['numbers'],
  /** Alerts that are open, of all channels and platforms. */
  openAlerts: ['open-alerts'],
  /** Alerts of one channel, followed by its id. */
  alerts: ['alerts'],
  /** What happened to channels while this page was open. */
  moments: ['moments'],
  platforms: ['platforms'],
  /** Followed by the filters. */
  audit: ['audit'],
  apiKeys: ['api-keys'],
  metrics: ['metrics'],
  qoe: ['qoe'],
  costs: ['costs'],
  prices: ['prices'],
  budgets: ['budgets'],
  history: ['history'],
} as const;
