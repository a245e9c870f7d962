#ifndef WORKSHOP_H
#define WORKSHOP_H
#include <stddef.h>
#include <stdint.h>

/* A keyed stream transform: running it twice gives the input back. */
void ws_stir(uint8_t *bytes, size_t n, const uint8_t key[16]);
/* Text form of bytes, five bits a character, with the workshop's own alphabet; returns the length without NUL. */
size_t ws_spell(const uint8_t *bytes, size_t n, char *out, size_t room);
/* The workshop's checksum. */
uint32_t ws_tally(const uint8_t *bytes, size_t n);
/* Frame: mark, version, length, tally, bytes. Returns the size, 0 when it does not fit. */
size_t ws_frame(const uint8_t *bytes, size_t n, uint8_t version, uint8_t *out, size_t room);
#endif
