// Nothing is exported, and a helper is required from a folder beside the file.
const { byKey } = require("./beside/order");
function createStore() {
  const memtable = new Map();
  const segments = [];
  return {
    segments,
    set: (key, value) => memtable.set(key, value),
    del: (key) => memtable.set(key, null),
    get(key) {
      const layers = [...segments.map(({ entries }) => new Map(entries)), memtable];
      return layers.findLast((layer) => layer.has(key))?.get(key) ?? undefined;
    },
    flush() {
      if (memtable.size > 0) segments.push({ entries: [...memtable].sort(byKey) });
      memtable.clear();
    },
    compact() {
      const merged = new Map(segments.splice(0).flatMap(({ entries }) => entries));
      const live = [...merged].filter(([, value]) => value !== null);
      if (live.length > 0) segments.push({ entries: live.sort(byKey) });
    },
  };
}
