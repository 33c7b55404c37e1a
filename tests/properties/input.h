/*
 * Random inputs of the decision. Input `number` of a seed is the same in every run. Most are a message that goes
 * on, with up to three things changed, so that each rule is reached, and times lie at the edges of what they are
 * compared with; the rest are wild: anything whatever, codes and handles that do not exist included.
 */
#ifndef NRM_TESTS_INPUT_H
#define NRM_TESTS_INPUT_H

#include "broker/core/decide.h"
#include "tests/properties/random.h"

#define DAY	     (24ull * 3600 * 1000)
#define HOME	     0x5448 /* TH */
#define ABROAD	     0x4b48 /* KH */
#define ALL_FIELDS   ((nrm_bit(NRM_FIELD_END_) - 1) & ~1ull)
#define ALL_SERVICES ((nrm_bit(NRM_SERVICE_END_) - 1) & ~1ull)
#define ALL_ROLES    ((nrm_bit(NRM_ROLE_END_) - 1) & ~1ull)

/* Handles, in inputs that are not wild. */
enum { NOBODY, SENDER, RECIPIENT, GUARDIAN, RECORDER, STRANGER, PARTIES = STRANGER + 3 };
enum { CONSENTS = 6 };

struct input {
	struct nrm_party party[PARTIES];
	struct nrm_card card;
	struct nrm_consent consent[CONSENTS];
	uint32_t n_consents;
	bool outsider;
	struct nrm_message message;
	uint64_t now;
	uint64_t twist; /* from which a property draws the change that it makes */
};

void input_draw(struct input *in, const struct nrm_policy *policy, uint64_t seed, uint64_t number);

/* One thing of it changed, be it for better or worse. */
void input_mutate(struct input *in, struct random *r);

/* Any moment, often one that is exactly, or a millisecond off, a span that some rule knows away from `now`. */
uint64_t any_moment(struct random *r, uint64_t now);

/* The agency behind a handle; an unknown one when there is none. */
const struct nrm_party *input_party(const struct input *in, uint32_t handle);

struct nrm_verdict input_decide(const struct nrm_policy *policy, const struct input *in);

/* What the decision is given. It points into the input. */
struct nrm_facts input_facts(const struct input *in);

#endif
