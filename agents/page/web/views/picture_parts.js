// How the answer behind each picture becomes a table and a drawing. `tell(answer, period)` gives {heads, rows, drawing, note}.
import {h} from "../h.js";
import {daysOfMonth} from "../period.js";
import {to} from "../router.js";
import {day, label, month, number, t} from "../words.js";

const LARGEST = 40, LINES = 8, SUPPRESSED_BELOW = 5;
const SYMBOLS = ["circle", "rect", "triangle", "diamond", "roundRect", "pin", "arrow", "emptyCircle"];
const link = (href, words) => h("a", {href}, words);
const names = (code, colours) => ({axisLabel: {color: colours.text}, axisLine: {lineStyle: {color: colours.line}}, nameTextStyle: {color: colours.text, align: "left"}});
const values = (name, colours) => ({type: "value", name, ...names(name, colours), splitLine: {lineStyle: {color: colours.line}}});
const tip = colours => ({renderMode: "richText", confine: true, backgroundColor: colours.ground, borderColor: colours.line, textStyle: {color: colours.text}});

/** Who refers to whom: senders on the left, recipients on the right, so that an agency that does both stands twice. */
export const flows = {
  unit: "day",
  tell({flows: all}, period) {
    const sorted = [...all].sort((a, b) => b.count - a.count);
    const shown = sorted.slice(0, LARGEST);
    const href = flow => to("leaves", {sender: flow.sender, recipient: flow.recipient, kind: "referral", outcome: "forward", ...period});
    const nodes = new Map();
    for (const flow of shown) {
      nodes.set(`from ${flow.sender}`, {name: `from ${flow.sender}`, words: flow.sender_name || flow.sender, href: to("leaves", {sender: flow.sender, kind: "referral", outcome: "forward", ...period}), side: "right"});
      nodes.set(`to ${flow.recipient}`, {name: `to ${flow.recipient}`, words: flow.recipient_name || flow.recipient, href: to("leaves", {recipient: flow.recipient, kind: "referral", outcome: "forward", ...period}), side: "left"});
    }
    const words = flow => `${flow.sender_name || flow.sender} → ${flow.recipient_name || flow.recipient}: ${number(flow.count)}`;
    const shorten = (text, wide) => wide || text.length < 18 ? text : `${text.slice(0, 16)}…`;
    return {
      heads: [t("leaf.sender"), t("leaf.recipient"), [t("picture.count"), "number"]],
      rows: sorted.map(flow => [flow.sender_name || flow.sender, flow.recipient_name || flow.recipient, link(href(flow), number(flow.count))]),
      note: sorted.length > shown.length ? t("picture.largest", {n: shown.length, of: sorted.length}) : null,
      drawing: {
        size: nodes.size > 16 ? "tall" : "",
        parts: [...shown.map((flow, i) => ({name: words(flow), href: href(flow), at: {seriesIndex: 0, dataIndex: i, dataType: "edge"}})),
                ...[...nodes.values()].map((node, i) => ({name: node.words, href: node.href, at: {seriesIndex: 0, dataIndex: i, dataType: "node"}}))],
        option: (colours, wide) => ({tooltip: {...tip(colours), formatter: ({dataType, dataIndex, data}) => dataType === "edge" ? words(shown[dataIndex]) : data.words}, series: [{
          type: "sankey", left: 4, right: 4, top: 8, bottom: 8, nodeWidth: 12, nodeGap: 10, emphasis: {focus: "adjacency"},
          lineStyle: {color: "source", opacity: 0.35},
          data: [...nodes.values()].map((node, i) => ({...node, itemStyle: {color: colours.series[i % 8]},
            label: {position: node.side, formatter: shorten(node.words, wide), color: colours.text}})),
          links: shown.map(flow => ({source: `from ${flow.sender}`, target: `to ${flow.recipient}`, value: flow.count})),
        }]}),
      },
    };
  },
};

/** The middle time to an answer, a line a service; the services with most answers, the table has all. */
export const responseTimes = {
  unit: "month",
  tell({rows}) {
    const months = [...new Set(rows.map(row => row.month))].sort();
    const weight = new Map();
    for (const row of rows)
      weight.set(row.service, (weight.get(row.service) ?? 0) + (Number(row.count) || 0));
    const services = [...weight.keys()].sort((a, b) => weight.get(b) - weight.get(a));
    const shown = services.slice(0, LINES);
    const href = row => to("leaves", {service: row.service, kind: "referral", ...daysOfMonth(row.month)});
    const hours = row => row.median_minutes === null || row.median_minutes === undefined ? null : row.median_minutes / 60;
    const lines = shown.map(service => months.map(one => rows.find(row => row.month === one && row.service === service)));
    const words = row => t("picture.hours.of", {service: label("service", row.service), month: month(row.month), hours: number(Math.round(hours(row) * 10) / 10)});
    return {
      heads: [t("picture.month"), t("leaf.service"), [t("picture.answers"), "number"], [t("picture.hours"), "number"]],
      rows: rows.map(row => [month(row.month), label("service", row.service), link(href(row), row.count === null ? t("picture.few") : number(row.count)),
        hours(row) === null ? t("picture.few") : number(Math.round(hours(row) * 10) / 10)]),
      note: [services.length > shown.length && t("picture.largest", {n: shown.length, of: services.length}), rows.some(row => row.count === null) && t("picture.suppressed")],
      drawing: {
        parts: lines.flatMap((line, s) => line.flatMap((row, i) => row && hours(row) !== null ? [{name: words(row), href: href(row), at: {seriesIndex: s, dataIndex: i}}] : [])),
        option: (colours, wide) => ({
          tooltip: {...tip(colours), formatter: ({seriesIndex, dataIndex}) => words(lines[seriesIndex][dataIndex])},
          legend: {type: "plain", bottom: 0, textStyle: {color: colours.text}}, color: colours.series,
          grid: {left: 8, right: 16, top: 32, bottom: wide ? 56 : 24 + 24 * shown.length, containLabel: true},
          xAxis: {type: "category", data: months.map(month), ...names("", colours)}, yAxis: values(t("picture.hours"), colours),
          series: shown.map((service, s) => ({type: "line", name: label("service", service), symbol: SYMBOLS[s], symbolSize: 9, triggerEvent: true,
            lineStyle: {type: ["solid", "dashed", "dotted"][s % 3]}, data: lines[s].map(row => row ? hours(row) : null)})),
        }),
      },
    };
  },
};

/** How often what was withheld from whom, and why; what is suppressed is told as that. */
export const withheld = {
  unit: "month",
  tell({cells}, period) {
    const roles = [...new Set(cells.map(cell => cell.role))], reasons = [...new Set(cells.map(cell => cell.reason))];
    const href = cell => to("leaves", {role: cell.role === "-" ? null : cell.role, withheld: cell.reason, from: daysOfMonth(period.from).from, until: daysOfMonth(period.until).until});
    const count = cell => cell.count === null ? t("picture.few") : number(cell.count);
    const most = Math.max(SUPPRESSED_BELOW, ...cells.map(cell => cell.count ?? 0));
    const shade = cell => cell.count ?? SUPPRESSED_BELOW / 2;
    const role = code => code === "-" ? t("participant.unlisted") : label("role", code);
    const words = cell => `${role(cell.role)}, ${label("reason", cell.reason)}: ${count(cell)}`;
    return {
      heads: [t("picture.role"), t("record.reason"), [t("picture.count"), "number"]],
      rows: cells.map(cell => [role(cell.role), label("reason", cell.reason), cell.count === 0 ? count(cell) : link(href(cell), count(cell))]),
      note: cells.some(cell => cell.count === null) ? t("picture.suppressed") : null,
      drawing: {
        size: roles.length > 10 ? "tall" : "",
        parts: cells.map((cell, i) => ({name: words(cell), href: href(cell), at: {seriesIndex: 0, dataIndex: i}})),
        option: (colours, wide) => ({
          tooltip: {...tip(colours), formatter: ({dataIndex}) => words(cells[dataIndex])},
          grid: {left: 8, right: 16, top: 8, bottom: 8, containLabel: true},
          xAxis: {type: "category", data: reasons.map(code => label("reason", code)), ...names("", colours), axisLabel: {color: colours.text, width: wide ? 160 : 76, lineHeight: 16, overflow: "break", interval: 0}},
          yAxis: {type: "category", data: roles.map(role), ...names("", colours), axisLabel: {color: colours.text, width: wide ? 180 : 92, lineHeight: 16, overflow: "break"}},
          visualMap: {show: false, min: 0, max: most, inRange: {color: [colours.faint, colours.accent]}},
          series: [{type: "heatmap", itemStyle: {borderColor: colours.ground, borderWidth: 2}, emphasis: {itemStyle: {borderColor: colours.text}},
            data: cells.map(cell => ({value: [reasons.indexOf(cell.reason), roles.indexOf(cell.role), shade(cell)],
              label: {show: true, formatter: count(cell), color: shade(cell) > most / 2 ? colours.ground : colours.text}}))}],
        }),
      },
    };
  },
};

/** What became of each day's messages. */
export const volumes = {
  unit: "day",
  tell({days}) {
    const outcomes = ["forward", "hold", "refuse", "other"];
    const named = code => code === "other" ? t("picture.other") : label("outcome", code);
    const href = (one, code) => to("leaves", {from: one.day, until: one.day, ...(code && code !== "other" && {outcome: code})});
    const words = (one, code) => `${day(one.day)}, ${named(code)}: ${number(one[code])}`;
    return {
      heads: [t("picture.day"), ...outcomes.map(code => [named(code), "number"])],
      rows: days.map(one => [link(href(one), day(one.day)), ...outcomes.map(code => one[code] > 0 ? link(href(one, code), number(one[code])) : number(0))]),
      drawing: {
        decal: true,
        parts: outcomes.flatMap((code, s) => days.flatMap((one, i) => one[code] > 0 ? [{name: words(one, code), href: href(one, code), at: {seriesIndex: s, dataIndex: i}}] : [])),
        option: colours => ({
          tooltip: {...tip(colours), formatter: ({seriesIndex, dataIndex}) => words(days[dataIndex], outcomes[seriesIndex])},
          legend: {bottom: 0, textStyle: {color: colours.text}}, grid: {left: 8, right: 16, top: 16, bottom: 48, containLabel: true},
          xAxis: {type: "category", data: days.map(one => day(one.day)), ...names("", colours)}, yAxis: values("", colours),
          series: outcomes.map(code => ({type: "bar", stack: "day", name: named(code), itemStyle: {color: colours.outcomes[code]}, data: days.map(one => one[code])})),
        }),
      },
    };
  },
};
