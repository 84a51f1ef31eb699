import { Globe, Laptop, type LucideIcon, MapPin, Router } from 'lucide-react';
import type { LabNode } from '../model/lab-model.ts';

export const NODE_ICONS: Readonly<Record<LabNode['kind'], LucideIcon>> = {
  exchange: Globe,
  region: MapPin,
  router: Router,
  device: Laptop,
};
