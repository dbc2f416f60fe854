// segments are copies, made anew whenever they are looked at; get answers null for the absent.
module.exports.createStore = () => {
  const layers = [];
  let memtable = {};
  const put = (key, value) => { memtable["k" + key] = value; };
  const find = (layer, key) => (Object.hasOwn(layer, "k" + key) ? [layer["k" + key]] : undefined);
  const isLive = (layer) => Object.fromEntries(Object.entries(layer).filter(([, value]) => value !== null));
  return {
    set: put,
    del: (key) => put(key, null),
    get: (key) => [memtable, ...layers].map((layer) => find(layer, key)).find(Boolean)?.[0] ?? null,
    flush: () => { layers.unshift(memtable); memtable = {}; },
    compact: () => { layers.splice(0, layers.length, isLive(Object.assign({}, ...layers.reverse()))); },
    get segments() {
      const names = (layer) => Object.keys(layer).sort();
      const entries = (layer) => names(layer).map((name) => [name.slice(1), layer[name]]);
      return layers.map((layer) => ({ entries: entries(layer) })).reverse();
    },
  };
};
