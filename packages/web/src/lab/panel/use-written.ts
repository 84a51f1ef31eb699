import { useState } from 'react';

/** A text to be written over: it is the value again as soon as that is another. */
export function useWritten(value: string): [text: string, write: (text: string) => void] {
  const [written, setWritten] = useState({ text: value, over: value });
  if (written.over !== value) setWritten({ text: value, over: value });
  return [written.text, (text) => setWritten({ text, over: value })];
}
