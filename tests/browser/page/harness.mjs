// What the tests of the auditor's page share: counting, a browser that is watched, axe. No test waits for time to pass.
import {createRequire} from "node:module";
import fs from "node:fs";
import path from "node:path";

const require = createRequire(path.join(process.env.PAGE_TOOLS, "package.json")); // the folder with node_modules
const {chromium} = require("playwright-core");
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

export const counts = {passed: 0, failed: 0};

/** A check: what it throws is why it failed. */
export async function holds(name, check) {
  try {
    await check();
    counts.passed++;
    console.log(`ok     ${name}`);
  } catch (error) {
    counts.failed++;
    console.log(`FAILED ${name}: ${String(error.stack ?? error).split("\n").slice(0, 6).join("\n  ")}`);
  }
}

export function same(found, expected) {
  const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
  if (a !== b)
    throw new Error(`expected ${b}, found ${a}`);
}

export function sure(truth, what) {
  if (!truth)
    throw new Error(what);
}

export const launch = () => chromium.launch({executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"]});

/**
 * A page of an origin, of a width, in a colour scheme. page.complaints collects console errors, faults of scripts and requests that leave the
 * origin; an answer with an error status that a test provokes is none when page.expected has its status.
 */
export async function open(browser, origin, {width = 1280, scheme = "light", credentials} = {}) {
  const context = await browser.newContext({viewport: {width, height: 900}, colorScheme: scheme, httpCredentials: credentials, acceptDownloads: true, locale: "en-GB"});
  const page = await context.newPage();
  page.setDefaultTimeout(20000);
  page.complaints = [];
  page.expected = [];
  page.on("console", message => {
    const status = /status of (\d+)/.exec(message.text())?.[1];
    if (["error", "warning"].includes(message.type()) && !page.expected.includes(Number(status)))
      page.complaints.push(message.text());
  });
  page.on("pageerror", error => page.complaints.push(error.message));
  page.on("request", request => {
    if (!request.url().startsWith(origin) && !/^(data|about):/.test(request.url()))
      page.complaints.push(`left the origin: ${request.url()}`);
  });
  page.at = async where => { // loaded anew, wherever the page is
    await page.goto("about:blank");
    await page.goto(`${origin}/${where}`);
    await settled(page, where);
  };
  return page;
}

/** Until the view of this address is shown whole. */
export async function settled(page, where) {
  if (where !== undefined)
    await page.waitForFunction(hash => location.hash === hash || hash === "", where.replace(/^[^#]*/, ""));
  await page.waitForFunction(() => document.querySelector("main:not([aria-busy])")?.dataset.shown === location.hash);
}

/** Goes where a link leads and waits until it is shown. */
export async function follow(page, link) {
  const href = await link.getAttribute("href");
  await link.click();
  await settled(page, href);
  return href;
}

/** All that axe finds, in a line each. */
export async function accessible(page) {
  const {violations} = await page.evaluate(`${axe};axe.run(document, {resultTypes: ["violations"]})`);
  same(violations.map(one => `${one.id}: ${one.nodes.slice(0, 3).map(node => node.html.slice(0, 160)).join(" | ")}`), []);
}

/** Nothing sticks out at the side. */
export const fits = page => page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);

export async function photograph(page, name) {
  if (process.env.PAGE_PICTURES)
    await page.screenshot({path: path.join(process.env.PAGE_PICTURES, `${name}.png`), fullPage: true});
}
