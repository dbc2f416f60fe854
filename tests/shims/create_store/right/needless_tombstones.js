// A tombstone with nothing older to hide is not written.
exports.createStore = function () {
  const memtable = new Map();
  const segments = [];
  const older = (key) => segments.some((segment) => segment.entries.some((entry) => entry[0] === key));
  const sorted = (entries) => entries.sort((a, b) => (a[0] < b[0] ? -1 : 1));
  return {
    segments,
    set(key, value) { memtable.set(key, value); },
    del(key) { older(key) ? memtable.set(key, null) : memtable.delete(key); },
    get(key) {
      if (memtable.has(key)) return memtable.get(key);
      for (let i = segments.length; i-- > 0;) {
        for (const [name, value] of segments[i].entries) if (name === key) return value;
      }
    },
    flush() {
      if (memtable.size > 0) segments.push({ entries: sorted([...memtable]) });
      memtable.clear();
    },
    compact() {
      const merged = new Map(segments.flatMap((segment) => segment.entries));
      segments.length = 0;
      const entries = sorted([...merged].filter((entry) => entry[1] !== null));
      if (entries.length > 0) segments.push({ entries });
    },
  };
};
