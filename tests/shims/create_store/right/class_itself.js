// The class itself is exported, with a log.
module.exports = class {
  constructor(log = []) {
    this.memtable = new Map();
    this.segments = [];
    this.log = [];
    for (const { key, value } of log) this.change(key, value);
  }
  change(key, value) {
    this.log.push({ key, value });
    this.memtable.set(key, value);
  }
  set(key, value) { this.change(key, value); }
  del(key) { this.change(key, null); }
  get(key) {
    const layers = [[...this.memtable], ...this.segments.map((segment) => segment.entries).reverse()];
    const layer = layers.find((entries) => entries.some((entry) => entry[0] === key)) ?? [];
    return layer.find((entry) => entry[0] === key)?.[1];
  }
  has(key) { return (this.get(key) ?? null) !== null; }
  flush() {
    const entries = [...this.memtable].sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
    if (entries.length > 0) this.segments = [...this.segments, { entries }];
    this.memtable.clear();
  }
  compact() {
    const merged = new Map();
    for (const segment of this.segments) for (const entry of segment.entries) merged.set(...entry);
    for (const [key, value] of merged) if (value === null) merged.delete(key);
    this.segments = merged.size ? [{ entries: [...merged].sort((a, b) => (a[0] < b[0] ? -1 : 1)) }] : [];
  }
};
