#include "workshop.h"

#include <string.h>

static const char kAlphabet[] = "qzwxsecdrvtbgynhumjikolp73629415";
static const uint16_t kWheel[24] = {0x1D87, 0xB042, 0x6E3C, 0x914F, 0x27A9, 0xC8D1, 0x5B60, 0xF31E, 0x0A75, 0x84CB, 0x3962, 0xDE17,
                                    0x728D, 0x4BF4, 0x95A0, 0xE659, 0x18C3, 0xAF2E, 0x6394, 0x07DB, 0xB97F, 0x5208, 0xCD46, 0x30EA};

void ws_stir(uint8_t *bytes, size_t n, const uint8_t key[16]) {
  uint32_t a = 0x9D2C5681u, b = 0x3C6EF35Fu;
  size_t i;
  for (i = 0; i < 16; ++i) {
    a = (a << 7 | a >> 25) ^ (key[i] * 0x01000193u);
    b += a ^ kWheel[key[i] % 24];
  }
  for (i = 0; i < n; ++i) {
    a = a * 0x5851F42Du + 0x14057B7Eu;
    b ^= (a >> 11) + kWheel[(a >> 27) % 24];
    b = b << 13 | b >> 19;
    bytes[i] ^= (uint8_t)(b >> 9);
  }
}

size_t ws_spell(const uint8_t *bytes, size_t n, char *out, size_t room) {
  uint32_t pool = 0;
  unsigned held = 0;
  size_t i, written = 0;
  for (i = 0; i < n; ++i) {
    pool = pool << 8 | bytes[i];
    held += 8;
    while (held >= 5) {
      if (written + 1 >= room) return 0;
      held -= 5;
      out[written++] = kAlphabet[(pool >> held) & 31];
      if (written % 61 == 60 && written + 1 < room) out[written++] = '-';
    }
  }
  if (held > 0 && written + 1 < room) out[written++] = kAlphabet[(pool << (5 - held)) & 31];
  out[written] = 0;
  return written;
}

uint32_t ws_tally(const uint8_t *bytes, size_t n) {
  uint32_t low = 0x52A7, high = 0x1F3D;
  size_t i;
  for (i = 0; i < n; ++i) {
    low = (low + bytes[i] * 251u) % 65413u;
    high = (high * 3u + low) % 65407u;
  }
  return high << 16 | low;
}

size_t ws_frame(const uint8_t *bytes, size_t n, uint8_t version, uint8_t *out, size_t room) {
  const uint32_t tally = ws_tally(bytes, n);
  if (n > 0xFFFF || room < n + 12) return 0;
  memcpy(out, "\x7FmL2", 4);
  out[4] = version;
  out[5] = (uint8_t)(n ^ 0xA5);
  out[6] = (uint8_t)(n >> 8);
  out[7] = (uint8_t)(out[5] + out[6] + 0x3B);
  out[8] = (uint8_t)tally;
  out[9] = (uint8_t)(tally >> 8);
  out[10] = (uint8_t)(tally >> 16);
  out[11] = (uint8_t)(tally >> 24);
  memcpy(out + 12, bytes, n);
  return n + 12;
}
