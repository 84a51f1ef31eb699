import './no-eval.ts';
import '@mantine/core/styles.css';
import './theme/global.css';
import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { store } from './connection/daemon.ts';
import { reloadOnNewToken } from './connection/token.ts';
import { theme } from './theme/theme.ts';

const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });

reloadOnNewToken();
store.connect();

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <MantineProvider theme={theme} defaultColorScheme="auto">
        <QueryClientProvider client={queries}>
          <App />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
}
