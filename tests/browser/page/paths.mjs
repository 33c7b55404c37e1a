// The page's main paths, clicked through in a browser against a running server: node paths.mjs URL NAME PASSWORD CASE
//
// What there is to click is read from the page itself, so that any trail will do that has referrals, a refusal, and agencies that vouch for it.
import {accessible, counts, fits, follow, holds, launch, open, photograph, same, settled, sure} from "./harness.mjs";

const [url, username, password, caseId] = process.argv.slice(2);
const credentials = username ? {username, password} : undefined;
const browser = await launch();

const title = page => page.locator("h1").innerText();
const count = text => Number(text.replace(/[^0-9]/g, ""));
const get = (page, name) => page.evaluate(path => fetch(path).then(answer => answer.json()), `/api/${name}`);

/** How many leaves the list that is shown has in all, by its own words or by its rows. */
async function listed(page) {
  return await page.locator("#total").count() ? count(await page.locator("#total").innerText()) : page.locator("main tbody tr").count();
}

async function verified(page) {
  await page.click("#verify");
  await page.waitForSelector("#proof-verdict");
  return page.locator(".step").evaluateAll(steps => steps.map(step => [step.dataset.step, step.dataset.holds]));
}

/** Opens the first leaf of the list and checks it in the browser. */
async function leafHolds(page) {
  await follow(page, page.locator("main tbody tr th a").first());
  const steps = await verified(page);
  same(steps.filter(([, holding]) => holding !== "true"), []);
  same(steps.slice(0, 6).map(([code]) => code), ["says", "leaf_hash", "path", "checkpoint", "root", "signature"]);
  return steps.length;
}

async function overviewPaths(page, name) {
  await holds(`the overview says that the trail verifies and who vouches for it, ${name}`, async () => {
    await page.at("");
    await page.waitForSelector('[data-state="verifies"]', {timeout: 60000});
    await page.waitForSelector(".verdict .sign.good");
    const status = await get(page, "status");
    sure((await page.locator(".verdict-card").innerText()).includes("UTC"), "no time");
    same(await page.locator(".beside section").first().locator("li").count(), status.witnesses.vouching);
    await photograph(page, `overview-${name}`);
  });
  const kinds = await page.locator(".card").evaluateAll(cards => cards.map(card => card.dataset.kind));
  same(kinds, ["refusals", "emergency_unreviewed", "unacknowledged", "unanswered", "erasures_unanswered"]);
  for (const kind of kinds) {
    await holds(`the card ${kind} leads to just as many leaves, ${name}`, async () => {
      await page.at("");
      const card = page.locator(`[data-kind=${kind}]`);
      const told = count(await card.locator(".count").innerText());
      await follow(page, card.locator("a"));
      same(await listed(page), told);
    });
  }
}

async function picturePaths(page, name) {
  await page.at("#/pictures");
  if ((await get(page, "status")).charts)
    await holds(`four pictures are drawn, or say that there is nothing, ${name}`, async () => {
      await page.waitForFunction(() => document.querySelectorAll("figure[data-drawn] svg, section.picture .none, [data-drawn=none]").length === 4);
      await photograph(page, `pictures-${name}`);
    });
  for (const picture of ["flows", "volumes", "withheld", "response_times"]) {
    await holds(`${picture}: from the table to the list to a leaf that holds, and as CSV, ${name}`, async () => {
      await page.at(`#/pictures/${picture}`);
      same(await page.locator("section.picture .fault").count(), 0);
      const [download] = await Promise.all([page.waitForEvent("download"), page.locator("section.picture a[download]").click()]);
      sure(download.suggestedFilename().endsWith(".csv"), download.suggestedFilename());
      if (await page.locator("section.picture .none").count())
        return sure(picture === "response_times" || picture === "withheld", "there is nothing in it");
      if (await page.locator("section.picture summary").count())
        await page.locator("section.picture summary").click();
      const link = page.locator("section.picture tbody a").first();
      const told = count(await link.innerText());
      await follow(page, link);
      if (picture === "flows")
        same(await listed(page), told);
      await leafHolds(page);
    });
  }
  await holds(`the picture by keyboard alone: a part, its name, its list, ${name}`, async () => {
    await page.at("#/pictures/flows");
    await page.waitForSelector("figure[data-drawn] svg");
    await page.locator(".chart").focus();
    await page.keyboard.press("ArrowRight");
    const told = await page.locator("figcaption .said").innerText();
    sure(told.includes("→"), told);
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => location.hash.startsWith("#/leaves?"));
    await settled(page);
    same(await listed(page), count(told.split(":").at(-1)));
  });
  await holds(`the picture by a click on a bar, ${name}`, async () => {
    await page.at("#/pictures/volumes");
    await page.waitForSelector("figure[data-drawn] svg");
    // the largest filled shape of the picture is a bar, or the ground: of shapes with a pattern, which bars alone have
    const bar = page.locator(".chart svg path[fill^=url], .chart svg rect[fill^=url]").first();
    await bar.click({force: true, position: {x: 2, y: 2}});
    await page.waitForFunction(() => location.hash.startsWith("#/leaves?"));
    await settled(page);
    sure(await listed(page) > 0, "no leaf");
  });
}

/** Changes one byte of what the server says of leaf N, and tells which steps no longer hold. */
async function tampered(page, leaf, change) {
  await page.route(`**/api/leaf/${leaf}`, async route => {
    const answer = await (await route.fetch()).json();
    change(answer);
    await route.fulfill({json: answer});
  });
  await page.at(`#/leaf/${leaf}`);
  const steps = await verified(page);
  sure(await page.locator("#proof-verdict.bad .sign.bad").count() === 1, "the verdict is not that it fails");
  await page.unroute(`**/api/leaf/${leaf}`);
  return steps.filter(([, holding]) => holding !== "true").map(([code]) => code);
}

function flip(text, at) {
  const bytes = Buffer.from(text, "base64");
  bytes[at] ^= 1;
  return bytes.toString("base64");
}

async function proofPaths(page, name) {
  const {witnesses} = await get(page, "status");
  const leaf = (await get(page, `leaves?kind=referral&limit=1&before=${witnesses.of_size}`)).leaves[0].leaf;
  await holds(`a leaf that agencies vouch for has their signatures checked, ${name}`, async () => {
    await page.at(`#/leaf/${leaf}`);
    const steps = await verified(page);
    same(steps.filter(([, holding]) => holding !== "true"), []);
    sure(steps.some(([code]) => code === "cosignature"), "no cosignature");
    await photograph(page, `leaf-${name}`);
    const [download] = await Promise.all([page.waitForEvent("download"), page.locator('a[href$="/proof"]').click()]);
    sure(await download.path(), "no file");
  });
  await holds(`one byte of the path changed: ✗ at the root, ${name}`, async () =>
    same(await tampered(page, leaf, one => one.proof.path[0] = flip(one.proof.path[0], 0)), ["root"]));
  await holds(`one byte of the leaf changed: ✗ at the root, ${name}`, async () =>
    same(await tampered(page, leaf, one => one.bytes = flip(one.bytes, Buffer.from(one.bytes, "base64").length - 1)), ["root"]));
  await holds(`one byte of the trail's signature changed: ✗ at the signature, ${name}`, async () =>
    same(await tampered(page, leaf, one => {
      const lines = one.proof.checkpoint.split("\n");
      lines[4] = lines[4].replace(/\S+$/, text => flip(text, 30));
      one.proof.checkpoint = lines.join("\n");
    }), ["signature"]));
}

async function searchPaths(page, name) {
  const search = async text => {
    await page.at("");
    await page.fill("#search", text);
    await page.press("#search", "Enter");
    await page.waitForFunction(() => location.hash !== "");
    await settled(page);
  };
  await holds(`the search finds a leaf, a case by either spelling, a participant by a part of its name, ${name}`, async () => {
    await search("1");
    same(await page.evaluate(() => location.hash), "#/leaf/1");
    for (const id of [caseId, caseId.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-").toUpperCase()]) {
      await search(id);
      same(await page.evaluate(() => location.hash), `#/case/${caseId}`);
      sure(await page.locator(".message").count() > 0, "no message");
    }
    await photograph(page, `case-${name}`);
    const {participants} = await get(page, "participants");
    await search(participants[0].name.slice(0, 5).toLowerCase());
    await follow(page, page.locator("main tbody th a").filter({hasText: participants[0].name}));
    same(await title(page), participants[0].name);
  });
  await holds(`filters by what leaves say and by what records say, ${name}`, async () => {
    await page.at("#/leaves");
    if (!await page.locator("details.filters").evaluate(one => one.open))
      await page.click("details.filters summary");
    await page.selectOption("#filter-outcome", "refuse");
    await page.click("details.filters button");
    await page.waitForFunction(() => location.hash.includes("outcome=refuse"));
    await settled(page);
    same([...new Set(await page.locator("main .outcome").evaluateAll(all => all.map(one => one.className)))], ["outcome refuse"]);
    await page.at("#/leaves?rule=1");
    same(await page.locator("[role=alert]").count(), 0);
  });
  await holds(`older leaves, page by page, and back, ${name}`, async () => {
    const first = await get(page, "leaves?limit=3");
    await page.at("#/leaves?limit=3");
    await follow(page, page.locator("#older"));
    sure(count(await page.locator("main tbody th").first().innerText()) < first.leaves[2].leaf, "not older");
    await page.goBack();
    await page.waitForFunction(() => !location.hash.includes("before"));
  });
}

async function keyboardPath(page, name) {
  await holds(`from the navigation to the list to a leaf by keyboard alone, ${name}`, async () => {
    await page.at("");
    const until = async wanted => {
      for (let pressed = 0; pressed < 200; pressed++) {
        await page.keyboard.press("Tab");
        if (await page.evaluate(selector => document.activeElement.matches(selector), wanted))
          return;
      }
      throw new Error(`the focus never comes to ${wanted}`);
    };
    await page.keyboard.press("Tab");
    same(await page.evaluate(() => document.activeElement.id), "skip");
    await until('nav a[href="#/leaves"]');
    sure(await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle) !== "none", "the focus is not to be seen");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => location.hash === "#/leaves" && document.activeElement.tagName === "H1");
    await until("main tbody th a");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => location.hash.startsWith("#/leaf/") && document.activeElement.tagName === "H1");
    await until("#verify");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#proof-verdict.good");
  });
}

async function appearance(page, name) {
  await holds(`four languages, one after another, ${name}`, async () => {
    await page.at("#/leaves");
    const titles = new Set();
    for (const tag of ["es", "fr", "km", "en"]) {
      await page.selectOption("#language", tag);
      await page.waitForFunction(wanted => document.documentElement.lang === wanted && location.hash.includes(`lang=${wanted}`), tag);
      await settled(page);
      titles.add(await title(page));
      same(await page.locator("#unreviewed").count(), tag === "en" ? 0 : 1);
      sure(await fits(page), `${tag} sticks out at the side`);
      await photograph(page, `leaves-${tag}-${name}`);
    }
    same(titles.size, 4);
  });
  await holds(`dark and back, remembered, ${name}`, async () => {
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await page.at("");
    const before = await ground();
    await page.click("#theme");
    const after = await ground();
    sure(before !== after, "the same ground");
    await page.reload();
    await settled(page);
    same(await ground(), after);
    await page.click("#theme");
    same(await ground(), before);
  });
}

for (const [width, scheme] of [[1280, "light"], [390, "dark"]]) {
  const page = await open(browser, url, {width, scheme, credentials});
  const name = String(width);
  await overviewPaths(page, name);
  await proofPaths(page, name);
  await picturePaths(page, name);
  await searchPaths(page, name);
  await keyboardPath(page, name);
  await appearance(page, name);
  const who = (await get(page, "participants")).participants[0].id;
  for (const where of ["", "leaves", "leaf/1", `case/${caseId}`, "participants", `participant/${who}`, "pictures", "indicators", "indicators?by=agency", "indicators?by=service"]) {
    await holds(`axe finds nothing in #/${where.replace(caseId, "…")}, and it fits, ${name}`, async () => {
      await page.at(`#/${where}`);
      same(await page.locator("[role=alert]").count(), 0);
      await accessible(page);
      sure(await fits(page), "sticks out at the side");
    });
  }
  await holds(`no error on the console, nothing left the origin, ${name}`, () => same(page.complaints, []));
  await page.context().close();
}
await browser.close();
console.log(`${counts.passed} passed, ${counts.failed} failed`);
