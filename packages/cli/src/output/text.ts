/**
 * Text that the terminal shows and does not obey: names of interfaces and namespaces may hold
 * escape sequences (the kernel's dev_valid_name forbids only slash, colon and white space).
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, (character) =>
    character === '\n'
      ? character
      : `\\u{${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}}`,
  );
}
