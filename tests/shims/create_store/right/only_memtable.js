// From the first week: a memtable, and a log.
function createStore(log = []) {
  const entries = new Map();
  const store = {
    log: [],
    set(key, value) { store.log.push([key, value]); entries.set(key, value); },
    del(key) { store.log.push([key, null]); return entries.delete(key); },
    get(key) { return entries.get(key); },
    has(key) { return entries.has(key); },
    flush() {},
  };
  for (const [key, value] of log) value === null ? store.del(key) : store.set(key, value);
  return store;
}
module.exports = { createStore };
