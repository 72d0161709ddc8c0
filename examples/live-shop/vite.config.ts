import { defineConfig } from 'vite';

/** The pages: `npm run build` writes them into dist/, from which server/main.ts serves them. */
export default defineConfig({
  root: 'web',
  build: {
    outDir: '../dist',
    emptyOutDir: true,
    // Agora's SDK is 1.3 MB, which only those load who publish or watch there.
    chunkSizeWarningLimit: 2_000,
    rolldownOptions: {
      onLog: (level, log, handle) => {
        // 'use client' of @livechannel/react is for frameworks with server components.
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') handle(level, log);
      },
    },
  },
  // `npm run dev` serves the pages itself, and leaves the calls to `npm start` in another terminal.
  server: { proxy: { '/trpc': 'http://localhost:3000' } },
});
