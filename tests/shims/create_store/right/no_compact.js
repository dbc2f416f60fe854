// From an early week: no compact, no has, no log.
function createStore() {
  const memtable = new Map(), segments = [];
  return {
    segments,
    set: memtable.set.bind(memtable),
    del: (key) => memtable.set(key, null),
    get: (key) => [...segments.map((s) => new Map(s.entries)), memtable].reverse()
      .find((layer) => layer.has(key))?.get(key) ?? undefined,
    flush() {
      const keys = [...memtable.keys()].sort();
      segments.push({ entries: keys.map((key) => [key, memtable.get(key)]) });
      memtable.clear();
    },
  };
}
module.exports = createStore;
