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

/**
 * Gives for a value a copy that is nobody else's, and for values of the same JSON the same one: whoever asks may
 * change theirs afterwards, and what is remembered of an object is found again although it comes anew.
 */
export function ownCopies<Value extends object>(): (value: Value) => Value {
  const byText = new Map<string, Value>();
  return (value) => {
    const text = JSON.stringify(value);
    const known = byText.get(text);
    if (known) return known;
    const own = JSON.parse(text) as Value;
    if (byText.size >= MAX_KEPT) byText.clear();
    byText.set(text, own);
    return own;
  };
}
