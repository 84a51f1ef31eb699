import { bpfFilterName, type Filter, TC_H_CLSACT_INGRESS } from '@netweir/kernel';

/** What a BPF filter of netweir's is for: no other program can load it again. */
export function bpfRemark(filter: Filter, interfaceName: string): string {
  const way = filter.parent === TC_H_CLSACT_INGRESS ? 'receives' : 'sends';
  const name = bpfFilterName(filter) ?? 'bpf';
  return `netweir loads its program ${name}, by which the userspace engine gets what ${interfaceName} ${way}`;
}
