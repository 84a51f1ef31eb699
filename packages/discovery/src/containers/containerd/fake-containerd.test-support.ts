/** A containerd whose containers are set by a test. */
import type { UntypedServiceImplementation } from '@grpc/grpc-js';
import { serve, unary } from '../grpc/fake-server.test-support.ts';
import { CONTAINERD } from './descriptors.ts';

interface EventStream {
  write(event: object): boolean;
  end(): void;
}

/** What there is, by containerd's namespaces, and who follows events. */
export class FakeContainerd {
  containers: Record<string, object[]> = { default: [] };
  tasks: Record<string, object[]> = {};
  readonly followers: EventStream[] = [];
  lists = 0;

  services(): Record<string, UntypedServiceImplementation> {
    const of = (metadata: ReadonlyMap<string, string>): string =>
      metadata.get('containerd-namespace') ?? '';
    return {
      'containerd.services.namespaces.v1.Namespaces': {
        List: unary(() => ({ namespaces: Object.keys(this.containers).map((name) => ({ name })) })),
      },
      'containerd.services.containers.v1.Containers': {
        List: unary((metadata) => {
          this.lists += 1;
          return { containers: this.containers[of(metadata)] ?? [] };
        }),
      },
      'containerd.services.tasks.v1.Tasks': {
        List: unary((metadata) => ({ tasks: this.tasks[of(metadata)] ?? [] })),
      },
      'containerd.services.events.v1.Events': {
        Subscribe: (stream: EventStream) => void this.followers.push(stream),
      },
    };
  }

  serve(path: string): ReturnType<typeof serve> {
    return serve(path, CONTAINERD, this.services());
  }

  tell(topic: string): void {
    for (const follower of this.followers) follower.write({ namespace: 'default', topic });
  }
}
