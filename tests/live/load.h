/*
 * The work that is measured: frames of a country's agencies, made beforehand. A referral is a police unit's, to a shelter,
 * with 12 sealed fields of 62 bytes, all of which the shelter needs, on a consent stated before.
 */
#ifndef NRM_TESTS_LIVE_LOAD_H
#define NRM_TESTS_LIVE_LOAD_H

#include "proto/wire/frame.h"
#include "tests/live/country.h"

#define LOAD_FIELDS	12u
#define LOAD_FACT_CASES 64u /* cases whose facts fit one frame */

struct load_case {
	uint8_t id[16];
};

/*
 * A Submit of facts: of each case (≤ LOAD_FACT_CASES, ids drawn here) that the person is an adult and consents to
 * emergency shelter anywhere.
 */
void load_facts(const struct nrm_identity *police, struct load_case *cases, size_t n,
		uint64_t now_ms, struct nrm_buf *ret_frame);

/*
 * A sealed referral, not yet signed; fields = 0: only the statement. Its message id ends with `serial`, by which
 * load_serial() finds it again. Memory from `arena`.
 */
struct nrm_envelope load_referral(const struct nrm_identity *police,
				  const struct nrm_identity *shelter, const struct load_case *of,
				  size_t fields, uint32_t serial, uint64_t now_ms,
				  struct nrm_arena *arena);
/* The serial of a message id; LOAD_FACT for a fact's. */
#define LOAD_FACT UINT32_MAX
uint32_t load_serial(struct nrm_slice message_id);

/* A Submit of envelopes: together under one signature, or each under its own. */
void load_submit(const struct nrm_identity *police, struct nrm_envelope *envelope, size_t n,
		 bool together, struct nrm_buf *ret_frame);

/* An Acknowledge, under one signature, of all that a Deliver brought. */
void load_acknowledge(const struct nrm_identity *shelter, const struct nrm_delivery *delivery,
		      size_t n, uint64_t now_ms, struct nrm_buf *ret_frame);

/* A Hello that asks for deliveries; and more credit for them. */
void load_hello(uint32_t credit, struct nrm_buf *ret_frame);
void load_credit(uint32_t credit, struct nrm_buf *ret_frame);

#endif
