/** What a thread needs whose programs start in namespaces: `@netweir/kernel/process`, quick to load. */
export { startingIn } from './process/pid-namespace.ts';
