/*
 * The gate: which transport keys may come in, how often, and how many connections each may have. It holds the
 * directory in force. Any thread.
 */
#ifndef NRM_DOOR_GATE_H
#define NRM_DOOR_GATE_H

#include "proto/directory/directory.h"

struct nrm_gate;

enum nrm_admission {
	NRM_STRANGER, /* no active participant of the directory has this key */
	NRM_CROWDED, /* too many handshakes or connections of this key, or of all: may try again later */
	NRM_ADMITTED
};

enum nrm_err nrm_gate_new(const struct nrm_directory *directory,
			  struct nrm_gate **ret_gate) NRM_MUST_USE;
void nrm_gate_free(struct nrm_gate *gate);

/* The directory in force; it outlives the gate. */
const struct nrm_directory *nrm_gate_directory(const struct nrm_gate *gate);
void nrm_gate_set_directory(struct nrm_gate *gate, const struct nrm_directory *directory);

/*
 * Judges a handshake, at wall-clock and monotonic milliseconds. An admitted one gets a number that no other ever had or will have:
 * ascending from 1.
 */
enum nrm_admission nrm_gate_admit(struct nrm_gate *gate, const uint8_t key[static NRM_KEY_LEN],
				  uint64_t now_ms, uint64_t monotonic_ms, uint64_t *ret_number);

/* Counts a connection of an admitted key from its first frame to its end; false when there are too many already. */
bool nrm_gate_enter(struct nrm_gate *gate, const uint8_t key[static NRM_KEY_LEN],
		    uint64_t monotonic_ms);
void nrm_gate_leave(struct nrm_gate *gate, const uint8_t key[static NRM_KEY_LEN]);

/* Handshakes refused so far. */
struct nrm_gate_figures {
	uint64_t strangers, crowded;
};
void nrm_gate_figures(struct nrm_gate *gate, struct nrm_gate_figures *ret_figures);

#endif
