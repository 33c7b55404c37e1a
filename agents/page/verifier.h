/*
 * Rounds of verification, each in a process of its own, and what is remembered of them over restarts.
 */
#ifndef NRM_PAGE_VERIFIER_H
#define NRM_PAGE_VERIFIER_H

#include <jansson.h>

#include "agents/page/child.h"

struct nrm_verifier {
	const struct nrm_serve_options *options; /* borrowed */
	struct nrm_child child;
	json_t *report;	     /* of the last round that ended; NULL: there was none */
	json_t *coming;	     /* of the one under way, once it has said it */
	struct nrm_buf note; /* the last checkpoint that verified; empty: none */
	bool whole;	     /* the round under way reads the whole trail */
	bool must_whole;     /* one has to, soon */
	bool follows;	     /* the last one went on from `note`, and the trail follows from that */
	uint64_t done, of;   /* how far the round under way has come; of 0: not said yet */
	uint64_t checked_ms; /* wall clock */
	uint64_t holds_since_ms; /* since when every round has verified; 0: the last one did not */
	uint64_t wanted,
		verified; /* sizes of the newest checkpoint and of the one looked at last; UINT64_MAX: none */
	/* CLOCK_MONOTONIC: */
	uint64_t began_ms, next_ms, whole_ms;
};

/* Reads what is remembered; a state file that cannot be read is as none, and said in the log. */
void nrm_verifier_init(struct nrm_verifier *verifier, const struct nrm_serve_options *options);
void nrm_verifier_done(struct nrm_verifier *verifier);

/* There is a checkpoint of this size. */
void nrm_verifier_news(struct nrm_verifier *verifier, uint64_t size);
/* `now` is CLOCK_MONOTONIC, milliseconds. Begins a round when one is due: for a new checkpoint, at most one a minute and five times what the last one took; a whole one daily. */
void nrm_verifier_step(struct nrm_verifier *verifier, uint64_t now);
/* Takes in what the round says, and its end. */
void nrm_verifier_hear(struct nrm_verifier *verifier);
/* Milliseconds until a step may have something to do. */
int nrm_verifier_timeout(const struct nrm_verifier *verifier, uint64_t now);

/* "verification" of /api/status; a new reference. */
json_t *nrm_verifier_json(const struct nrm_verifier *verifier);

#endif
