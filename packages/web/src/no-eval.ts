import * as z from 'zod';

// What zod compiles for speed, the page's Content-Security-Policy refuses. Before any schema is made.
z.config({ jitless: true });
