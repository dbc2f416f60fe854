"""LevelDB in C++, by plyvel, behind JSON lines: a command on stdin, its answer on stdout.

Keys and values are strings, each character of which stands for one byte (Latin-1). At most one
directory is open at a time. Everything that is read is verified.
"""

import itertools
import json
import sys

import plyvel

db = None


def text(data):
    return None if data is None else data.decode("latin-1")


def data(text):
    return None if text is None else text.encode("latin-1")


def open_directory(path, **options):
    global db
    db = plyvel.DB(path, create_if_missing=True, paranoid_checks=True, **options)


def close():
    if db is not None:
        db.close()


def get(key):
    return text(db.get(data(key), verify_checksums=True))


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
        yield [text(entries.key()), text(entries.value())]
        entries.prev() if reverse else entries.next()


def scan(start, stop, reverse, limit):
    return list(itertools.islice(walk(data(start), data(stop), reverse), limit))


def write(changes):
    with db.write_batch() as batch:
        for key, value in changes:
            if value is None:
                batch.delete(data(key))
            else:
                batch.put(data(key), data(value))


def compact():
    # To plyvel, no bounds are empty keys: it would compact the tables around the empty key only.
    db.compact_range(start=b"", stop=b"\xff" * 70_000)


COMMANDS = {
    "open": open_directory,
    "get": get,
    "scan": scan,
    "write": write,
    "compact": compact,
    "close": close,
}

for line in sys.stdin:
    command = json.loads(line)
    try:
        answer = {"ok": COMMANDS[command.pop("do")](**command)}
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
