/** More than the rules of any few interfaces. */
const MAX_KEPT = 10_000;

/**
 * A pure function that keeps what it has computed, by the JSON of its argument: settings come anew from a
 * request or a file each time, and most of what is in them is what was in them before.
 */
export function remembered<Argument extends object, Result>(
  compute: (argument: Argument) => Result,
): (argument: Argument) => Result {
  const byObject = new WeakMap<Argument, Result>();
  const byText = new Map<string, Result>();
  return (argument) => {
    const known = byObject.get(argument);
    if (known !== undefined) return known;
    const text = JSON.stringify(argument);
    const result = byText.get(text) ?? compute(argument);
    if (byText.size >= MAX_KEPT) byText.clear();
    byText.set(text, result);
    byObject.set(argument, result);
    return result;
  };
}
