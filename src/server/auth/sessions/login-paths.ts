/** Where the OIDC issuer sends the browser back to. */
export const LOGIN_CALLBACK_PATH = '/login/oidc/callback';
/** The page after a login, unless the login was started from another one. */
export const HOME_PATH = '/dashboard';

/** A path of the dashboard to return to after the login; anything else would make the login an open redirector. */
export const returnPath = /^\/dashboard(?:\/[\w\-.~%/]*)?(?:\?[\w\-.~%&=+:,]*)?$/;
