import { SocketReader } from '@netweir/kernel';

let reader: SocketReader | undefined;
let borrowers = 0;

/** The worker that reads for all captures of this process; there while one of them needs it. */
export function borrowReader(): SocketReader {
  borrowers++;
  reader ??= new SocketReader();
  return reader;
}

/** Ends the worker with its last capture. */
export async function returnReader(): Promise<void> {
  borrowers--;
  if (borrowers > 0) return;
  const last = reader;
  reader = undefined;
  await last?.close();
}
