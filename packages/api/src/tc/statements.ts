import { abbreviates, type TcValue, TcWords, unexpected } from './words.ts';

/** Where a qdisc or class is to be. */
interface TcPlace {
  readonly interface: string | undefined;
  /** `root`, or the handle that it hangs on. */
  readonly parent: number | 'root';
  /** A class's id, or the major number of a qdisc with nothing behind it; undefined where the kernel chooses. */
  readonly handle: number | undefined;
}

/** One thing that tc is told to make; `delete` is what people write before they make something new. */
export type TcStatement =
  | (TcPlace & { readonly object: 'delete' })
  | (TcPlace & {
      readonly object: 'qdisc' | 'class';
      readonly kind: string;
      /** What stands behind the kind. */
      readonly options: TcWords;
    });

const HANDLE: TcValue<number> = {
  name: 'a handle',
  remedy: 'Write a handle such as 1: or 1:10.',
  parse: (word) => {
    const match = /^([\da-f]{0,4}):([\da-f]{0,4})$/iu.exec(word) ?? /^([\da-f]{1,4})$/iu.exec(word);
    if (!match) return undefined;
    const [, major = '', minor = ''] = match;
    return Number.parseInt(major || '0', 16) * 0x1_0000 + Number.parseInt(minor || '0', 16);
  },
};

const PARENT: TcValue<number | 'root'> = {
  ...HANDLE,
  parse: (word) => (word === 'root' ? word : HANDLE.parse(word)),
};

const OBJECTS =
  'Write `qdisc` or `class` behind tc; filters are for part of the traffic, for which netweir has rules.';

/**
 * The commands in a text, which newlines, `;` and `&&` part: whole lines as one types them in a shell
 * (`tc qdisc add dev eth0 root netem delay 10ms`), or what stands behind `root`.
 *
 * @throws NetweirError `invalid-request`
 */
export function statementsIn(text: string): TcStatement[] {
  return text
    .replace(/\\\r?\n/gu, ' ')
    .split(/\r?\n|;|&&/u)
    .map((line) => line.replace(/(?:^|\s)#.*$/u, '').trim())
    .filter((line) => line !== '')
    .map((line) => statementOf(line.split(/\s+/u).map(unquoted)));
}

function statementOf(all: readonly string[]): TcStatement {
  const start = all[0] === 'sudo' ? 1 : 0;
  const isCommand = all[start] === 'tc';
  const words = new TcWords(all.slice(isCommand ? start + 1 : start));
  if (isCommand) skipOptions(words);
  const first = words.peek() ?? '';
  const object = (['qdisc', 'class'] as const).find((name) =>
    isCommand ? abbreviates(first, name) : first === name,
  );
  if (!object && (isCommand || first === 'filter')) {
    throw unexpected(words.next('qdisc or class'), OBJECTS);
  }
  return object ? commandOf(object, words) : made('qdisc', words);
}

function commandOf(object: 'qdisc' | 'class', words: TcWords): TcStatement {
  words.next(object);
  const verb = words.next('add, replace or change');
  if (abbreviates(verb, 'delete')) return { object: 'delete', ...placeIn(words) };
  if (!['add', 'change', 'replace'].some((known) => abbreviates(verb, known))) {
    throw unexpected(verb, 'Write add, replace or change.');
  }
  return made(object, words);
}

function made(object: 'qdisc' | 'class', words: TcWords): TcStatement {
  const place = placeIn(words);
  return { object, ...place, kind: words.next('netem, tbf or htb'), options: words };
}

function placeIn(words: TcWords): TcPlace {
  let place: TcPlace = { interface: undefined, parent: 'root', handle: undefined };
  for (;;) {
    switch (words.peek() ?? '') {
      case 'dev':
        words.next('dev');
        place = { ...place, interface: words.next('an interface') };
        break;
      case 'root':
        words.next('root');
        break;
      case 'parent':
        words.next('parent');
        place = { ...place, parent: words.read(PARENT) };
        break;
      case 'handle':
      case 'classid':
        words.next('handle');
        place = { ...place, handle: words.read(HANDLE) };
        break;
      default:
        return place;
    }
  }
}

/** `-n NAME` says in which namespace, which netweir's target says. */
function skipOptions(words: TcWords): void {
  while (words.peek()?.startsWith('-')) {
    const option = words.next('an option');
    if (!['-n', '-net', '-netns'].includes(option)) {
      throw unexpected(option, 'Leave it out.');
    }
    words.next('the name of a namespace');
  }
}

function unquoted(word: string): string {
  return /^(["']).*\1$/u.test(word) && word.length > 1 ? word.slice(1, -1) : word;
}
