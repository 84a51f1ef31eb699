const KEY = 'netweir-token';
const FRAGMENT = /^#token=(?<token>.+)$/u;

/**
 * The token that `netweir up` put behind the address. It moves from there into the session's
 * storage, so that it stands neither in the address bar nor in the history.
 */
export function takeToken(): string | undefined {
  const inAddress = FRAGMENT.exec(location.hash)?.groups?.token;
  if (inAddress !== undefined) {
    sessionStorage.setItem(KEY, decodeURIComponent(inAddress));
    history.replaceState(null, '', location.pathname + location.search);
  }
  return sessionStorage.getItem(KEY) ?? undefined;
}

/** A new address with a token, entered into the open page, starts the page anew. */
export function reloadOnNewToken(): void {
  addEventListener('hashchange', () => {
    if (FRAGMENT.test(location.hash)) location.reload();
  });
}
