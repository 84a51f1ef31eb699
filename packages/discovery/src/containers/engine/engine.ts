import type { Container } from '@netweir/api';
import * as z from 'zod';

export const MIB = 1_048_576;
/** Enough for some ten thousand containers. */
export const MAX_LIST_BYTES: number = 16 * MIB;

/** What containers are called by in paths: Docker and Podman use 64 hexadecimal digits. */
export const ContainerId: z.ZodType<string> = z.string().regex(/^[\da-zA-Z][\w.-]{0,127}$/);

/** GET /events of both APIs, a line of it. */
export interface EngineEvent {
  readonly Type: string;
  readonly Action: string;
  readonly Actor: {
    readonly ID: string;
    readonly Attributes?: { readonly container?: string | undefined } | null | undefined;
  };
}
export const EngineEvent: z.ZodType<EngineEvent> = z.object({
  Type: z.string(),
  Action: z.string(),
  Actor: z.object({
    ID: z.string(),
    Attributes: z.object({ container: z.string().optional() }).nullish(),
  }),
});

/** A container engine that answers, seen through its own API. All may throw EngineError. */
export interface Engine {
  readonly runtime: 'docker' | 'podman';
  /** Where its events are, from a point in time on, in seconds since 1970. */
  eventsPath(sinceSeconds: number): string;
  /** The ids of all containers, stopped ones included. */
  list(): Promise<string[]>;
  /** What there is to say about a container; undefined where there is none by now. */
  inspect(id: string): Promise<Container | undefined>;
  /** The id of the container that an event makes another one; undefined where it makes none. */
  concerns(event: EngineEvent): string | undefined;
}
