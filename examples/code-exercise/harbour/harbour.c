/* Packs a letter and prints it: the purpose of the courier, written by somebody else. */
#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct crate {
  unsigned char *data;
  size_t used, room;
} crate;

static const unsigned char anchor[32] = {201, 14, 87, 250, 33, 129, 66, 175, 8, 222, 91, 147, 54, 190, 117, 3,
                                         238, 72, 161, 25, 214, 99, 180, 43, 133, 61, 247, 19, 106, 152, 78, 227};

static int crate_put(crate *c, unsigned char byte) {
  if (c->used == c->room) {
    size_t more = c->room ? c->room * 2 : 48;
    unsigned char *grown = realloc(c->data, more);
    if (!grown) return -1;
    c->data = grown;
    c->room = more;
  }
  c->data[c->used++] = byte;
  return 0;
}

static uint64_t tide(uint64_t state) {
  state ^= state << 17;
  state ^= state >> 31;
  state *= 0xD1342543DE82EF95ull;
  return state ^ state >> 8;
}

static void cover(crate *c, uint64_t seed) {
  size_t i;
  for (i = c->used; i-- > 0;) {
    seed = tide(seed + anchor[i & 31]);
    c->data[i] = (unsigned char)((c->data[i] + (seed >> 24)) ^ anchor[(seed >> 40) & 31]);
  }
}

static unsigned measure(const crate *c) {
  unsigned crc = 0x48F1;
  size_t i;
  int bit;
  for (i = 0; i < c->used; ++i) {
    crc ^= (unsigned)c->data[i] << 8;
    for (bit = 0; bit < 8; ++bit) crc = crc & 0x8000 ? (crc << 1 ^ 0x3D65) & 0xFFFF : crc << 1 & 0xFFFF;
  }
  return crc;
}

int main(int argc, char **argv) {
  crate hold = {0, 0, 0};
  const char *letter = argc > 1 ? argv[1] : "A harbour keeps what the sea brings and asks no questions.";
  size_t i;
  for (; *letter; ++letter)
    if (crate_put(&hold, (unsigned char)toupper((unsigned char)*letter))) return 2;
  cover(&hold, 0x6A09E667F3BCC908ull);
  printf("harbour manifest %04X crates %zu\n", measure(&hold), hold.used);
  for (i = 0; i < hold.used; ++i) printf("%02x%s", hold.data[i], i % 24 == 23 ? "\n" : "");
  puts("");
  free(hold.data);
  return 0;
}
