import type { ReactNode } from 'react';

/** Water that falls over a weir: the sign of netweir. */
export function Mark({ size }: { size: number }): ReactNode {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#0b6b66" />
      <g fill="none" stroke="#fff" strokeWidth="2.6" strokeLinecap="round" strokeLinejoin="round">
        <path d="M4 10h9.5c3.4 0 3.6 3 4.4 6s1.6 6 5 6H28" />
        <path d="M4 16h6.5c2.2 0 2.7 1.6 3.3 3.5" opacity=".62" />
        <path d="M4 22h8" opacity=".38" />
      </g>
    </svg>
  );
}
