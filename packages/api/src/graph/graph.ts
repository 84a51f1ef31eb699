/** What several nodes of a graph are in. */
export interface GraphGroup {
  readonly id: string;
  readonly label: string;
}

export interface GraphNode {
  readonly id: string;
  /** Lines; the first is the name. */
  readonly label: readonly string[];
  readonly shape: 'box' | 'rounded' | 'hexagon' | 'circle';
  /** The group that it is in. */
  readonly group: string | null;
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  /** Lines; none where there is nothing to say. */
  readonly label: readonly string[];
  /** `both-ways` has arrows; `broken` is a link over which nothing goes. */
  readonly line: 'plain' | 'both-ways' | 'dotted' | 'broken';
}

/** What is connected to what, to be drawn. Every edge leads from a node to a node. */
export interface Graph {
  /** Where edges lead: to the right, or down. */
  readonly direction: 'LR' | 'TB';
  readonly groups: readonly GraphGroup[];
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}
