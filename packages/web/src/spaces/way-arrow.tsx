import { ArrowDown, ArrowUp } from 'lucide-react';
import type { ReactNode } from 'react';
import { WAY_NAMES, type Way } from '../form/ways.ts';

export interface WayArrowProps {
  readonly way: Way;
  /** The arrow stands for the word, which is not beside it. */
  readonly alone?: boolean;
}

/** Up for what an interface sends, down for what it receives. */
export function WayArrow({ way, alone = false }: WayArrowProps): ReactNode {
  const Arrow = way === 'egress' ? ArrowUp : ArrowDown;
  const name = alone
    ? { role: 'img', 'aria-label': WAY_NAMES[way].toLowerCase() }
    : { 'aria-hidden': true };
  return <Arrow size={14} {...name} />;
}
