import type { Container, PublishedPort, Space } from '@netweir/api';
import { podName } from '@netweir/api';
import { formatMoment } from './numbers.ts';

/** A name and a text beside it. */
export type Line = readonly [name: string, text: string];

/** Where the name of a label is as long as the terminal is wide, its value is not looked at anyway. */
const LONGEST_LABEL = 70;
const MOST_LABELS = 8;

/** What is said of a space beside its id: who lives in it, and what else it is called. */
export function spaceNotes({ aliases, command, containers, problems = [] }: Space): string[] {
  return [
    ...containers.map((container) => `${container.name}: ${containerText(container)}`),
    ...(command === null ? [] : [`runs ${command}`]),
    ...(aliases.length === 0 ? [] : [`also ${aliases.join(', ')}`]),
    ...problems.map((problem) => `! ${problem}`),
  ];
}

/** A container in a line: `nginx:1.27 · docker · running · compose shop/web`. */
function containerText(container: Container): string {
  const { image, runtime, state, compose, pod, rootless } = container;
  const parts = [
    image,
    rootless ? `${runtime}, rootless` : runtime,
    state,
    compose && `compose ${compose.project}/${compose.service}`,
    pod && `pod ${podName(pod)}`,
  ];
  return parts.filter(Boolean).join(' · ');
}

/** A container in full. */
export function containerLines(container: Container): Line[] {
  const { id, pid, createdAt, ports, labels, endpoint } = container;
  return [
    ['container', `${container.name}: ${containerText(container)}`],
    ['  id', id],
    ...(pid === null ? [] : [['  pid', String(pid)] as const]),
    ...(createdAt === null ? [] : [['  created', formatMoment(new Date(createdAt))] as const]),
    ...(endpoint === null ? [] : [['  source', endpoint] as const]),
    ...ports.map((port): Line => ['  port', portText(port)]),
    ...labelTexts(labels).map((text): Line => ['  label', text]),
  ];
}

function portText({ containerPort, protocol, hostAddress, hostPort }: PublishedPort): string {
  const port = `${containerPort}/${protocol}`;
  if (hostPort === null) return `${port}, not published`;
  const address = hostAddress?.includes(':') ? `[${hostAddress}]` : (hostAddress ?? '*');
  return `${port} at ${address}:${hostPort}`;
}

function labelTexts(labels: Container['labels']): string[] {
  const all = Object.entries(labels).map(([name, value]) => cut(`${name}=${value}`));
  const left = all.length - MOST_LABELS;
  if (left <= 0) return all;
  return [...all.slice(0, MOST_LABELS), `… and ${left} more; \`netweir ls --json\` has all`];
}

function cut(text: string): string {
  const [line = ''] = text.split('\n');
  const characters = [...line];
  if (characters.length <= LONGEST_LABEL && line === text) return text;
  return `${characters.slice(0, LONGEST_LABEL).join('')}…`;
}
