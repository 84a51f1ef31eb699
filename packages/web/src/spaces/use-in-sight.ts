import { type RefObject, useEffect, useState } from 'react';

/** How far outside the window a row still counts as seen, so that it is drawn when it comes. */
const MARGIN = '300px';

const watched = new WeakMap<Element, (inSight: boolean) => void>();

/** One for all rows: an observer of its own for each would cost more than the drawing that it saves. */
const observer = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) watched.get(target)?.(isIntersecting);
  },
  { rootMargin: MARGIN },
);

/** Whether an element is in the window or close to it. */
export function useInSight(element: RefObject<Element | null>): boolean {
  const [inSight, setInSight] = useState(false);
  useEffect(() => {
    const target = element.current;
    if (!target) return;
    watched.set(target, setInSight);
    observer.observe(target);
    return () => observer.unobserve(target);
  }, [element]);
  return inSight;
}
