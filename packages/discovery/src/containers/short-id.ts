const LENGTH = 12;

/** The start of a container's id, as runtimes print it: as unique as the whole. */
export function shortId(id: string): string {
  return id.slice(0, LENGTH);
}
