import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';
import type { Graph } from '@netweir/api';
import { svgOf } from './svg.ts';

const node = (id: string, group: string | null = null): Graph['nodes'][number] => ({
  id,
  label: [id, '10.0.0.1'],
  shape: 'hexagon',
  group,
});

const edge = (from: string, to: string, line: Graph['edges'][number]['line'] = 'plain') => ({
  from,
  to,
  label: ['eth0', 'delay 5ms'],
  line,
});

const graph: Graph = {
  direction: 'TB',
  groups: [{ id: 'group eu', label: 'eu' }],
  nodes: [node('ix'), node('a', 'group eu'), node('b'), node('<&">\u0007\uD800')],
  edges: [edge('ix', 'a'), edge('a', 'b'), edge('a', 'b', 'broken'), edge('b', '<&">\u0007\uD800')],
};

/** Whether a parser of its own takes it for XML. */
function wellFormed(svg: string): void {
  const check = 'import sys, xml.dom.minidom as m; m.parseString(sys.stdin.buffer.read())';
  execFileSync('python3', ['-c', check], { input: svg, stdio: ['pipe', 'ignore', 'pipe'] });
}

function boxes(svg: string): number[][] {
  return [...svg.matchAll(/<polygon points="([^"]*)"/g)].map(([, points = '']) => {
    const [xs = [], ys = []] = [0, 1].map((axis) =>
      points.split(' ').map((point) => Number(point.split(',')[axis])),
    );
    return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
  });
}

describe('The image of a graph', () => {
  const svg = svgOf(graph, 'lab "x" & <y>');

  test('is XML, whatever stands in names', () => {
    wellFormed(svg);
    assert.match(svg, /<title>lab &quot;x&quot; &amp; &lt;y&gt;<\/title>/);
    assert.match(svg, /data-id="&lt;&amp;&quot;&gt;\u{FFFD}\u{FFFD}"/u);
  });

  test('has every node, edge and group once, and none upon another', () => {
    assert.equal([...svg.matchAll(/<g class="node"/g)].length, 4);
    assert.equal([...svg.matchAll(/data-id="a"/g)].length, 1);
    assert.equal([...svg.matchAll(/<g class="edge/g)].length, 4);
    assert.equal([...svg.matchAll(/<g class="edge broken"/g)].length, 1);
    assert.equal([...svg.matchAll(/<g class="group"/g)].length, 1);
    const all = boxes(svg);
    assert.equal(all.length, 4);
    for (const [index, [left = 0, top = 0, right = 0, bottom = 0]] of all.entries()) {
      for (const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] of all.slice(index + 1)) {
        assert.ok(right < x0 || x1 < left || bottom < y0 || y1 < top, 'nodes overlap');
      }
    }
  });

  test('is all within its bounds, and has colours for light and for dark', () => {
    const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? [];
    for (const [left = -1, top = -1, right = 0, bottom = 0] of boxes(svg)) {
      assert.ok(left >= 0 && top >= 0 && right <= Number(width) && bottom <= Number(height));
    }
    assert.match(svg, /@media \(prefers-color-scheme: dark\)/);
    assert.doesNotMatch(svg, /<script|href|url\(/);
  });

  test('of nothing is an empty one', () => {
    wellFormed(svgOf({ direction: 'LR', groups: [], nodes: [], edges: [] }, 'nothing'));
  });
});
