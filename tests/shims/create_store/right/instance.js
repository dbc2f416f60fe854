// Instances of a class with private fields, made by a function that is the module.
class Store {
  #memtable = new Map();
  segments = [];
  set(key, value) { this.#memtable.set(key, value); return this; }
  del(key) { const had = this.get(key) !== undefined; this.#memtable.set(key, null); return had; }
  get(key) {
    if (this.#memtable.has(key)) return this.#memtable.get(key) ?? undefined;
    const segment = this.segments.findLast(({ entries }) => entries.some(([name]) => name === key));
    return segment?.entries.find(([name]) => name === key)[1] ?? undefined;
  }
  flush() {
    if (!this.#memtable.size) return false;
    this.segments.push({ entries: [...this.#memtable].sort(([a], [b]) => (a > b ? 1 : -1)) });
    this.#memtable = new Map();
    return true;
  }
  compact() {
    const merged = {};
    Object.setPrototypeOf(merged, null);
    for (const { entries } of this.segments) for (const [key, value] of entries) merged[key] = value;
    const entries = Object.entries(merged).filter((entry) => entry[1] !== null);
    this.segments = entries.length ? [{ entries: entries.sort(([a], [b]) => (a > b ? 1 : -1)) }] : [];
  }
}
module.exports = () => new Store();
