/** Writes what was measured as docs/accuracy.md. */

const TITLES = {
  delay: 'Delay',
  distribution: 'Jitter',
  loss: 'Loss',
  bursts: 'Bursts of loss',
  duplicate: 'Duplication',
  corrupt: 'Corruption',
  reorder: 'Reordering',
  rate: 'Rate',
};

const WAYS = { egress: 'out', ingress: 'in' };

/** `places` are { title, remark, rows }. */
export function documentOf({ machine, places, missedNotes }) {
  return `# Accuracy

What was set and what came of it, by \`npm run accuracy\` (as root, after \`npm run build\`), which writes this page.

${machine.join('\n')}

## Method

Two network namespaces are joined by a veth; its near end is impaired, on what it sends (out, egress) or on what it receives (in, ingress), as a whole or by a rule for the address of the other end, which follows a rule for somebody else. The kernel's engine delays what is received by an ifb. All is put on by netweir's own \`Impairer\`, and nothing of netweir measures. Both ends have permanent neighbour entries.

- Delays one way are those of datagrams that bear the time when they were sent, by \`bench/c/udp-stream.c\`, 437 a second, so that none is sent when another is due; the time of arrival is the kernel's own (SO_TIMESTAMPNS), so that it does not matter when the receiving process gets a processor. Of 120, the median without the first 20; of jitter (10 ms around 50 ms), 2,500. Delays there and back, one way of them impaired, are ping's: of three means of nine answers the median.
- Every delay is the difference to one without impairment just before, so that the path's own share is not in it and the engine's is. What single runs show differs by more than what they are to tell, since the machine places their processes differently each time; each delay is therefore the mean of six rounds, in each of which all contenders have their turn with new processes, and its chance error (±) comes from how much the six differ: Student's t, 999 of 1,000 cases.
- Loss, bursts, duplicates, broken and reordered packets are seen by two processes, one in each namespace, that exchange UDP datagrams with a number and the time of CLOCK_MONOTONIC, IPv4 and IPv6 by turns. Shares are of 20,000 to 60,000 datagrams.
- Rates are those of whole frames with Ethernet headers, as netem counts them, from 1 Mbit/s on by iperf3.

The tables show errors: achieved less set. Limits:

- In a VM, delays, beside netem at the interface's root, in the column "kernel, out", which is what \`tc\` would put there: the error of everything else is at most 1.5 times netem's, as far as can be told: the limit is 1.5 times netem's error in the same rounds plus the chance error of that difference, the root of the squares of the one's ± and 1.5 times netem's ±.
- In a VM, everything else: at most 1.5 times netem's error in the same run, or the error that the size of the sample explains in 999 of 1,000 cases, if that is more (for iperf3: 0.3%). A sample's chance error tells nothing of an engine.
- On this machine, whose kernel has no netem: delays within 0.3 ms, rates within 1%, everything else within what the size of the sample explains in 999 of 1,000 cases.
- Jitter: the Kolmogorov-Smirnov test at 1%, in a VM between the delays and netem's, on this machine against the kernel's table (netem's own column: its distance from the table). One in a hundred such tests fails by chance.

${places.map(({ title, remark, rows }) => `## ${title}\n\n${remark}\n\n${section(rows)}`).join('\n\n')}

## Limits that were missed

${missed(places)}

${missedNotes}
`;
}

function section(rows) {
  const features = [...new Set(rows.map(({ feature }) => feature))];
  return features
    .map(
      (feature) =>
        `### ${TITLES[feature]}\n\n${table(rows.filter((row) => row.feature === feature))}`,
    )
    .join('\n\n');
}

function table(rows) {
  const contenders = [...new Set(rows.map(contenderOf))];
  const lines = Map.groupBy?.(rows, lineOf) ?? groupBy(rows, lineOf);
  return [
    `| set | figure | IP | unit | ${contenders.join(' | ')} | limit | |`,
    `|---|---|---|---|${'---:|'.repeat(contenders.length + 1)}---|`,
    ...[...lines.values()].map((line) => lineText(line, contenders)),
  ].join('\n');
}

function groupBy(rows, keyOf) {
  const groups = new Map();
  for (const row of rows) groups.set(keyOf(row), [...(groups.get(keyOf(row)) ?? []), row]);
  return groups;
}

const contenderOf = ({ engine, way, rule }) => `${engine}, ${WAYS[way]}${rule ? ', rule' : ''}`;
const lineOf = ({ set, figure, family }) => `${set}|${figure}|${family}`;

function lineText(line, contenders) {
  const [{ set, figure, family, unit }] = line;
  const cells = contenders.map((name) => {
    const row = line.find((one) => contenderOf(one) === name);
    return row ? errorText(row) : '';
  });
  const judged = line.filter(({ kept }) => kept !== undefined);
  const limit = Math.max(...judged.map((row) => row.limit));
  const verdict = judged.every(({ kept }) => kept) ? 'ok' : '**MISSED**';
  return `| ${set} | ${figure} | ${family} | ${unit} | ${cells.join(' | ')} | ${number(limit)} | ${verdict} |`;
}

function errorText({ feature, figure, error, resolution }) {
  if (figure.startsWith('Kolmogorov')) return number(error);
  const chance = feature === 'delay' ? ` ± ${number(resolution)}` : '';
  return `${error < 0 ? '−' : '+'}${number(Math.abs(error))}${chance}`;
}

/** Three digits that count, and never less than the thousandths. */
export function number(value) {
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) || 1)));
  return value.toFixed(Math.min(3, Math.abs(value) >= 1 ? Math.max(digits, 2) : 3));
}

function missed(places) {
  const list = places.flatMap(({ title, rows }) =>
    rows
      .filter(({ kept }) => kept === false)
      .map(
        ({ feature, set, figure, family, error, limit, unit, ...row }) =>
          `- ${title}: ${feature} ${set}, ${figure}, ${family}, ${contenderOf(row)}: error ${number(error)} ${unit}, limit ${number(limit)}`,
      ),
  );
  return list.length === 0 ? 'None.' : list.join('\n');
}
