// A memtable that is kept sorted; nothing is exported, the function is just there.
function createStore() {
  let memtable = [];
  let segments = [];
  function place(entries, key) {
    let at = 0;
    while (at < entries.length && entries[at][0] < key) at++;
    return at;
  }
  function put(key, value) {
    const at = place(memtable, key);
    const same = at < memtable.length && memtable[at][0] === key;
    memtable.splice(at, same ? 1 : 0, [key, value]);
  }
  return {
    set: put,
    del(key) { put(key, null); },
    get(key) {
      for (const entries of [memtable, ...segments.map((segment) => segment.entries).reverse()]) {
        const at = place(entries, key);
        if (at < entries.length && entries[at][0] === key) return entries[at][1];
      }
      return undefined;
    },
    flush() {
      segments.push({ entries: memtable });
      memtable = [];
    },
    compact() {
      const kept = memtable;
      memtable = [];
      for (const segment of segments) for (const [key, value] of segment.entries) put(key, value);
      segments = [{ entries: memtable.filter((entry) => entry[1] !== null) }];
      memtable = kept;
    },
    get segments() { return segments; },
  };
}
