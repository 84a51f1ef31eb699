import { useReactFlow } from '@xyflow/react';
import type { FocusEvent } from 'react';

/** A keyboard can reach nodes and links that are outside the drawing's window: they come to its middle. */
export function useBringIntoSight(): (event: FocusEvent<HTMLElement>) => void {
  const { screenToFlowPosition, getZoom, setCenter } = useReactFlow();
  return ({ currentTarget, target }) => {
    if (!target.matches('[data-lab-node]:focus-visible, [data-lab-edge]:focus-visible')) return;
    // The browser has scrolled to it, which the drawing takes back.
    target.closest('.react-flow')?.scrollTo({ top: 0, left: 0, behavior: 'instant' });
    const window = currentTarget.getBoundingClientRect();
    const own = target.getBoundingClientRect();
    const isInSight =
      own.left >= window.left &&
      own.right <= window.right &&
      own.top >= window.top &&
      own.bottom <= window.bottom;
    if (isInSight) return;
    const middle = { x: own.left + own.width / 2, y: own.top + own.height / 2 };
    const { x, y } = screenToFlowPosition(middle);
    void setCenter(x, y, { zoom: getZoom() });
  };
}
