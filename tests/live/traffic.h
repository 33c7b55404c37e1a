/*
 * Referrals over light connections (peers.h) from police units to shelters, and what became of each, for tests in which
 * some of them misbehave.
 */
#ifndef NRM_TESTS_LIVE_TRAFFIC_H
#define NRM_TESTS_LIVE_TRAFFIC_H

#include "tests/live/load.h"
#include "tests/live/peers.h"

/* One referral. */
struct fate {
	unsigned
		receipts; /* heard by its sender: the first tells of the decision, the next of the acknowledgement */
	unsigned delivered;
	enum nrm_refusal refused; /* the last answer to it was this */
};

struct traffic {
	const struct country *country;
	struct peers *peers;
	size_t n_police,
		n_shelters; /* that are connected: the first ones of the country, police units first */
	struct load_case *cases; /* of each connected police unit, TRAFFIC_CASES */
	struct fate *fate;
	size_t n; /* referrals sent so far */
	size_t decided, acknowledged, refused, answered,
		facts; /* so far; a refusal is an answer too */
	bool *deaf;    /* shelters that do not acknowledge */
};

#define TRAFFIC_CASES LOAD_FACT_CASES
#define TRAFFIC_BATCH 64u /* referrals in a frame */

/* Connects and states the facts of TRAFFIC_CASES cases of each police unit. At most `most` referrals will be sent. */
void traffic_open(struct traffic *t, const struct country *country, size_t n_police,
		  size_t n_shelters, size_t most);
void traffic_close(struct traffic *t);

/* Sends a frame of TRAFFIC_BATCH referrals, of as many cases; waits while the connection takes none. */
void traffic_refer(struct traffic *t, size_t police, size_t shelter);
/* Turns the connections until a counter has reached `n`; false after `ms`. */
bool traffic_until(struct traffic *t, const size_t *counter, size_t n, unsigned ms);

#endif
