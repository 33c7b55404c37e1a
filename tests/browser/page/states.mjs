// The page in states that a healthy broker never shows: a trail that does not verify, was never checked, is being checked; no charts; a server that
// fails. Every view is looked at by axe, light and dark, at 1280 and 390 pixels.
import {accessible, counts, fits, holds, launch, open, photograph, same, settled, sure} from "./harness.mjs";
import {serve, STATES} from "./mock.mjs";

const VIEWS = {overview: "", leaves: "leaves", filtered: "leaves?outcome=refuse&attention=unanswered", leaf: "leaf/7", case: "case/00112233445566778899aabbccddeeff",
               participants: "participants", nobody: "participants?q=nobody", participant: "participant/XA.police", pictures: "pictures", indicators: "indicators"};
const browser = await launch();

for (const [state, verification] of Object.entries(STATES)) {
  const server = await serve({verification});
  for (const [width, scheme] of [[1280, "light"], [390, "dark"]]) {
    const page = await open(browser, server.url, {width, scheme});
    await page.at("");
    await holds(`${state} is told, ${width} ${scheme}`, async () => {
      await page.waitForSelector(`[data-state="${state}"]`);
      same(await page.locator("#verdict").count(), 1);
      await photograph(page, `state-${state}-${width}`);
      await accessible(page);
    });
    if (state === "does_not_verify") {
      await holds(`and where, what was expected, what found, ${width}`, async () => {
        const told = await page.locator("[role=alert]").innerText();
        sure(/17/.test(told) && /c0ffee/.test(told) && /decade/.test(told), told);
        same(await page.locator(".verdict .sign").getAttribute("aria-label"), "does not hold");
        same(await page.locator("[role=alert] a").getAttribute("href"), "#/leaf/17");
      });
    }
    if (state === "running")
      await holds(`with its progress, ${width}`, async () => same(await page.locator("progress").evaluate(one => [one.value, one.max]), [13, 40]));
    await holds(`nothing on the console, ${state} ${width}`, () => same(page.complaints, []));
    await page.context().close();
  }
  server.close();
}

const server = await serve({charts: process.env.PAGE_CHARTS});
const charts = Boolean(process.env.PAGE_CHARTS);
for (const [width, scheme] of [[1280, "light"], [1280, "dark"], [390, "light"], [390, "dark"]]) {
  const page = await open(browser, server.url, {width, scheme});
  for (const [name, where] of Object.entries(VIEWS)) {
    await page.at(`#/${where}`);
    if (name === "leaf") {
      await page.click("#verify");
      await page.waitForSelector("#proof-verdict.good");
    }
    if (name === "pictures" && charts)
      await page.waitForFunction(() => document.querySelectorAll("figure[data-drawn] svg").length === 4);
    if (name === "pictures")
      await page.evaluate(() => document.querySelectorAll("details").forEach(one => one.open = true));
    await holds(`axe finds nothing in ${name}, and it fits, ${width} ${scheme}`, async () => {
      await accessible(page);
      sure(await fits(page), "sticks out at the side");
    });
    await photograph(page, `made-up-${name}-${width}-${scheme}`);
  }
  await holds(`nothing on the console, ${width} ${scheme}`, () => same(page.complaints, []));
  await page.context().close();
}

const page = await open(browser, server.url);
await holds("without charts there are tables and a note", async () => {
  await page.route("**/api/status", async route => {
    const answer = await route.fetch();
    await route.fulfill({json: {...await answer.json(), charts: false}});
  });
  await page.at("#/pictures");
  same(await page.locator("[data-drawn=none]").count(), 4);
  same(await page.locator("section.picture table").count(), 4);
  same(await page.locator("figure").count(), 0);
  await page.unroute("**/api/status");
});
await holds("what is all suppressed is a table that says so, and no empty picture", async () => {
  await page.route("**/api/response_times?*", route => route.fulfill({json: {rows: [{month: "2026-11", service: "legal_advice", count: null, median_minutes: null}]}}));
  await page.at("#/pictures/response_times");
  same(await page.locator("[data-drawn=none]").count(), 1);
  same(await page.locator("figure").count(), 0);
  same((await page.locator("section.picture td").allInnerTexts()).slice(1), ["not shown", "not shown"]);
  await page.unrouteAll();
});
await holds("what the server refuses is said: status, expected and found", async () => {
  page.expected.push(400, 503, 404);
  for (const [status, where] of [[400, "leaves?rule=x"], [503, "leaves?rule=1"], [404, "leaf/123456"]]) {
    await page.route("**/api/lea*/**", route => route.fulfill({status, json: {error: {what: "a fault", expected: "this", found: "that"}}}));
    await page.route("**/api/leaves?*", route => route.fulfill({status, json: {error: {what: "a fault", expected: "this", found: "that"}}}));
    await page.at(`#/${where}`);
    sure(/a fault[^]*this[^]*that/.test(await page.locator("[role=alert]").innerText()), await page.locator("main").innerText());
  }
  await page.unrouteAll();
});
await holds("what a server says is never taken for markup", async () => {
  await page.route("**/api/participants*", route => route.fulfill({json: {participants: [{id: "XA.x", name: "<img src=x onerror=document.title=1><b>bold</b>", role: "police"}]}}));
  await page.at("#/participants");
  same(await page.locator("main img, main b").count(), 0);
  sure((await page.locator("main table").innerText()).includes("<b>bold</b>"), "the text is not there");
  await page.unrouteAll();
});
await holds("a view that does not exist is said so", async () => {
  await page.at("#/nowhere");
  same(await page.locator("[role=alert]").count(), 1);
});
await holds("a language that is not known is none", async () => {
  await page.at("?#/leaves?lang=xx");
  same(await page.getAttribute("html", "lang"), "en");
});
await holds("each language is the page's, is remembered, and says that nobody reviewed it", async () => {
  for (const tag of ["es", "fr", "km", "en"]) {
    await page.at(`#/leaves?lang=${tag}`);
    await page.waitForFunction(wanted => document.documentElement.lang === wanted, tag);
    await settled(page);
    same(await page.locator("#unreviewed").count(), tag === "en" ? 0 : 1);
    await page.at("#/leaves");
    same(await page.getAttribute("html", "lang"), tag);
    await accessible(page);
  }
});
await holds("nothing else on the console", () => same(page.complaints, []));
await browser.close();
server.close();
console.log(`${counts.passed} passed, ${counts.failed} failed`);
