// A right store, and in the environment's TWIN the name of what is wrong with it.
const fs = require("fs");
const twin = process.env.TWIN ?? "";
let open = false;
exports.Store = class {
  constructor() {
    if (twin === "locked" && open) throw new Error("the lock is held");
    open = true;
    this.map = new Map();
  }
  get(key) { return this.map.get(key); }
  put(key, value) {
    if (twin === "garbage") fs.writeSync(1, "putting\n");
    if (twin === "order") fs.writeSync(1, '{"id":1000000,"ok":null}\n');
    this.map.set(key, value);
  }
  delete(key) {
    if (twin === "wrong") return;
    if (twin === "dies") process.exit(3);
    while (twin === "hangs");
    while (twin === "floods") {
      try { fs.writeSync(1, "x".repeat(1 << 20)); } catch { /* the pipe is full */ }
    }
    this.map.delete(key);
  }
  flush() {}
};
