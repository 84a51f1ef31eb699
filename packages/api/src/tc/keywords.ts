import { abbreviates, type TcWords, unexpected } from './words.ts';

/** A word of tc's, and how what stands behind it is read into the settings. */
export interface Keyword<Settings> {
  readonly word: string;
  /** Whether tc wants it in full; otherwise any beginning of it will do. */
  readonly isWhole?: true;
  readonly read: (words: TcWords, settings: Settings) => void;
}

/**
 * Reads words until the end. `keywords` are in tc's order: of two that begin alike, an abbreviation means the
 * first.
 *
 * @throws NetweirError `invalid-request`, and what a keyword's own reader throws
 */
export function readKeywords<Settings>(
  words: TcWords,
  keywords: readonly Keyword<Settings>[],
  settings: Settings,
): Settings {
  while (!words.isAtEnd) {
    const word = words.next('an option');
    const found = keywords.find((keyword) =>
      keyword.isWhole ? keyword.word === word : abbreviates(word, keyword.word),
    );
    if (!found) {
      const all = keywords.map((keyword) => keyword.word).join(', ');
      throw unexpected(word, `Write one of ${all}.`);
    }
    found.read(words, settings);
  }
  return settings;
}
