/** A change that somebody else has made at what netweir had set. */
export interface ChangeElsewhere {
  readonly text: string;
  /** Whether something of somebody else's is there, which would be lost if netweir went on. */
  readonly isInTheWay: boolean;
}
