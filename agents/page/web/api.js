// The one way to the server: reads only, same origin.

/** What the server said was wrong: status (0: not reached), what, expected, found. */
export class Refused extends Error {
  constructor(status, error) {
    super(error.what);
    Object.assign(this, {status, what: error.what, expected: error.expected, found: error.found});
  }
}

/** The path of a question, with those parameters that have a value. */
export function address(name, parameters = {}) {
  const query = new URLSearchParams();
  for (const [key, value] of parameters instanceof URLSearchParams ? parameters : Object.entries(parameters)) {
    if (value !== null && value !== undefined && value !== "")
      query.append(key, value);
  }
  return `/api/${name}${query.size ? `?${query}` : ""}`;
}

/** The same question's answer as CSV, to download. */
export function csv(name, parameters) {
  const path = address(name, parameters);
  return `${path}${path.includes("?") ? "&" : "?"}csv`;
}

/** Asks and reads the answer's JSON; throws Refused, or AbortError when `signal` says so. */
export async function ask(name, parameters, signal) {
  const unreachable = error => {
    throw error.name === "AbortError" ? error : new Refused(0, {what: ""});
  };
  const answer = await fetch(address(name, parameters), {signal}).catch(unreachable);
  if (answer.ok)
    return answer.json().catch(unreachable);
  const body = await answer.json().catch(() => ({}));
  throw new Refused(answer.status, body.error ?? {what: answer.statusText});
}
