// A made-up server of the auditor's page: canned answers over a small trail that is really hashed and signed, so that states can be
// shown that a healthy broker never has. `node mock.mjs [PORT]` serves it by itself.
import crypto from "node:crypto";
import fs from "node:fs";
import http from "node:http";
import path from "node:path";

const WEB = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), "../../../agents/page/web");
const TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".json": "application/json", ".txt": "text/plain"};
export const HEADERS = {
  "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "no-store",
};

// --- a trail ---

const sha256 = (...parts) => crypto.createHash("sha256").update(Buffer.concat(parts)).digest();
const node = (left, right) => sha256(Buffer.of(1), left, right);
const split = n => 2 ** Math.ceil(Math.log2(n) - 1);
const root = hashes => hashes.length === 1 ? hashes[0] : node(root(hashes.slice(0, split(hashes.length))), root(hashes.slice(split(hashes.length))));
function pathOf(index, hashes) {
  if (hashes.length === 1)
    return [];
  const k = split(hashes.length), left = hashes.slice(0, k), right = hashes.slice(k);
  return index < k ? [...pathOf(index, left), root(right)] : [...pathOf(index - k, right), root(left)];
}

function varint(value) {
  const bytes = [];
  for (let rest = BigInt(value); ; rest >>= 7n) {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    if (rest <= 0x7fn)
      return Buffer.from(bytes);
  }
}
const text = (field, value) => value ? Buffer.concat([Buffer.of(field << 3 | 2), varint(Buffer.byteLength(value)), Buffer.from(value)]) : Buffer.of();
const leafBytes = (minute, sender, recipient) => Buffer.concat([Buffer.of(8, 1, 16), varint(minute), Buffer.of(24, 1), text(4, sender), text(5, recipient),
  text(14, sha256(Buffer.from(String(minute))).toString("hex").slice(0, 32))]);

function key(name, kind) {
  const pair = crypto.generateKeyPairSync("ed25519");
  const raw = pair.publicKey.export({format: "der", type: "spki"}).subarray(-32);
  const id = sha256(Buffer.from(`${name}\n`), Buffer.of(kind === "checkpoint" ? 1 : 4), raw).subarray(0, 4);
  return {name, kind, id, raw, pair};
}
const line = (one, ...parts) => `\u2014 ${one.name} ${Buffer.concat([one.id, ...parts]).toString("base64")}\n`;
function cosign(one, body, seconds) {
  const when = Buffer.alloc(8);
  when.writeBigUInt64BE(BigInt(seconds));
  return line(one, when, crypto.sign(null, Buffer.from(`cosignature/v1\ntime ${seconds}\n${body}`), one.pair.privateKey));
}

const NAMES = {"XA.police": "Police", "XA.shelter": "Lotus House", "XA.hospital": "City hospital", "XA.coordinator": "Coordination office"};
const ROLES = {"XA.police": "police", "XA.shelter": "shelter", "XA.hospital": "health", "XA.coordinator": "coordinator"};
const IDS = Object.keys(NAMES);
const SERVICES = ["emergency_shelter", "medical_checkup", "legal_advice"];
const BEGIN = Date.parse("2026-09-01T08:00Z") / 60000;
const CASE = "00112233445566778899aabbccddeeff";

/** A trail of n leaves: {leaves, note, keys, path(i)}. */
export function trail(n) {
  const leaves = Array.from({length: n}, (_, i) => {
    const minute = BEGIN + i * 607, sender = IDS[i % 4], recipient = IDS[(i * 3 + 1) % 4], refused = i % 7 === 3;
    return {leaf: i, at: new Date(minute * 60000).toISOString().replace(/:00\.000Z$/, "Z"), kind: i === 0 ? "genesis" : i % 5 === 4 ? "acknowledgement" : "referral", sender,
            sender_name: NAMES[sender], recipient, recipient_name: NAMES[recipient], service: SERVICES[i % 3], outcome: refused ? "refuse" : "forward",
            reason: refused ? "NO_CONSENT" : "OK", bytes: leafBytes(minute, sender, recipient),
            record: {type: "referral", outcome: refused ? "refuse" : "forward", true_reason: refused ? "NO_CONSENT" : "OK", forwarded: refused ? [] : ["given_name", "age_years"],
                     withheld: [{reason: "NOT_NEEDED", fields: ["religion"]}], missing: [], obligations: [], rules: [5, 7], consents: [{id: "ab".repeat(16)}],
                     basis: "consent", emergency: null, acknowledged: null, ack: null}};
  });
  const hashes = leaves.map(one => sha256(Buffer.of(0), one.bytes));
  const keys = [key("nrm/XA", "checkpoint"), key("nrm/XA.police", "cosignature"), key("nrm/XA.shelter", "cosignature")];
  const body = `nrm/XA\n${n}\n${root(hashes).toString("base64")}\n`;
  const note = `${body}\n${line(keys[0], crypto.sign(null, Buffer.from(body), keys[0].pair.privateKey))}${keys.slice(1).map((one, i) => cosign(one, body, 1764000000 + i)).join("")}`;
  return {leaves, note, root: root(hashes).toString("hex"), path: i => pathOf(i, hashes),
          keys: keys.map(one => ({name: one.name, id: one.id.toString("hex"), public: one.raw.toString("base64"), kind: one.kind}))};
}

/** The answer of /api/leaf/N over such a trail. */
export function leafAnswer(of, index) {
  const {bytes, ...leaf} = of.leaves[index];
  return {...leaf, bytes: bytes.toString("base64"), proof: {size: of.leaves.length, path: of.path(index).map(hash => hash.toString("base64")), checkpoint: of.note, keys: of.keys}};
}

// --- answers ---

const LABELS = {service: {emergency_shelter: "Emergency shelter", medical_checkup: "Medical check-up", legal_advice: "Legal advice"},
                outcome: {forward: "Passed on", hold: "Held back for now", refuse: "Refused"}, reason: {OK: "Nothing stands against it", NO_CONSENT: "No consent", NOT_NEEDED: "Not needed", SECRET: "Secret"},
                role: {police: "Police", shelter: "Shelter", health: "Health services", coordinator: "Coordination office"}, message_type: {referral: "Referral", response: "Answer"},
                field: {given_name: "Given name", age_years: "Age", religion: "Religion"}};
const LANGUAGES = [["en", "English"], ["es", "Español"], ["fr", "Français"], ["km", "ភាសាខ្មែរ"]].map(([code, name]) => ({code, name}));

export const STATES = {
  verifies: {state: "verifies", checked_at: "2026-11-23T04:05Z", leaves: 40, holds_since: "2026-09-01T08:10Z", progress: null, fault: null},
  running: {state: "running", checked_at: "2026-11-23T04:05Z", leaves: 40, holds_since: "2026-09-01T08:10Z", progress: {done: 13, of: 40}, fault: null},
  never: {state: "never", checked_at: null, leaves: 0, holds_since: null, progress: null, fault: null},
  does_not_verify: {state: "does_not_verify", checked_at: "2026-11-23T04:05Z", leaves: 17, holds_since: null, progress: null,
                    fault: {what: "the leaf's hash is not in the tree", expected: "c0ffee", found: "decade", leaf: 17}},
  could_not_check: {state: "could_not_check", checked_at: "2026-11-23T04:05Z", leaves: 0, holds_since: null, progress: null,
                    fault: {what: "the store cannot be read", expected: "a file of 8 pages", found: "5", file: "store/data.mdb"}},
};

function answers(of, verification, charts) {
  const list = query => {
    const day = one => one.at.slice(0, 10);
    const tests = {from: (one, v) => day(one) >= v.slice(0, 10), until: (one, v) => day(one) <= v.slice(0, 10), participant: (one, v) => one.sender === v || one.recipient === v, before: (one, v) => one.leaf < Number(v)};
    const found = of.leaves.filter(one => [...query].every(([name, value]) => ["limit", "attention", "role", "withheld"].includes(name) || (tests[name]?.(one, value) ?? one[name] === value))).reverse();
    const limit = Number(query.get("limit") ?? 10), shown = found.slice(0, limit).map(({bytes, ...one}) => one);
    return {leaves: shown, before: found.length > limit ? shown.at(-1).leaf : null, scanned: null, total: found.length};
  };
  const n = of.leaves.length;
  return {
    words: () => ({languages: LANGUAGES, labels: LABELS}),
    status: () => ({country: "XA", origin: "nrm/XA", size: n, indexed: n, now: "2026-11-23T04:06Z", checkpoint: {size: n, root: of.root, signer: "nrm/XA", note: of.note}, verification,
                    witnesses: {quorum: 2, vouching: 2, of_size: n, names: [{id: "XA.police", since: "2026-09-01T08:10Z"}, {id: "XA.shelter", since: "2026-09-01T08:10Z"}]},
                    timestamps: {count: 1, newest: {size: 30, at: "2026-11-22T23:00Z", checked: true}}, records: "open", charts: Boolean(charts)}),
    attention: () => ({as_of: n, items: [{kind: "refusals", count: 6, since: "2026-10-24", list: "outcome=refuse&from=2026-09-01"}, {kind: "emergency_unreviewed", count: 0, since: null, list: "attention=emergency_unreviewed"},
                       {kind: "unacknowledged", count: 2, since: "2026-11-20", list: "attention=unacknowledged"}, {kind: "unanswered", count: null, since: null, list: "attention=unanswered"},
                       {kind: "erasures_unanswered", count: 0, since: null, list: "attention=erasures_unanswered"}]}),
    leaves: list,
    participants: query => ({participants: IDS.filter(id => `${id} ${NAMES[id]}`.toLowerCase().includes((query.get("q") ?? "").toLowerCase())).map(id => ({id, name: NAMES[id], role: ROLES[id]}))}),
    flows: () => ({flows: IDS.flatMap((sender, i) => IDS.filter(id => id !== sender).map((recipient, j) => ({sender, sender_name: NAMES[sender], recipient, recipient_name: NAMES[recipient], count: 3 + i * 7 + j * 4})))}),
    volumes: () => ({days: Array.from({length: 21}, (_, i) => ({day: new Date((BEGIN + i * 1440) * 60000).toISOString().slice(0, 10), forward: 12 + i * 5 % 9, hold: i % 3, refuse: i % 4, other: 1}))}),
    response_times: () => ({rows: ["2026-09", "2026-10", "2026-11"].flatMap((month, m) => SERVICES.map((service, s) => ({month, service, count: s === 2 && m === 1 ? null : 9 + m, median_minutes: s === 2 && m === 1 ? null : 120 * (s + 1) + 300 * m, within: {}})))}),
    withheld: () => ({cells: ["police", "shelter", "health"].flatMap((role, r) => ["NOT_NEEDED", "SECRET"].map((reason, i) => ({role, reason, count: r === 2 && i ? null : 5 + r * 9 + i * 3})))}),
    indicators: () => ({from: "2026-01", until: "2026-12", by: "month", columns: ["2026-10", "2026-11"], indicators: [
      {code: "forwarded", counts: "messages forwarded, by ground", must_be_zero: false, by: {"2026-10": 14, "2026-11": "-"}, total: 20,
       details: [{detail: "consent", by: {"2026-10": 14, "2026-11": "<5"}, total: "-"}, {detail: "emergency", by: {"2026-11": "<5"}, total: "<5"}]},
      {code: "forwarded_without_basis", counts: "without a ground", must_be_zero: true, by: {}, total: 0, details: []},
      {code: "child_without_guardian", counts: "without a guardian", must_be_zero: true, by: {"2026-10": "<5"}, total: "<5", details: [{detail: "-", by: {"2026-10": "<5"}, total: "<5"}]},
      {code: "refused_by_rule", counts: "refused, by rule", must_be_zero: false, by: {"2026-10": 7}, total: 7, details: [{detail: "rule_7", by: {"2026-10": 7}, total: 7}]},
      {code: "complaints", counts: "complaints", must_be_zero: false, by: {}, total: 0, details: []}]}),
  };
}

function api(of, given, name, query) {
  const [kind, id] = name.split("/");
  if (kind === "leaf" && Number(id) < of.leaves.length)
    return leafAnswer(of, Number(id));
  if (kind === "case" && id === CASE)
    return {case: CASE, messages: of.leaves.slice(0, 3).map(({bytes, record, ...one}) => ({...one, ...record, reason: record.true_reason})),
            recipients: [{id: "XA.shelter", id_name: NAMES["XA.shelter"], received: ["given_name"], passed_on: ["age_years"]}]};
  return given[name]?.(query);
}

/** Serves on a free port of the loopback; promises {url, close}. `charts`: the folder with charts.js, or null. */
export function serve({verification = STATES.verifies, charts = null, port = 0, leaves = 40} = {}) {
  const of = trail(leaves), given = answers(of, verification, charts);
  const server = http.createServer((request, response) => {
    const url = new URL(request.url, "http://localhost");
    const say = (status, type, body) => response.writeHead(status, {...HEADERS, "Content-Type": type}).end(body);
    if (url.pathname.startsWith("/api/")) {
      const found = api(of, given, url.pathname.slice(5), url.searchParams);
      say(found ? 200 : 404, "application/json", JSON.stringify(found ?? {error: {what: "there is no such path", expected: "", found: url.pathname}}));
      return;
    }
    const name = url.pathname === "/" ? "index.html" : url.pathname.slice(1);
    const folder = ["charts.js", "licences.txt"].includes(name) ? charts : WEB;
    const file = folder && path.join(folder, path.normalize(`/${name}`));
    if (file && fs.existsSync(file) && fs.statSync(file).size > 0)
      say(200, TYPES[path.extname(file)], fs.readFileSync(file));
    else
      say(404, "text/plain", "not found");
  });
  return new Promise(done => server.listen(port, "127.0.0.1", () => done({url: `http://127.0.0.1:${server.address().port}`, trail: of, close: () => server.close()})));
}

if (process.argv[1] === new URL(import.meta.url).pathname)
  console.log((await serve({port: Number(process.argv[2] ?? 8089), charts: process.env.CHARTS ?? null})).url);
