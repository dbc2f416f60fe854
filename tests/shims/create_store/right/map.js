// A Map, a binary search, a log that can be replayed.
function createStore(existingLog = []) {
  const memtable = new Map();
  const segments = [];
  const log = [];

  function find(entries, key) {
    let low = 0;
    let high = entries.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      if (entries[middle][0] === key) return entries[middle];
      if (entries[middle][0] < key) low = middle + 1;
      else high = middle - 1;
    }
  }

  function get(key) {
    if (memtable.has(key)) return memtable.get(key) ?? undefined;
    for (let i = segments.length - 1; i >= 0; i--) {
      const found = find(segments[i].entries, key);
      if (found) return found[1] ?? undefined;
    }
  }

  function set(key, value) {
    memtable.set(key, value);
    log.push(["set", key, value]);
  }

  function del(key) {
    memtable.set(key, null);
    log.push(["del", key]);
  }

  function flush() {
    if (memtable.size === 0) return;
    const entries = [...memtable];
    entries.sort((a, b) => (a[0] < b[0] ? -1 : 1));
    segments.push({ entries });
    memtable.clear();
    log.length = 0;
  }

  function compact() {
    const merged = new Map();
    for (const segment of segments) {
      for (const [key, value] of segment.entries) merged.set(key, value);
    }
    let entries = [...merged];
    entries = entries.filter(([, value]) => value !== null);
    entries.sort((a, b) => (a[0] < b[0] ? -1 : 1));
    segments.length = 0;
    if (entries.length > 0) segments.push({ entries });
  }

  for (const [op, key, value] of existingLog) {
    if (op === "set") set(key, value);
    if (op === "del") del(key);
  }
  const has = (key) => get(key) !== undefined;
  return { get, set, del, has, flush, compact, segments, log };
}

module.exports = { createStore };
