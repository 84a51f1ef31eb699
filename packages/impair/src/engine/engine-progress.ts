/** Numbers that the engine's thread writes and the main thread waits for. */
export type EngineProgress = Int32Array<SharedArrayBuffer>;

/** How many commands were carried out. */
export const DONE = 0;
/** How often the thread has looked at what there is to do: what changes shows that it lives. */
export const BEATS = 2;
/** Not 0 once the thread has died. */
export const DEAD = 1;
