/** What a field of the editor holds. `choice` is one of a few words. */
export type FieldKind = 'duration' | 'percent' | 'rate' | 'integer' | 'choice';

/** The editor's fields by their path in a `Direction`; `slot.mode` is the editor's own. */
export const FIELDS = {
  'delay.mean': 'duration',
  'delay.jitter': 'duration',
  'delay.correlation': 'percent',
  'delay.distribution': 'choice',
  'delay.reorder': 'choice',
  'loss.model': 'choice',
  'loss.probability': 'percent',
  'loss.correlation': 'percent',
  'loss.p': 'percent',
  'loss.r': 'percent',
  'loss.lossInBad': 'percent',
  'loss.lossInGood': 'percent',
  'loss.p13': 'percent',
  'loss.p31': 'percent',
  'loss.p32': 'percent',
  'loss.p23': 'percent',
  'loss.p14': 'percent',
  'duplicate.probability': 'percent',
  'duplicate.correlation': 'percent',
  'corrupt.probability': 'percent',
  'corrupt.correlation': 'percent',
  'reorder.probability': 'percent',
  'reorder.correlation': 'percent',
  'reorder.gap': 'integer',
  'rate.rate': 'rate',
  'rate.packetOverheadBytes': 'integer',
  'rate.cellBytes': 'integer',
  'rate.cellOverheadBytes': 'integer',
  limitPackets: 'integer',
  ecn: 'choice',
  seed: 'choice',
  'slot.mode': 'choice',
  'slot.minDelay': 'duration',
  'slot.maxDelay': 'duration',
  'slot.distribution': 'choice',
  'slot.delay': 'duration',
  'slot.jitter': 'duration',
  'slot.maxPackets': 'integer',
  'slot.maxBytes': 'integer',
} as const satisfies Record<string, FieldKind>;

export type FieldPath = keyof typeof FIELDS;

export const FIELD_PATHS: readonly FieldPath[] = Object.keys(FIELDS) as FieldPath[];

/** The fields that a loss model or a slot mode reads; the others of its section are not sent. */
export const LOSS_FIELDS: Readonly<Record<string, readonly FieldPath[]>> = {
  random: ['loss.probability', 'loss.correlation'],
  'gilbert-elliott': ['loss.p', 'loss.r', 'loss.lossInBad', 'loss.lossInGood'],
  state: ['loss.p13', 'loss.p31', 'loss.p32', 'loss.p23', 'loss.p14'],
};
export const SLOT_FIELDS: Readonly<Record<string, readonly FieldPath[]>> = {
  range: ['slot.minDelay', 'slot.maxDelay', 'slot.maxPackets', 'slot.maxBytes'],
  distribution: [
    'slot.distribution',
    'slot.delay',
    'slot.jitter',
    'slot.maxPackets',
    'slot.maxBytes',
  ],
};
