import type { Container } from '@netweir/api';

/** A running container of Docker's with nothing to it but what a test says. */
export function container(more: Partial<Container> = {}): Container {
  return {
    runtime: 'docker',
    endpoint: '/run/docker.sock',
    id: 'c0ffee',
    name: 'web',
    image: 'nginx:1.27',
    state: 'running',
    pid: null,
    createdAt: null,
    labels: {},
    compose: null,
    pod: null,
    rootless: false,
    networks: [],
    ports: [],
    ...more,
  };
}

export function pod(
  more: Partial<NonNullable<Container['pod']>> = {},
): NonNullable<Container['pod']> {
  return { namespace: 'shop', name: 'cart-0', labels: {}, annotations: {}, ...more };
}
