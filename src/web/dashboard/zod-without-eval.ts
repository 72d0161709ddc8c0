import { z } from 'zod';

// Its quicker validators are compiled by `new Function`, which the Content-Security-Policy of the page forbids. Schemas
// try it when they are created, so this module is the first that main.tsx imports.
z.config({ jitless: true });
