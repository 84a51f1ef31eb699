type LabLibrary = typeof import('@netweir/lab');

let library: LabLibrary | undefined;

/** The library that labs are made with. Only who has to do with a lab waits until it is loaded. */
export async function loadLabLibrary(): Promise<LabLibrary> {
  library ??= await import('@netweir/lab');
  return library;
}

/** The same where a lab was made, or a file read, in this process; undefined before. */
export function loadedLabLibrary(): LabLibrary | undefined {
  return library;
}
