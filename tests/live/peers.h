/*
 * Many agencies' connections in one thread: no spool, no checks beyond decoding. What each hears is handed on.
 */
#ifndef NRM_TESTS_LIVE_PEERS_H
#define NRM_TESTS_LIVE_PEERS_H

#include "agents/client/client.h"
#include "proto/wire/frame.h"
#include "tests/live/country.h"

struct peers;

/* Told of each decoded frame for agency `i`; what it points to ends with the call. */
typedef void peers_heard(void *with, size_t i, const struct nrm_to_agent *frame);

/*
 * Connects `n` agencies and waits until all are welcome; each has credit for `credit` deliveries. The identities outlive
 * the peers. `endpoint` may be another than the broker's own.
 */
struct peers *peers_open(const struct country *country, struct nrm_identity *const *agency,
			 size_t n, const char *endpoint, uint32_t credit, peers_heard *heard,
			 void *with);
void peers_close(struct peers *peers);

/* Sends a frame for agency `i`; false when its connection takes none now. */
bool peers_send(struct peers *peers, size_t i, struct nrm_slice frame);
/* Sends a frame as soon as the connection takes it, in order; its bytes are taken over and the buffer is empty. */
void peers_say(struct peers *peers, size_t i, struct nrm_buf *frame);
/* Stops reading a connection, or reads it again. */
void peers_mute(struct peers *peers, size_t i, bool mute);
/* Waits up to `ms` for frames and hands them on. */
void peers_turn(struct peers *peers, int ms);
/* Waits up to `ms` until `n` agencies are welcome: none after the broker's end, all when it is back. */
bool peers_wait(struct peers *peers, size_t n, unsigned ms);
/* How many connections ended since the start. */
size_t peers_lost(const struct peers *peers);

#endif
