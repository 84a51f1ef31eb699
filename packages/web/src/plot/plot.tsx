import { type ReactNode, useEffect, useRef } from 'react';
import uPlot, { type AlignedData, type Options } from 'uplot';
import 'uplot/dist/uPlot.min.css';

export interface PlotProps {
  readonly label: string;
  readonly height: number;
  readonly data: AlignedData;
  /** Made from the colours in force; the same function keeps the plot. */
  readonly options: (colour: (name: string) => string) => Omit<Options, 'width' | 'height'>;
  readonly scheme: string;
}

/** A uPlot that fills its parent's width and follows its data. */
export function Plot({ label, height, data, options, scheme }: PlotProps): ReactNode {
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const latest = useRef(data);
  latest.current = data;

  useEffect(() => {
    const parent = frame.current;
    if (!parent || scheme === '') return;
    const style = getComputedStyle(parent);
    const colour = (name: string): string => style.getPropertyValue(name).trim();
    const size = { width: Math.max(parent.clientWidth, 50), height };
    const made = new uPlot({ ...options(colour), ...size }, latest.current, parent);
    plot.current = made;
    const observer = new ResizeObserver(() => {
      made.setSize({ width: Math.max(parent.clientWidth, 50), height });
    });
    observer.observe(parent);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [options, height, scheme]);

  useEffect(() => plot.current?.setData(data), [data]);

  return <div ref={frame} role="img" aria-label={label} style={{ height, minWidth: 0 }} />;
}
