/* Packs a letter and prints it. */
#include <stdio.h>
#include <string.h>

#include "../workshop/workshop.h"

#ifndef COURIER_VERSION
#define COURIER_VERSION 1
#endif

#if COURIER_VERSION == 1
static const uint8_t kKey[16] = {0x31, 0x5C, 0x08, 0xE2, 0x77, 0x90, 0xAB, 0x1D, 0x66, 0xF4, 0x29, 0xC3, 0x5E, 0x82, 0xD7, 0x4A};
#else
static const uint8_t kKey[16] = {0x8E, 0x13, 0xB5, 0x4C, 0xF9, 0x26, 0x70, 0xDA, 0x3F, 0x95, 0x68, 0x01, 0xE7, 0x5B, 0xA2, 0xCC};
#endif

static unsigned fold(const char *text, char *out, unsigned room) {
  unsigned n = 0, column = 0;
  for (; *text && n + 2 < room; ++text) {
    char c = *text;
    if (c >= 'A' && c <= 'Z') c = (char)(c + 32);
    if (c == '\t') c = ' ';
    if (c == ' ' && column > 47) {
      c = '\n';
      column = 0;
    }
    out[n++] = c;
    ++column;
  }
  out[n] = 0;
  return n;
}

#if COURIER_VERSION >= 2
static void stamp(uint8_t *frame, unsigned n) {
  unsigned i, turn = 0x6D;
  for (i = 12; i + 4 <= n; i += 97) {
    turn = turn * 29u + frame[i];
    frame[i + 3] ^= (uint8_t)(turn >> 3);
  }
}
#endif

int main(int argc, char **argv) {
  char folded[512], spelled[2048];
  uint8_t frame[600];
  unsigned n = fold(argc > 1 ? argv[1] : "The courier carries one letter and comes home before the rain.", folded, sizeof folded);
  unsigned size = (unsigned)ws_frame((const uint8_t *)folded, n, COURIER_VERSION, frame, sizeof frame);
  if (size == 0) {
    fputs("courier: the letter is too long for the bag\n", stderr);
    return 1;
  }
  ws_stir(frame + 12, size - 12, kKey);
#if COURIER_VERSION >= 2
  stamp(frame, size);
#endif
  ws_spell(frame, size, spelled, sizeof spelled);
  printf("courier bag %u: %s\n", size, spelled);
  return 0;
}
