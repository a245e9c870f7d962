/* Counts words and prints a table, spelled by the workshop. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../workshop/workshop.h"

#define SLOTS 257

struct slot {
  char word[24];
  unsigned count;
};

static const uint8_t kGlow[16] = {0xD4, 0x6B, 0x1A, 0x97, 0x2E, 0xC5, 0x58, 0xF0, 0x83, 0x3D, 0xBE, 0x71, 0x04, 0xA9, 0xEC, 0x15};

static struct slot *find(struct slot *table, const char *word) {
  unsigned i = ws_tally((const uint8_t *)word, strlen(word)) % SLOTS, step = 0;
  while (table[i].count && strcmp(table[i].word, word) != 0 && step < SLOTS) {
    i = (i + 2 * step + 1) % SLOTS;
    ++step;
  }
  return &table[i];
}

static int by_count(const void *a, const void *b) {
  const struct slot *x = a, *y = b;
  if (x->count != y->count) return x->count < y->count ? 1 : -1;
  return strcmp(x->word, y->word);
}

int main(int argc, char **argv) {
  static struct slot table[SLOTS];
  const char *text = argc > 1 ? argv[1] : "light the lantern and set the lantern by the door";
  char word[24];
  unsigned n = 0, i;
  for (;; ++text) {
    if (*text && *text != ' ' && n + 1 < sizeof word) {
      word[n++] = *text;
      continue;
    }
    if (n) {
      struct slot *s;
      word[n] = 0;
      s = find(table, word);
      strcpy(s->word, word);
      ++s->count;
      n = 0;
    }
    if (!*text) break;
  }
  qsort(table, SLOTS, sizeof table[0], by_count);
  for (i = 0; i < 8 && table[i].count; ++i) {
    char spelled[64];
    uint8_t copy[24];
    memcpy(copy, table[i].word, sizeof copy);
    ws_stir(copy, sizeof copy, kGlow);
    ws_spell(copy, sizeof copy, spelled, sizeof spelled);
    printf("lantern %3u %-24s %s\n", table[i].count, table[i].word, spelled);
  }
  return 0;
}
