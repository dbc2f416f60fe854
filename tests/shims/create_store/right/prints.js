// Prints when it is loaded, and in get: by console.log, and without the end of a line.
console.log("a store is loaded");
module.exports = function createStore() {
  const memtable = new Map();
  console.log("a store is made", { memtable });
  return {
    set: (key, value) => memtable.set(key, value),
    del: (key) => memtable.delete(key),
    get(key) {
      console.log('{"id":1,"ok":null}');
      process.stdout.write(`get ${key}`);
      return memtable.get(key);
    },
    flush() { console.info("nothing to flush"); },
  };
};
