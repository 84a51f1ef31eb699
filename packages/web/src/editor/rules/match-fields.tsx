import { Autocomplete, NativeSelect, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import type { MatchDraft, MatchErrors, MatchField } from '../../form/match-draft.ts';
import classes from './rules.module.css';

const PROTOCOLS = ['tcp', 'udp', 'icmp', 'sctp'];
const FAMILIES = [
  { value: '', label: 'IPv4 and IPv6' },
  { value: '4', label: 'IPv4 alone' },
  { value: '6', label: 'IPv6 alone' },
];

export interface MatchFieldsProps {
  readonly draft: MatchDraft;
  readonly errors: MatchErrors;
  readonly onChange: (draft: MatchDraft) => void;
}

/** Which packets are meant: those that have all that is filled in. */
export function MatchFields({ draft, errors, onChange }: MatchFieldsProps): ReactNode {
  const set = (field: MatchField, text: string): void => onChange({ ...draft, [field]: text });
  const of = (field: MatchField): { size: string; value: string; error: ReactNode } => ({
    size: 'xs',
    value: draft[field],
    error: errors[field],
  });
  const text = (field: MatchField, label: string, placeholder: string): ReactNode => (
    <TextInput
      {...of(field)}
      label={label}
      placeholder={placeholder}
      autoComplete="off"
      spellCheck={false}
      onChange={({ currentTarget }) => set(field, currentTarget.value)}
    />
  );
  return (
    <div className={classes.match}>
      {text(
        'remote',
        'Other end: addresses, networks, names',
        '192.0.2.7, 10.0.0.0/8, example.org',
      )}
      {text('remotePorts', 'Ports of the other end', '443, 8000-8010')}
      {text('local', 'This end: addresses, networks', 'any')}
      {text('localPorts', 'Ports of this end', 'any')}
      <Autocomplete
        {...of('protocol')}
        label="Protocol"
        placeholder="any"
        data={PROTOCOLS}
        onChange={(value) => set('protocol', value)}
      />
      <div className={classes.pair}>
        {text('dscp', 'DSCP', 'any')}
        <NativeSelect
          {...of('family')}
          label="IP version"
          data={FAMILIES}
          onChange={({ currentTarget }) => set('family', currentTarget.value)}
        />
      </div>
      {errors.whole !== undefined && <p className={classes.problem}>{errors.whole}</p>}
    </div>
  );
}
