const { Store } = require("./store.js"); // your store
let store;
const ops = {
  open: ({ dir }) => { store = new Store(dir); },
  get: ({ key }) => store.get(key) ?? null, // ??, not ||: "" is a value
  put: ({ key, value }) => { store.put(key, value); },
  delete: ({ key }) => { store.delete(key); },
  flush: () => { store.flush(); },
};
const say = (message) => process.stdout.write(JSON.stringify(message) + "\n");
say({ etalon: 1, name: "mystore", can: ["flush"], window: 64 });
require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const m = JSON.parse(line);
  try { say({ id: m.id, ok: ops[m.op](m) ?? null }); }
  catch (e) { say({ id: m.id, error: String(e), kind: ops[m.op] ? "indefinite" : "unsupported" }); }
});
