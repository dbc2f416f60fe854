import java.util.*;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
public class Driver {
  static Store store; // your store
  static String call(String op, Map<String, String> m) {
    String key = m.get("key"), value = null;
    switch (op) {
      case "open": store = new Store(m.get("dir")); break;
      case "get": value = store.get(key); break; // null = absent
      case "put": store.put(key, m.get("value")); break;
      case "delete": store.delete(key); break;
      case "flush": store.flush(); break;
      default: return "\"error\":\"" + op + "\",\"kind\":\"unsupported\"}"; }
    return "\"ok\":" + (value == null ? null : '"' + HexFormat.of().formatHex(value.getBytes(ISO_8859_1)) + '"') + "}"; }
  public static void main(String[] args) {
    System.out.println("{\"etalon\":1,\"name\":\"mystore\",\"can\":[\"flush\"],\"bytes\":\"hex\",\"window\":64}");
    for (Scanner in = new Scanner(System.in); in.hasNextLine();) { Map<String, String> m = new HashMap<>(); String line = in.nextLine();
      new Scanner(line).findAll("\"(key|value)\":\"([^\"]*)\"").forEach(f -> m.put(f.group(1), new String(HexFormat.of().parseHex(f.group(2)), ISO_8859_1)));
      new Scanner(line).findAll("\"(id|op|dir)\":\"?([^\",]*)").forEach(f -> m.put(f.group(1), f.group(2)));
      System.out.println("{\"id\":" + m.get("id") + "," + call(m.get("op"), m)); } } }
