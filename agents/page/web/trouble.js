// What the server could not answer, said plainly.
import {facts, h} from "./h.js";
import {t, tOr} from "./words.js";

/** A view for an error: what there is to say of it is the server's. */
export function trouble(error) {
  const status = error.status ?? "page";
  const content = h("div", {class: "fault", role: "alert"},
    h("p", {}, tOr(`trouble.${status}`, t("trouble.other"))),
    facts([[t("fault.what"), error.what ?? error.message], [t("fault.expected"), error.expected], [t("fault.found"), error.found]]));
  return {title: t("trouble.title"), content};
}
