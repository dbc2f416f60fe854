// compact flushes first, so that everything is in one segment.
const createStore = (log = []) => {
  let memtable = new Map();
  const store = {
    segments: [],
    log: [],
    set(key, value) { store.log.push({ type: "set", key, value }); memtable.set(key, value); },
    del(key) { store.log.push({ type: "del", key }); memtable.set(key, null); },
    get(key) {
      const layers = [...store.segments.map((segment) => new Map(segment.entries)), memtable];
      return layers.findLast((layer) => layer.has(key))?.get(key);
    },
    flush() {
      const entries = [...memtable].sort(([a], [b]) => (a < b ? -1 : 1));
      if (entries.length > 0) store.segments.push({ entries });
      memtable = new Map();
      store.log = [];
    },
    compact() {
      store.flush();
      const merged = new Map(store.segments.flatMap((segment) => segment.entries));
      const entries = [...merged].filter(([, value]) => value !== null);
      store.segments = [{ entries: entries.sort(([a], [b]) => (a < b ? -1 : 1)) }];
    },
  };
  for (const { type, key, value } of log) type === "set" ? store.set(key, value) : store.del(key);
  return store;
};
module.exports = createStore;
