import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [react()],
  build: { outDir: '../daemon/page', emptyOutDir: true },
  server: { proxy: { '/api': { target: 'http://127.0.0.1:7878', ws: true } } },
});
