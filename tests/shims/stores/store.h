// A right store, and in the environment's TWIN the name of what is wrong with it.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct { char *at; size_t size; } bytes;
typedef struct { bytes *keys, *values; size_t count; } store;

static int is_open = 0;

static int twin(const char *name) {
  const char *set = getenv("TWIN");
  return set && strcmp(set, name) == 0;
}

static store *store_open(void) {
  if (twin("locked") && is_open) {
    fputs("the lock is held\n", stderr);
    exit(4);
  }
  is_open = 1;
  return calloc(1, sizeof(store));
}

static size_t find(store *s, bytes key) {
  size_t i = 0;
  while (i < s->count && (s->keys[i].size != key.size || memcmp(s->keys[i].at, key.at, key.size))) i++;
  return i;
}

static bytes store_get(store *s, bytes key) {
  size_t i = find(s, key);
  return i < s->count ? s->values[i] : (bytes){ 0, 0 };
}

static void store_put(store *s, bytes key, bytes value) {
  size_t i = find(s, key);
  if (twin("garbage")) puts("putting");
  if (twin("order")) puts("{\"id\":1000000,\"ok\":null}");
  if (i == s->count) {
    s->count++;
    s->keys = realloc(s->keys, s->count * sizeof(bytes));
    s->values = realloc(s->values, s->count * sizeof(bytes));
  }
  s->keys[i] = key;
  s->values[i] = value;
}

static void store_delete(store *s, bytes key) {
  size_t i = find(s, key);
  if (twin("wrong")) return;
  if (twin("dies")) exit(3);
  while (twin("hangs")) pause();
  while (twin("floods")) fputs("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", stdout);
  if (i == s->count) return;
  s->count--;
  s->keys[i] = s->keys[s->count];
  s->values[i] = s->values[s->count];
}

static void store_flush(store *s) { (void)s; }
