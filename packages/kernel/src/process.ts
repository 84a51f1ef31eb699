/** What a thread needs whose programs start in namespaces: `@netweir/kernel/process`, quick to load. */
export { enterMounts } from './process/mount-namespace.ts';
export { startingIn } from './process/pid-namespace.ts';
