# A right store, and in the environment's TWIN the name of what is wrong with it.
import os

twin = os.environ.get("TWIN", "")
is_open = False


class Store:
    def __init__(self, _dir):
        global is_open
        if twin == "locked" and is_open:
            raise OSError("the lock is held")
        is_open = True
        self.entries = {}

    def get(self, key):
        return self.entries.get(key)

    def put(self, key, value):
        if twin == "garbage":
            print("putting")
        if twin == "order":
            print('{"id":1000000,"ok":null}')
        self.entries[key] = value

    def delete(self, key):
        if twin == "wrong":
            return
        if twin == "dies":
            os._exit(3)
        while twin == "hangs":
            pass
        while twin == "floods":
            os.write(1, b"x" * (1 << 20))
        self.entries.pop(key, None)

    def flush(self):
        pass
