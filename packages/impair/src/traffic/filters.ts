import type { FilterOptions } from '@netweir/kernel';
import { flowerFiltersOf } from './flower-filters.ts';
import { requireFewFilters, type Term } from './term.ts';
import { u32FiltersOf } from './u32-filters.ts';

/** The classifiers of the kernel that rules can be made of. */
export type RuleClassifier = 'flower' | 'u32';

/**
 * The filters that together take the packets of one of the terms, yet without a class or actions. They are for
 * a place whose protocol is ETH_P_ALL, where they see the frames with a VLAN tag as well as those without, and
 * those of a rule can share one priority.
 *
 * Both classifiers take the same packets, but for some that are rare:
 * - u32 knows the ports of IPv4 without options and of IPv6 without extension headers, and the protocol of
 *   IPv6 without or behind one lone hop-by-hop or fragment header. It passes over frames with two VLAN tags,
 *   and takes one of another protocol (MPLS, TIPC) for IP where it begins like IP.
 * - flower takes what a PPPoE session carries for what the frame is, where u32 passes over it.
 * - Neither looks into a fragment for ports, nor behind IPv6's authentication and mobility headers for the
 *   protocol.
 *
 * Before Linux 5.1 the kernel passes over flower's port ranges, and the filter takes all ports: what is read
 * back ({@link FilterOptions} of a dump) then has none.
 *
 * @throws NetweirError `invalid-combination` for more than 256
 */
export function filtersOf(terms: readonly Term[], classifier: RuleClassifier): FilterOptions[] {
  const filters = terms.flatMap((term): FilterOptions[] =>
    classifier === 'flower' ? flowerFiltersOf(term) : u32FiltersOf(term),
  );
  requireFewFilters(filters.length);
  return filters;
}
