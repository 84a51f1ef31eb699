import { Button, CloseButton } from '@mantine/core';
import type { InterfaceRef } from '@netweir/api';
import { type ReactNode, useEffect, useRef } from 'react';
import { daemon } from '../connection/daemon.ts';
import detail from '../detail/detail.module.css';
import editor from '../editor/editor.module.css';
import { Fields } from '../editor/fields.tsx';
import { useCapabilities } from '../editor/means.tsx';
import { useFields } from '../editor/use-fields.ts';
import { statementOf } from '../form/wanted.ts';
import { count } from '../text/format.ts';
import { Results } from './results.tsx';
import type { Bulk } from './use-bulk.ts';

const NOTHING = { egress: null, ingress: null };

export interface BulkPanelProps {
  readonly bulk: Bulk;
  readonly references: readonly InterfaceRef[];
  readonly onClose: () => void;
}

/** One impairment for many interfaces; it replaces what netweir does on each. */
export default function BulkPanel({ bulk, references, onClose }: BulkPanelProps): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <div className={detail.detail}>
      <div className={detail.head}>
        <div className={detail.title}>
          <span className="muted">Impair or clear</span>
          <h2 ref={heading} tabIndex={-1} data-autofocus>
            {count(references.length, 'interface')}
          </h2>
        </div>
        <CloseButton aria-label="Close" size="lg" onClick={onClose} />
      </div>
      <section className={detail.part} aria-labelledby="impairment">
        <h3 id="impairment">
          Impairment <small>the same for each</small>
        </h3>
        <BulkEditor bulk={bulk} references={references} />
      </section>
    </div>
  );
}

function BulkEditor({ bulk, references }: Pick<BulkPanelProps, 'bulk' | 'references'>): ReactNode {
  const capabilities = useCapabilities();
  const fields = useFields(NOTHING, capabilities, bulk.forget);
  const { wanted } = fields;
  const isClosed = bulk.isRunning || references.length === 0;
  const apply = (): void => {
    if (!wanted.ok || isClosed) return;
    const { impairment } = wanted;
    bulk.start('impair', references, (one) => daemon.setImpairment(one, impairment));
  };
  return (
    <form
      className={editor.editor}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        apply();
      }}
    >
      <p className={editor.calm}>
        What you set here replaces what netweir does on each of them, in both directions.
      </p>
      <Fields state={fields} capabilities={capabilities} />
      <div className={editor.actions}>
        {bulk.run && <Results run={bulk.run} />}
        <div className={editor.buttons}>
          <Button type="submit" disabled={!wanted.ok || isClosed} loading={bulk.isRunning}>
            Apply to {references.length}
          </Button>
          <Button
            variant="default"
            disabled={isClosed}
            onClick={() => bulk.start('clear', references, (one) => daemon.clearImpairment(one))}
          >
            Clear {references.length}
          </Button>
          {!bulk.run && (
            <span className={editor.wanted}>
              {wanted.ok ? statementOf(wanted.impairment, NOTHING).join(' · ') : wanted.reason}
            </span>
          )}
        </div>
      </div>
    </form>
  );
}
