package main

import ("bufio"; "encoding/json"; "fmt"; "os")

func main() {
	var store *Store // your store, in a file beside this one
	in, out := bufio.NewReader(os.Stdin), json.NewEncoder(os.Stdout)
	fmt.Println(`{"etalon":1,"name":"mystore","can":["flush"],"window":64}`)
	for line, err := in.ReadBytes('\n'); err == nil; line, err = in.ReadBytes('\n') {
		var m struct { Id int; Op, Dir, Key, Value string }
		reply := map[string]any{"ok": nil}
		if err := json.Unmarshal(line, &m); err != nil { panic(err) }
		switch m.Op {
		case "open": store = NewStore(m.Dir)
		case "get": if value, ok := store.Get(m.Key); ok { reply["ok"] = value }
		case "put": store.Put(m.Key, m.Value)
		case "delete": store.Delete(m.Key)
		case "flush": store.Flush()
		default: reply = map[string]any{"error": m.Op, "kind": "unsupported"} }
		reply["id"] = m.Id; out.Encode(reply) } }
