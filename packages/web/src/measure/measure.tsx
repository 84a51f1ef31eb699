import { Autocomplete, Button, Checkbox, NativeSelect } from '@mantine/core';
import type { Interface, Inventory, Space } from '@netweir/api';
import { useMutation } from '@tanstack/react-query';
import { Scale } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { daemon } from '../connection/daemon.ts';
import { ErrorPanel } from '../connection/error-panel.tsx';
import { type MeasureTarget, measureTarget } from '../form/measure-target.ts';
import classes from './measure.module.css';
import { Result } from './result.tsx';

const DURATIONS = [
  { value: '2s', label: '2 seconds' },
  { value: '5s', label: '5 seconds' },
  { value: '15s', label: '15 seconds' },
  { value: '60s', label: '1 minute' },
];

export interface MeasureProps {
  readonly space: Space;
  readonly subject: Interface;
  readonly inventory: Inventory;
}

/** Measures from an interface to somewhere, and sets what is achieved against what is set. */
export function Measure({ space, subject, inventory }: MeasureProps): ReactNode {
  const { spaces } = inventory;
  const [text, setText] = useState(subject.peer?.space ?? '');
  const [duration, setDuration] = useState('5s');
  const [throughput, setThroughput] = useState(false);
  const [isWrong, setWrong] = useState(false);
  const measurement = useMutation({
    mutationFn: (to: MeasureTarget) =>
      daemon.measure({
        from: { space: space.id, interface: subject.name },
        to,
        duration,
        ...(throughput && { throughput }),
      }),
  });
  const start = (): void => {
    const to = measureTarget(text, spaces);
    setWrong(to === undefined);
    if (to) measurement.mutate(to);
  };
  return (
    <form
      className={classes.measure}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        start();
      }}
    >
      <div className={classes.fields}>
        <Autocomplete
          label="To a space or an address"
          placeholder="netns:server, 192.0.2.7, example.org:443"
          size="xs"
          data={spaces.map(({ id }) => id)}
          limit={20}
          value={text}
          error={isWrong && 'Write a space that is in the list, an address or a name.'}
          onChange={(value) => {
            setText(value);
            setWrong(false);
          }}
        />
        <NativeSelect
          label="For"
          size="xs"
          data={DURATIONS}
          value={duration}
          onChange={({ currentTarget }) => setDuration(currentTarget.value)}
        />
      </div>
      <Checkbox
        size="xs"
        label="Throughput too, which fills the way for a moment; where a rate is set it is measured anyway"
        checked={throughput}
        onChange={({ currentTarget }) => setThroughput(currentTarget.checked)}
      />
      <div className={classes.start}>
        <Button
          type="submit"
          variant="default"
          size="xs"
          leftSection={<Scale size={15} aria-hidden />}
          disabled={measurement.isPending}
        >
          Measure
        </Button>
        {measurement.isPending && <Elapsed />}
      </div>
      {measurement.isError && <ErrorPanel error={measurement.error} />}
      {measurement.data && !measurement.isPending && <Result measurement={measurement.data} />}
    </form>
  );
}

/** How long it has been measuring. */
function Elapsed(): ReactNode {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setSeconds((now) => now + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  return (
    <span className="muted tabular" role="timer">
      measuring, {seconds} s
    </span>
  );
}
