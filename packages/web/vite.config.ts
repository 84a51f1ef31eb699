import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const DAEMON = 'http://127.0.0.1:7878';

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: '../daemon/page',
    emptyOutDir: true,
    rolldownOptions: {
      output: {
        // What changes seldom stays in the browser's cache when the page itself changes.
        codeSplitting: {
          groups: [
            { name: 'react', test: /node_modules\/(react|react-dom|scheduler)\// },
            // With what configures it, so that no other chunk can make a schema before.
            { name: 'zod', test: /node_modules\/zod\/|src\/no-eval/ },
          ],
        },
      },
    },
  },
  server: {
    proxy: {
      '/api': {
        target: DAEMON,
        ws: true,
        // The daemon answers only to its own Host and Origin.
        changeOrigin: true,
        headers: { origin: DAEMON },
      },
    },
  },
});
