// A default export that imports, and segments that nobody can change.
import { strict as assert } from "node:assert";
const order = ([a], [b]) => (a < b ? -1 : 1);
const freeze = (entries) => Object.freeze({ entries: Object.freeze(entries.map(Object.freeze)) });
export default function createStore() {
  const memtable = new Map();
  const segments = [];
  return {
    segments,
    set: (key, value) => void memtable.set(key, value),
    del: (key) => memtable.set(key, null),
    get(key) {
      if (memtable.has(key)) return memtable.get(key);
      return new Map(segments.flatMap((segment) => segment.entries)).get(key);
    },
    flush() {
      segments.push(freeze([...memtable].sort(order)));
      memtable.clear();
      assert.equal(memtable.size, 0);
    },
    compact() {
      const merged = new Map(segments.splice(0).flatMap((segment) => segment.entries));
      const live = [...merged].filter(([, value]) => value !== null);
      if (live.length) segments.push(freeze(live.sort(order)));
    },
  };
}
