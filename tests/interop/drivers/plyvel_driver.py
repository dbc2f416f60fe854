"""LevelDB in C++, by plyvel, behind the lines of src/driver.rs. Everything read is verified."""

import itertools
import sys

import plyvel

OPTIONS = {
    "write_buffer_size": int,
    "block_size": int,
    "block_restart_interval": int,
    "bloom_filter_bits": int,
    "compression": lambda name: None if name == "none" else name,
}

db = None


def data(word):
    """The bytes that a word stands for: a point and hexadecimal digits, or - for none."""
    return None if word == "-" else bytes.fromhex(word[1:])


def word(data):
    return "-" if data is None else "." + data.hex()


def open_directory(path, *settings):
    global db
    options = dict(setting.split("=") for setting in settings)
    options = {name: OPTIONS[name](value) for name, value in options.items()}
    db = plyvel.DB(data(path).decode(), create_if_missing=True, paranoid_checks=True, **options)
    return []


def close():
    if db is not None:
        db.close()
    return []


def get(key):
    return [word(db.get(data(key), verify_checksums=True))]


def walk(start, stop, reverse):
    """The entries from start (included) to stop (excluded), by LevelDB's own iterator.

    Not by plyvel's, which backwards misses a start that is the last key.
    """
    entries = db.raw_iterator(verify_checksums=True)
    if not reverse:
        entries.seek(start)
    elif stop is None:
        entries.seek_to_last()
    else:
        entries.seek(stop)
        entries.prev() if entries.valid() else entries.seek_to_last()
    while entries.valid() and start <= entries.key() and (stop is None or entries.key() < stop):
        yield word(entries.key()), word(entries.value())
        entries.prev() if reverse else entries.next()


def scan(start, stop, direction, limit):
    found = walk(data(start), data(stop), direction == "backwards")
    limit = None if limit == "-" else int(limit)
    return itertools.chain.from_iterable(itertools.islice(found, limit))


def write(*changes):
    with db.write_batch() as batch:
        for key, value in zip(changes[::2], changes[1::2]):
            if value == "-":
                batch.delete(data(key))
            else:
                batch.put(data(key), data(value))
    return []


def compact():
    # To plyvel, no bounds are empty keys: it would compact the tables around the empty key only.
    db.compact_range(start=b"", stop=b"\xff" * 70_000)
    return []


COMMANDS = {
    "open": open_directory,
    "get": get,
    "scan": scan,
    "write": write,
    "compact": compact,
    "close": close,
}

for line in sys.stdin:
    command, *words = line.split()
    try:
        answer = ["ok", *COMMANDS[command](*words)]
    except Exception as error:
        answer = ["error", type(error).__name__, *str(error).split()]
    print(*answer, flush=True)
