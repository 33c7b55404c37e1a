/*
 * What the tests of the exchange share beside the world: a fresh one for each test, and the two steps
 * that nearly all begin with.
 */
#ifndef NRM_TESTS_EXCHANGE_WORLD_H
#define NRM_TESTS_EXCHANGE_WORLD_H

#include "tests/unit/agent_world.h"

static inline int setup(void **state)
{
	(void)state;
	if (nrm_crypto_init() != NRM_OK)
		return -1;
	world_init();
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	world_done();
	return 0;
}

static inline void greet_both(void)
{
	world_greet(&world.side[0], (struct nrm_slice){0});
	world_greet(&world.side[1], (struct nrm_slice){0});
}

/* Refers, and takes the Submit at the broker. */
static inline struct submitted refer(uint8_t number)
{
	world_refer(number);
	struct nrm_to_broker frame = world_next(&world.side[0], WORLD_NOW);
	assert_int_equal(frame.kind, NRM_SUBMIT);
	assert_int_equal(frame.is.submit.n, 1);
	return world_submitted(&frame.is.submit.envelope[0]);
}

/* The acknowledgement's leaf for an Acknowledge of one ack, `ack_bytes` as it came. */
static inline struct entry ack_leaf(struct submitted *m, const struct nrm_to_broker *frame,
				    uint64_t decision)
{
	struct nrm_view view = *world_view(m);

	assert_int_equal(frame->kind, NRM_ACKNOWLEDGE);
	view.ack = frame->is.acknowledge.ack.item[0];
	view.has_ack_signature = true;
	view.ack_signature =
		(struct nrm_proof){.size = 1, .signature = frame->is.acknowledge.signature};
	view.earlier = decision + 1;
	return world_leaf(&m->statement, NRM_EVENT_ACKNOWLEDGEMENT, &view, NULL);
}

#endif
