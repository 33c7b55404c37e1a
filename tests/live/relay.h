/*
 * A relay between agents and their broker on loopback, in a thread of its own, that can be made to fail as networks do:
 * a frozen connection stays open and moves nothing more, in either direction; the next ones work.
 */
#ifndef NRM_TESTS_LIVE_RELAY_H
#define NRM_TESTS_LIVE_RELAY_H

#include <stddef.h>

struct relay;

/* Relays from one endpoint of the form tcp://127.0.0.1:PORT to another. */
struct relay *relay_open(const char *from, const char *to);
void relay_close(struct relay *relay);

/* Freezes the connections that there are now; returns how many. */
size_t relay_freeze(struct relay *relay);

#endif
