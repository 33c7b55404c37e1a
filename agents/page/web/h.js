// Nodes are built, never parsed from text: what a leaf says can be no markup.

/**
 * A node: h("a", {href: "#/", onclick: f}, "text", node, [more]). An attribute that is null, undefined or false is left out, true is
 * the empty string; "on…" is a listener. Of the children, null, undefined and false are left out and lists are opened.
 */
export function h(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (name.startsWith("on"))
      node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false)
      node.setAttribute(name, value === true ? "" : value);
  }
  return fill(node, ...children);
}

/** Replaces what is in a node. */
export function fill(node, ...children) {
  node.replaceChildren(...children.flat(Infinity).filter(child => child !== null && child !== undefined && child !== false));
  return node;
}

/** A definition list of [name, value] pairs; pairs without a value are left out. */
export function facts(pairs, attributes) {
  const told = pairs.filter(([, value]) => value !== null && value !== undefined && value !== false && value !== "" && value.length !== 0);
  return h("dl", attributes, told.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}

/**
 * A table that can be scrolled by itself on a small screen: heads are texts, or [text, "number"] for a column of numbers; the first
 * cell of a row is its head.
 */
export function table(caption, heads, rows) {
  const numeric = heads.map(head => Array.isArray(head) && "number");
  const cell = (content, i) => i === 0 ? h("th", {scope: "row", class: numeric[i]}, content) : h("td", {class: numeric[i]}, content);
  return h("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": caption},
    h("table", {},
      h("caption", {}, caption),
      h("thead", {}, h("tr", {}, heads.map((head, i) => h("th", {scope: "col", class: numeric[i]}, Array.isArray(head) ? head[0] : head)))),
      h("tbody", {}, rows.map(row => h("tr", {}, row.map(cell))))));
}

/** A sign that says with a mark and a name, and not by its colour alone, how something stands: "good", "bad", "open" or "wait". */
export function sign(state, name) {
  const mark = {good: "✓", bad: "✗", open: "?", wait: "…"}[state];
  return h("span", {class: `sign ${state}`, role: "img", "aria-label": name}, mark);
}
