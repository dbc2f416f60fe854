#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "store.h" // your store: it keeps bytes, { char *at; size_t size; }; at is 0 for absent
static bytes field(const char *line, const char *name) { // "name":"hex", decoded
  char *hex = strstr(line, name) + strlen(name), *end = strchr(hex, '"'), *at = malloc(end - hex + 1);
  for (char *to = at; hex < end; hex += 2) sscanf(hex, "%2hhx", (unsigned char *)to++);
  return (bytes){ at, (end - (strstr(line, name) + strlen(name))) / 2 };
}
int main(void) { char *line = 0; size_t room = 0; store *s = 0;
  puts("{\"etalon\":1,\"name\":\"mystore\",\"can\":[\"flush\"],\"bytes\":\"hex\",\"window\":64}");
  while (fflush(stdout), getline(&line, &room, stdin) > 0) { bytes v = { 0, 0 }; int known = 1;
    if (strstr(line, "\"op\":\"open\"")) s = store_open();
    else if (strstr(line, "\"op\":\"get\"")) v = store_get(s, field(line, "\"key\":\""));
    else if (strstr(line, "\"op\":\"put\"")) store_put(s, field(line, "\"key\":\""), field(line, "\"value\":\""));
    else if (strstr(line, "\"op\":\"delete\"")) store_delete(s, field(line, "\"key\":\""));
    else if (strstr(line, "\"op\":\"flush\"")) store_flush(s); else known = 0;
    printf("{\"id\":%d,%s", atoi(line + 6), !known ? "\"error\":\"?\",\"kind\":\"unsupported\"" : v.at ? "\"ok\":\"" : "\"ok\":null");
    for (size_t i = 0; i < v.size; i++) printf("%02hhx", (unsigned char)v.at[i]);
    puts(v.at ? "\"}" : "}"); } }
