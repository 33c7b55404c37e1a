// Where the reader is: #/view/part?parameters. Everything that makes a list or a picture what it is stands in the address, so that it
// can be kept, sent and gone back to.

/** {view, rest: [parts], params}; the overview's view is "". */
export function here() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const [view = "", ...rest] = path.split("/").map(part => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  });
  return {view, rest: rest.filter(part => part !== ""), params: new URLSearchParams(query)};
}

/** The address of a view: to("leaf/7"), to("leaves", {outcome: "refuse"}); parameters without a value are left out. */
export function to(path, parameters = {}) {
  const query = new URLSearchParams();
  for (const [key, value] of parameters instanceof URLSearchParams ? parameters : Object.entries(parameters)) {
    if (value !== null && value !== undefined && value !== "")
      query.append(key, value);
  }
  return `#/${path}${query.size ? `?${query}` : ""}`;
}

export const toLeaf = number => to(`leaf/${number}`);
export const toParticipant = id => to(`participant/${encodeURIComponent(id)}`);

/** Goes there; the same address again is shown anew. */
export function go(address) {
  if (location.hash === address)
    window.dispatchEvent(new HashChangeEvent("hashchange"));
  else
    location.hash = address;
}
