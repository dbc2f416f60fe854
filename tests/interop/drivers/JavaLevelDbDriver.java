// LevelDB's port to Java, behind the lines of src/driver.rs. Everything read is verified.

import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.iq80.leveldb.CompressionType;
import org.iq80.leveldb.DB;
import org.iq80.leveldb.DBIterator;
import org.iq80.leveldb.Options;
import org.iq80.leveldb.ReadOptions;
import org.iq80.leveldb.WriteBatch;
import org.iq80.leveldb.impl.DbImpl;
import org.iq80.leveldb.impl.Iq80DBFactory;
import org.iq80.leveldb.util.Slice;

public class JavaLevelDbDriver {
    private static final ReadOptions VERIFIED = new ReadOptions().verifyChecksums(true);
    private static final int DEEPEST_LEVEL = 6;

    private static DB db;

    /** The bytes that a word stands for: a point and hexadecimal digits, or - for none. */
    private static byte[] data(String word) {
        return word.equals("-") ? null : HexFormat.of().parseHex(word, 1, word.length());
    }

    private static String word(byte[] data) {
        return data == null ? "-" : "." + HexFormat.of().formatHex(data);
    }

    private static void open(List<String> words) throws Exception {
        Options options = new Options().verifyChecksums(true).paranoidChecks(true);
        for (String setting : words.subList(1, words.size())) {
            String value = setting.substring(setting.indexOf('=') + 1);
            switch (setting.substring(0, setting.indexOf('='))) {
                case "write_buffer_size" -> options.writeBufferSize(Integer.parseInt(value));
                case "block_size" -> options.blockSize(Integer.parseInt(value));
                case "block_restart_interval" ->
                    options.blockRestartInterval(Integer.parseInt(value));
                case "compression" -> options.compressionType(
                    value.equals("none") ? CompressionType.NONE : CompressionType.SNAPPY);
                default -> throw new IllegalArgumentException("no option " + setting);
            }
        }
        String path = new String(data(words.get(0)), StandardCharsets.UTF_8);
        db = Iq80DBFactory.factory.open(new File(path), options);
    }

    private static void close() throws Exception {
        if (db != null) {
            DB closing = db;
            db = null;
            closing.close();
        }
    }

    private static List<String> scan(byte[] start, byte[] stop, String limit) throws Exception {
        List<String> found = new ArrayList<>();
        long left = limit.equals("-") ? Long.MAX_VALUE : Long.parseLong(limit);
        try (DBIterator entries = db.iterator(VERIFIED)) {
            entries.seek(start);
            for (; left > 0 && entries.hasNext(); left--) {
                var entry = entries.next();
                if (stop != null && Arrays.compareUnsigned(entry.getKey(), stop) >= 0) {
                    break;
                }
                found.add(word(entry.getKey()));
                found.add(word(entry.getValue()));
            }
        }
        return found;
    }

    private static void write(List<String> words) throws Exception {
        try (WriteBatch batch = db.createWriteBatch()) {
            for (int at = 0; at < words.size(); at += 2) {
                byte[] value = data(words.get(at + 1));
                if (value == null) {
                    batch.delete(data(words.get(at)));
                } else {
                    batch.put(data(words.get(at)), value);
                }
            }
            db.write(batch);
        }
    }

    /** The public compaction is not implemented; the one of each level is, and is public too. */
    private static void compact() {
        DbImpl levels = (DbImpl) db;
        byte[] last = new byte[70_000];
        Arrays.fill(last, (byte) 0xff);
        levels.flushMemTable();
        for (int level = 0; level < DEEPEST_LEVEL; level++) {
            levels.compactRange(level, new Slice(new byte[0]), new Slice(last));
        }
    }

    private static List<String> answer(String command, List<String> words) throws Exception {
        switch (command) {
            case "open" -> open(words);
            case "close" -> close();
            case "write" -> write(words);
            case "compact" -> compact();
            case "get" -> {
                return List.of(word(db.get(data(words.get(0)), VERIFIED)));
            }
            case "scan" -> {
                return scan(data(words.get(0)), data(words.get(1)), words.get(3));
            }
            default -> throw new IllegalArgumentException("no command " + command);
        }
        return List.of();
    }

    public static void main(String[] arguments) throws Exception {
        var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            List<String> words = List.of(line.split(" "));
            String answer;
            try {
                List<String> found = answer(words.get(0), words.subList(1, words.size()));
                answer = "ok " + String.join(" ", found);
            } catch (Exception | Error failure) {
                answer = "error " + failure.toString().replaceAll("\\s+", " ");
            }
            System.out.println(answer.strip());
        }
        close();
    }
}
