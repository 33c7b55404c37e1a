// A picture over its table. The chart library is one bundle that may be missing: then there is the table alone, and a note.
import {fill, h} from "./h.js";
import {go} from "./router.js";
import {t} from "./words.js";

let library; // one import for all pictures

const charts = () => library ??= import("/charts.js");

/** The page's colours, as they are now. */
function colours() {
  const style = getComputedStyle(document.documentElement);
  const of = name => style.getPropertyValue(name).trim();
  return {text: of("--text"), quiet: of("--quiet"), line: of("--line"), ground: of("--ground"), faint: of("--faint"), accent: of("--accent"),
          series: [1, 2, 3, 4, 5, 6, 7, 8].map(n => of(`--series-${n}`)), outcomes: Object.fromEntries(["forward", "hold", "refuse", "other"].map(code => [code, of(`--${code}`)]))};
}

/**
 * Draws into `place`. drawing.option(colours, wide) is what the library draws; drawing.parts is what can be chosen, in order: {name, href,
 * at}, `at` the library's address of it (seriesIndex, dataIndex, dataType). Arrow keys go from part to part, Enter and a click lead on.
 */
function draw(place, said, {init}, drawing) {
  const chart = init(place, null, {renderer: "svg"});
  let at = -1;

  const paint = () => {
    const fontFamily = getComputedStyle(document.body).fontFamily; // by name: the library measures texts off the page
    chart.setOption({animation: false, textStyle: {fontFamily, color: colours().text},
      aria: {enabled: true, label: {enabled: false}, decal: {show: drawing.decal ?? false}},
      tooltip: {renderMode: "richText", confine: true}, ...drawing.option(colours(), place.clientWidth > 600)}, true);
  };
  const same = (a, b) => a.seriesIndex === b.seriesIndex && a.dataIndex === b.dataIndex && (a.dataType ?? "") === (b.dataType === "main" ? "" : b.dataType ?? "");
  const choose = next => {
    if (at >= 0)
      chart.dispatchAction({type: "downplay", ...drawing.parts[at].at});
    at = (next + drawing.parts.length) % drawing.parts.length;
    chart.dispatchAction({type: "highlight", ...drawing.parts[at].at});
    chart.dispatchAction({type: "showTip", ...drawing.parts[at].at});
    fill(said, drawing.parts[at].name);
  };
  chart.on("click", event => {
    const part = drawing.parts.find(one => same(one.at, event));
    if (part)
      go(part.href);
  });
  place.addEventListener("keydown", event => {
    const step = {ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1}[event.key];
    if (step !== undefined)
      choose(at < 0 && step < 0 ? drawing.parts.length - 1 : at + step);
    else if (event.key === "Enter" && at >= 0)
      go(drawing.parts[at].href);
    else
      return;
    event.preventDefault();
  });
  paint();
  return {paint, chart};
}

/**
 * The picture, its table below it; where the library was not `bundled`, or all there is to draw is suppressed, the table alone. Drawn when
 * it is on the page, anew when its size or the colours change, until `signal` ends it.
 */
export function picture(title, drawing, bundled, listed, signal) {
  if (!bundled || drawing.parts.length === 0)
    return [h("p", {class: "quiet", "data-drawn": "none"}, t(bundled ? "picture.hidden" : "picture.noCharts")), listed];
  const said = h("p", {class: "said", "aria-live": "polite"});
  const place = h("div", {class: `chart ${drawing.size ?? ""}`, tabindex: "0", role: "application", "aria-label": t("picture.keys", {title})});
  const figure = h("figure", {}, place, h("figcaption", {}, said));

  charts().then(module => {
    if (signal.aborted)
      return;
    const {paint, chart} = draw(place, said, module, drawing);
    const sized = new ResizeObserver(() => {
      chart.resize();
      paint();
    });
    sized.observe(place);
    document.addEventListener("theme", paint, {signal});
    signal.addEventListener("abort", () => {
      sized.disconnect();
      chart.dispose();
    });
    figure.dataset.drawn = drawing.parts.length;
  });
  return [figure, h("details", {class: "as-table"}, h("summary", {}, t("picture.asTable")), listed)];
}
