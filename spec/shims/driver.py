import json, sys
from store import Store  # your store
def call(m):
    global store
    match m["op"]:
        case "open": store = Store(m["dir"])
        case "get": return store.get(m["key"])  # None = absent; "" is a value
        case "put": store.put(m["key"], m["value"])
        case "delete": store.delete(m["key"])
        case "flush": store.flush()
        case op: raise NotImplementedError(op)
print(json.dumps({"etalon": 1, "name": "mystore", "can": ["flush"], "window": 64}), flush=True)
for m in map(json.loads, sys.stdin):
    try: reply = {"id": m["id"], "ok": call(m)}
    except NotImplementedError as e: reply = {"id": m["id"], "error": repr(e), "kind": "unsupported"}
    except Exception as e: reply = {"id": m["id"], "error": repr(e), "kind": "indefinite"}
    print(json.dumps(reply), flush=True)
