// A right store, and in the environment's TWIN the name of what is wrong with it.
import java.util.HashMap;
import java.util.Map;

class Store {
  private static final String TWIN = System.getenv().getOrDefault("TWIN", "");
  private static boolean open = false;
  private final Map<String, String> entries = new HashMap<>();

  Store(String dir) {
    if (TWIN.equals("locked") && open) throw new IllegalStateException("the lock is held");
    open = true;
  }

  String get(String key) {
    return entries.get(key);
  }

  void put(String key, String value) {
    if (TWIN.equals("garbage")) System.out.println("putting");
    if (TWIN.equals("order")) System.out.println("{\"id\":1000000,\"ok\":null}");
    entries.put(key, value);
  }

  void delete(String key) {
    if (TWIN.equals("wrong")) return;
    if (TWIN.equals("dies")) System.exit(3);
    while (TWIN.equals("hangs")) Thread.onSpinWait();
    while (TWIN.equals("floods")) System.out.print("x".repeat(1 << 20));
    entries.remove(key);
  }

  void flush() {}
}
