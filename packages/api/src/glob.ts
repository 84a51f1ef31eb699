/** Whether a text holds `*` or `?`, and so may mean many. */
export function isGlob(text: string): boolean {
  return /[*?]/u.test(text);
}

/**
 * Whether a glob means a text as a whole: `*` is any characters, also none and also `/`, and `?` any
 * one. Takes no more steps than both lengths multiplied, so that no glob can stall whoever matches.
 */
export function matchesGlob(text: string, glob: string): boolean {
  if (!isGlob(glob)) return text === glob;
  const characters = [...text];
  const pattern = [...glob];
  let at = 0;
  let position = 0;
  let star = -1;
  let afterStar = 0;
  while (at < characters.length) {
    if (pattern[position] === '*') {
      star = position++;
      afterStar = at;
    } else if (pattern[position] === '?' || pattern[position] === characters[at]) {
      position++;
      at++;
    } else if (star >= 0) {
      // The last star takes one character more; no earlier one needs to.
      position = star + 1;
      at = ++afterStar;
    } else {
      return false;
    }
  }
  return pattern.slice(position).every((character) => character === '*');
}
