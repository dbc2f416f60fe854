// The driver of `etalon check --create-store FILE`: a student's createStore behind the stdio
// protocol (spec/PROTOCOL.md). Answers are judged by etalon; this looks inside, after each change:
// at segments, log and has, where the store has them, and reports a broken rule by its name.
//
//   memtable   what was set and deleted since the last flush, as this knows it
//   segments   as they were after the last change: none may have changed since
"use strict";
const fs = require("fs");
const os = require("os");
const path = require("path");
const { createRequire } = require("module");
const { spawnSync } = require("child_process");
const { pathToFileURL } = require("url");
const vm = require("vm");

const [, , file, names] = process.argv;

const UNUSABLE = "etalon cannot use it: ";
const COPY = "createStore.mjs";

// What the file prints goes to standard error: standard output is for answers.
const answer = process.stdout.write.bind(process.stdout);
process.stdout.write = process.stderr.write.bind(process.stderr);

// Keys that a plain object trips over, and values that are falsy, stand for short plain ones.
const { keys, values } = JSON.parse(names);
const LITERALS = { '""': "", 0: 0, false: false, NaN: NaN };

const swapped = new Map(keys.flatMap(([plain, awkward]) => [[plain, awkward], [awkward, plain]]));
const keyOf = (text) => swapped.get(text) ?? text;
const toValue = new Map(values.map(([plain, name]) => [plain, LITERALS[name]]));
// The shortest text is what every failure is shrunk to: a plain value stands there.
toValue.set("", values.find(([, name]) => LITERALS[name] === "")[0]);
const valueOf = (text) => (toValue.has(text) ? toValue.get(text) : text);

/** What a store returned, as the text that stands for it; null if it is absent. */
function textOf(value) {
  if (value === undefined || value === null) return null;
  for (const [plain, other] of toValue) if (Object.is(other, value)) return plain;
  if (typeof value === "string" && !toValue.has(value)) return value;
  // Nothing that was ever set: etalon shows it as it stands behind the zero.
  return "\0" + shown(value).replace(/[^\x20-\xff]/g, "?");
}

const shown = (value) =>
  typeof value === "string" ? JSON.stringify(value)
  : typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);

/** A file that is no store. */
class Unusable extends Error {}

class Broken extends Error {
  constructor(rule, text) {
    super(text);
    this.rule = rule;
  }
}

function demand(holds, rule, text) {
  if (!holds) throw new Broken(rule, text());
}

// Loading: module.exports, an ES module, or a file that only declares the function.

const chosen = (module) =>
  [module, module?.createStore, module?.default, module?.default?.createStore]
    .find((candidate) => typeof candidate === "function");

async function load() {
  const whole = path.resolve(file);
  const text = fs.readFileSync(whole, "utf8");
  try {
    const found = chosen(await import(pathToFileURL(whole)));
    if (found) return found;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const copy = asModule(whole, text);
    try {
      const found = chosen(await import(pathToFileURL(copy)));
      if (found) return found;
    } catch (again) {
      // As what it was meant is seen by its words only.
      if (!/^\s*(import|export)\b/m.test(text)) throw error;
      again.checked = copy;
      throw again;
    }
  }
  const declared = "\n;return typeof createStore === 'function' ? createStore : undefined;";
  const parameters = ["require", "module", "exports", "__filename", "__dirname"];
  const bare = vm.compileFunction(text + declared, parameters, { filename: whole });
  const found = bare(createRequire(whole), { exports: {} }, {}, whole, path.dirname(whole));
  if (found) return found;
  throw new Unusable("exports no function createStore");
}

/** A copy under a name that says what it is; what it imports is found where it was. */
function asModule(whole, text) {
  const beside = (_, before, quote, name) =>
    before + quote + pathToFileURL(path.resolve(path.dirname(whole), name)) + quote;
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "etalon-module-"));
  const copy = path.join(folder, COPY);
  fs.writeFileSync(copy, text.replace(/(\bfrom\s*|\bimport\s*\(?\s*)(["'])(\.\.?\/[^"']+)\2/g, beside));
  process.on("exit", () => fs.rmSync(folder, { recursive: true, force: true }));
  return copy;
}

function make(createStore, ...log) {
  const isClass = /^class\b/.test(Function.prototype.toString.call(createStore));
  return isClass ? new createStore(...log) : createStore(...log);
}

/** Whether it names a parameter: then an existing log can be given to it. */
function takesLog(createStore) {
  const text = Function.prototype.toString.call(createStore);
  const head = /^class\b/.test(text) ? /\bconstructor\s*\(\s*[^)\s]/ : /^[^(=]*\(\s*[^)\s]|^\s*[\w$]+\s*=>/;
  return head.test(text);
}

/** One store under test, and what is known of it. */
class Watched {
  constructor(createStore) {
    this.createStore = createStore;
    this.store = make(createStore);
    this.memtable = new Map();
    // What a compaction may have taken out of the memtable, or not.
    this.perhaps = new Set();
    this.segments = [];
    this.changes = [];
    this.flushed = false;
    this.replayed = 0;
    this.look();
  }

  set(key, value) {
    this.store.set(key, value);
    this.changed(key, value);
  }

  del(key) {
    this.store.del(key);
    this.changed(key, null);
  }

  changed(key, value) {
    this.memtable.set(key, value);
    this.perhaps.delete(key);
    this.changes.push([key, value]);
    this.unchanged(this.read(), this.segments.length);
    this.checkLog();
  }

  get(key) {
    const value = this.store.get(key);
    if (typeof this.store.has === "function") {
      const has = this.store.has(key);
      const is = value !== undefined && value !== null;
      demand(Boolean(has) === is, "has", () =>
        `has(${shown(key)}) is ${has}, and get(${shown(key)}) is ${shown(value)}`);
    }
    this.checkReplay();
    return value;
  }

  flush() {
    this.checkReplay();
    this.store.flush();
    this.flushed = true;
    if (this.store.segments === undefined) return;
    const segments = this.read();
    const before = this.segments.length;
    demand(segments.length <= before + 1, "one flush", () =>
      `one flush made ${segments.length - before} new segments`);
    if (segments.length === before + 1) this.newestLast(segments);
    this.unchanged(segments, before);
    this.checkFlushed(segments[before] ?? []);
    this.memtable.clear();
    this.perhaps.clear();
    this.look();
  }

  /** The new segment stands behind the others, not before them. */
  newestLast(segments) {
    const same = (segment, other) => segment !== undefined && equal(segment, other);
    const behind = this.segments.every((segment, at) => same(segments[at], segment));
    const before = this.segments.every((segment, at) => same(segments[at + 1], segment));
    demand(behind || !before, "newest last", () => "the new segment stands before the older ones");
  }

  /** The first so many segments are as they were. */
  unchanged(segments, count) {
    for (let at = 0; at < count; at++) {
      demand(segments[at] !== undefined && equal(segments[at], this.segments[at]), "immutable", () =>
        `segments[${at}] was ${list(this.segments[at])} and is ${list(segments[at] ?? [])}`);
    }
    demand(segments.length >= count, "immutable", () => "a segment has gone");
  }

  checkFlushed(segment) {
    const inside = new Map(segment);
    for (const [key, value] of this.memtable) {
      if (value === null) {
        const older = this.segments.some((other) => other.some(([name]) => name === key));
        const is = inside.has(key) ? inside.get(key) === null : !older || this.perhaps.has(key);
        demand(is, "tombstone", () =>
          `${shown(key)} was deleted, and the new segment is ${list(segment)}`);
      } else if (inside.has(key)) {
        demand(Object.is(inside.get(key), value), "flush writes the memtable", () =>
          `${shown(key)} was set to ${shown(value)}, and the new segment is ${list(segment)}`);
      } else {
        demand(this.perhaps.has(key), "flush writes the memtable", () =>
          `${shown(key)} was set to ${shown(value)}, and the new segment is ${list(segment)}`);
      }
    }
    for (const [key] of segment) {
      demand(this.memtable.has(key), "memtable emptied", () =>
        `${shown(key)} was flushed before, and is in the new segment again: ${list(segment)}`);
    }
  }

  compact() {
    const [without, including] = [this.merged([]), this.merged([...this.memtable])];
    this.store.compact();
    if (this.store.segments === undefined) return;
    const segments = this.read();
    demand(segments.length <= 1, "one segment", () => `compact left ${segments.length} segments`);
    const merged = segments[0] ?? [];
    const inside = new Map(merged);
    for (const [key, value] of merged) {
      demand(value !== null, "no tombstone", () => `compact left a tombstone: ${list(merged)}`);
      const known = [without, including].some((right) => Object.is(right.get(key), value));
      demand(known, "newest wins", () => `compact kept ${shown(key)} as ${shown(value)}`);
    }
    const is = (right) =>
      right.size === inside.size && [...right].every(([key, value]) => Object.is(inside.get(key), value));
    const [leaves, takes] = [is(without), is(including)];
    demand(leaves || takes, "compact keeps", () =>
      `the segments held ${list([...without])}, and compact left ${list(merged)}`);
    if (takes && leaves) for (const key of this.memtable.keys()) this.perhaps.add(key);
    else if (takes) this.memtable.clear();
    this.flushed ||= takes;
    this.look();
  }

  /** What all segments hold together, and these changes over them; the newest wins. */
  merged(changes) {
    const merged = new Map();
    for (const [key, value] of [...this.segments.flat(), ...changes]) {
      if (value === null) merged.delete(key);
      else merged.set(key, value);
    }
    return merged;
  }

  /** The segments as they are now, each one checked. */
  read() {
    const segments = this.store.segments;
    if (segments === undefined) return [];
    demand(Array.isArray(segments), "segments", () => `segments is ${shown(segments)}`);
    return segments.map((segment, at) => {
      const entries = segment?.entries;
      const isPair = (entry) => Array.isArray(entry) && entry.length === 2 && typeof entry[0] === "string";
      demand(Array.isArray(entries) && entries.every(isPair), "segments", () =>
        `segments[${at}].entries is not a list of [key, value or null]: ${shown(entries)}`);
      entries.forEach(([key, value], place) => {
        demand(value !== undefined, "tombstone", () => `segments[${at}] holds undefined: ${list(entries)}`);
        const before = place > 0 ? entries[place - 1][0] : undefined;
        demand(before !== key, "no duplicate key", () => `segments[${at}] is ${list(entries)}`);
        demand(place === 0 || before < key, "sorted", () => `segments[${at}] is ${list(entries)}`);
      });
      return entries.map(([key, value]) => [key, value]);
    });
  }

  look() {
    this.segments = this.read();
  }

  /** Before the first flush the log holds every change, in order. */
  checkLog() {
    const { log } = this.store;
    if (this.flushed || !Array.isArray(log)) return;
    demand(log.length === this.changes.length, "log order", () =>
      `the log has ${log.length} entries, and set and del were called ${this.changes.length} times`);
    log.forEach((entry, at) => {
      const parts = typeof entry === "object" && entry !== null ? Object.values(entry) : [entry];
      const [key] = this.changes[at];
      demand(parts.includes(key), "log order", () =>
        `change ${at + 1} was of ${shown(key)}, and log[${at}] is ${shown(entry)}`);
    });
  }

  /** Before the first flush a store that is made of the log is the same store. */
  checkReplay() {
    const { log } = this.store;
    const known = this.replayed === this.changes.length;
    if (this.flushed || known || !Array.isArray(log) || !takesLog(this.createStore)) return;
    this.replayed = this.changes.length;
    const again = make(this.createStore, structuredClone(log));
    for (const key of this.memtable.keys()) {
      const [got, here] = [again.get(key) ?? undefined, this.store.get(key) ?? undefined];
      demand(Object.is(got, here), "replay", () =>
        `a store made of the log answers get(${shown(key)}) with ${shown(got)}, this one with ${shown(here)}`);
    }
  }
}

const equal = (one, other) =>
  one.length === other.length &&
  one.every(([key, value], at) => key === other[at][0] && Object.is(value, other[at][1]));

const list = (entries) => `[${entries.map(([key, value]) => `[${shown(key)}, ${shown(value)}]`).join(", ")}]`;

function serve(createStore) {
  const say = (message) => answer(JSON.stringify(message) + "\n");
  const first = make(createStore);
  for (const name of ["set", "get", "del"]) {
    if (typeof first?.[name] !== "function") throw new Unusable(`the store has no function ${name}`);
  }
  const can = ["flush", "compact"].filter((name) => typeof first[name] === "function");
  say({
    etalon: 1, name: path.basename(file), can, window: 64, timeout: { op: 1, open: 1 },
    keys: { min: 1, max: 64, alphabet: "text" }, values: { max: 64 },
  });
  let watched;
  const ops = {
    open: () => { watched = new Watched(createStore); },
    get: ({ key }) => textOf(watched.get(keyOf(key))),
    put: ({ key, value }) => watched.set(keyOf(key), valueOf(value)),
    delete: ({ key }) => watched.del(keyOf(key)),
    flush: () => watched.flush(),
    compact: () => watched.compact(),
  };
  require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
    const { id, op, ...fields } = JSON.parse(line);
    try {
      say({ id, ok: ops[op](fields) ?? null });
    } catch (error) {
      const { rule } = error ?? {};
      say(rule ? { id, error: error.message, kind: "structure", rule } : { id, error: `it threw ${error}` });
    }
  });
}

// What cannot be used is said in one line, with the line of the file where that is known.

/** Where an error has its cause, as `line 3: `; with the file, if it is another one. */
function place(error) {
  const stack = String(error?.stack ?? "");
  // A module's syntax error says no line; a check of the same text does.
  const checked = error?.checked;
  const said = checked && error instanceof SyntaxError
    ? spawnSync(process.execPath, ["--check", checked], { encoding: "utf8" }).stderr : stack;
  const head = /^(?:file:\/\/)?(.+):(\d+)\n/.exec(said);
  const frames = [...stack.matchAll(/^ +at (?:.*\()?(?:file:\/\/)?([^()]+):(\d+):\d+\)?$/gm)];
  const isTheirs = ([, name]) => path.isAbsolute(name) && name !== __filename;
  const [, name, line] = head ?? frames.find(isTheirs) ?? [];
  if (name === undefined) return "";
  const isFile = [path.resolve(file), checked].includes(name) || path.basename(name) === COPY;
  return isFile ? `line ${line}: ` : `${path.relative("", name)}, line ${line}: `;
}

function unusable(text) {
  fs.writeSync(2, `\n${UNUSABLE}${text}\n`);
}

const ends = (code) => {
  unusable(`loading it ends Node with exit code ${code}`);
  process.exitCode = 1;
};
process.on("exit", ends);
load().then(serve).then(() => process.off("exit", ends), (error) => {
  process.off("exit", ends);
  const whole = error instanceof Error ? String(error) : `it threw ${shown(error)}`;
  unusable(error instanceof Unusable ? error.message : place(error) + whole.split("\n")[0]);
  process.exit(1);
});
