import type { LabFile } from '@netweir/api';
import { Lab, type Router } from '@netweir/lab';

export async function buildLab(file: LabFile, { name }: { name: string }): Promise<Lab> {
  const lab = await Lab.create({ name });
  const routers = new Map<string, Router>();
  for (const { name: router } of file.router ?? []) routers.set(router, lab.router(router));
  for (const [device, interfaces] of Object.entries(file.device ?? {})) {
    const uplinks = Object.entries(interfaces).flatMap(([key, value]) => {
      const router = typeof value === 'object' ? routers.get(value.gateway) : undefined;
      return router ? [[key, router] as const] : [];
    });
    lab.device(device, { interfaces: Object.fromEntries(uplinks) });
  }
  return lab;
}
