// An object without a prototype; an ES module.
export function createStore() {
  let memtable = Object.create(null);
  const store = { segments: [] };
  store.set = (key, value) => { memtable[key] = value; };
  store.del = (key) => { memtable[key] = null; };
  store.get = (key) => {
    if (key in memtable) return memtable[key];
    for (const segment of [...store.segments].reverse()) {
      for (const [name, value] of segment.entries) if (name === key) return value;
    }
    return null;
  };
  store.flush = () => {
    const entries = Object.keys(memtable).sort().map((key) => [key, memtable[key]]);
    store.segments.push({ entries });
    memtable = Object.create(null);
  };
  store.compact = () => {
    const merged = new Map(store.segments.flatMap((segment) => segment.entries));
    const live = [...merged.keys()].sort().filter((key) => merged.get(key) !== null);
    store.segments = [{ entries: live.map((key) => [key, merged.get(key)]) }];
  };
  return store;
}
