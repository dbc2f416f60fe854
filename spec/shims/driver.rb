require "json"
require_relative "store" # your store
ops = {
  "open" => ->(m) { $store = Store.new(m["dir"]); nil },
  "get" => ->(m) { $store.get(m["key"]) }, # nil = absent; "" is a value
  "put" => ->(m) { $store.put(m["key"], m["value"]); nil },
  "delete" => ->(m) { $store.delete(m["key"]); nil },
  "flush" => ->(m) { $store.flush; nil },
}
say = ->(m) { $stdout.write(JSON.generate(m), "\n"); $stdout.flush }
say.(etalon: 1, name: "mystore", can: ["flush"], window: 64)
$stdin.each_line do |line|
  m = JSON.parse(line)
  say.(id: m["id"], ok: ops.fetch(m["op"]).(m))
rescue KeyError then say.(id: m["id"], error: m["op"], kind: "unsupported")
rescue => e then say.(id: m["id"], error: e.inspect, kind: "indefinite")
end
