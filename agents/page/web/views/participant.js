// Who takes part, and what one of them sent and received.
import {ask} from "../api.js";
import {facts, h, table} from "../h.js";
import {leafTable, party} from "../leaf_table.js";
import {to} from "../router.js";
import {label, t} from "../words.js";

export async function participants({params, signal}) {
  const found = await ask("participants", {q: params.get("q")}, signal);
  const wanted = params.get("q");
  return {title: wanted ? t("participants.found", {q: wanted}) : t("participants.title"), content:
    found.participants.length > 0
      ? table(t("participants.caption"), [t("participant.name"), t("participant.id"), t("participant.role")],
          found.participants.map(one => [party(one.id, one.name), h("code", {}, one.id), label("role", one.role)]))
      : h("p", {id: "none"}, t("participants.none"))};
}

export async function participant({rest: [id = ""], signal}) {
  const [found, list] = await Promise.all([ask("participants", {q: id}, signal), ask("leaves", {participant: id, limit: 20}, signal)]);
  const one = found.participants.find(other => other.id === id);
  return {title: one?.name ?? id, content: [
    facts([[t("participant.id"), h("code", {}, id)], [t("participant.role"), one ? label("role", one.role) : t("participant.unlisted")]]),
    h("p", {class: "actions"}, h("a", {href: to("leaves", {sender: id})}, t("participant.sent")), " ", h("a", {href: to("leaves", {recipient: id})}, t("participant.received"))),
    h("h2", {}, t("participant.newest")),
    list.leaves.length > 0 ? leafTable(t("leaves.caption", {n: list.leaves.length}), list.leaves) : h("p", {}, t("leaves.none")),
    list.before !== null && h("p", {class: "actions"}, h("a", {href: to("leaves", {participant: id})}, t("participant.all"))),
  ]};
}
