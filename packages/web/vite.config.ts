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
            { name: 'zod', test: /node_modules\/zod\// },
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
