/*
 * What agencies say to the broker's books in tests: statements of facts, consents and referrals about one invented
 * person, signed and sealed, and their acknowledgements.
 */
#ifndef NRM_TESTS_BOOKS_WORLD_H
#define NRM_TESTS_BOOKS_WORLD_H

#include "tests/unit/books_broker.h"

static inline struct nrm_slice world_id(struct world *w)
{
	uint8_t random[10] = {0}, *id = nrm_arena_alloc(&w->arena, 16);

	nrm_store_u32(random + 6, ++w->ids);
	nrm_message_id_make(w->now, random, id);
	return nrm_slice(id, 16);
}

/* The case of most tests; other letters, other cases. */
static inline struct nrm_slice world_case(struct world *w, char letter)
{
	uint8_t *id = nrm_arena_alloc(&w->arena, 16);

	memset(id, letter, 16);
	return nrm_slice(id, 16);
}

static inline struct nrm_statement world_statement(struct world *w, int from, const char *to,
						   enum nrm_message_type type)
{
	return (struct nrm_statement){
		.version = 1,
		.message_id = world_id(w),
		.case_id = world_case(w, 'a'),
		.sender = nrm_slice_str(w->country.agency[from].id),
		.recipient = nrm_slice_str(to),
		.type = type,
		.phase = NRM_PHASE_RECOVERY,
		.issued_at_ms = w->now,
		.expires_at_ms = w->now + 7 * WORLD_DAY,
		.basis = NRM_BASIS_NONE,
	};
}

/* Seals fields (NULL: none) to the recipient's key, signs as `from`, and makes the envelope. */
static inline struct nrm_envelope world_envelope(struct world *w, int from, int to,
						 struct nrm_statement st,
						 const enum nrm_field *field, size_t n)
{
	struct nrm_field_value value[NRM_MAX_FIELDS];
	struct nrm_envelope envelope = {.has_proof = true, .n_fields = n, .proof = {.size = 1}};
	uint8_t secret[NRM_KEY_LEN], public_key[NRM_KEY_LEN];
	uint8_t *signature = nrm_arena_alloc(&w->arena, NRM_SIGNATURE_LEN);
	struct nrm_buf bytes = {0};

	for (size_t i = 0; i < n; i++)
		value[i] = (struct nrm_field_value){field[i], nrm_slice_str("an invented value")};
	agency_secret((size_t)to, NRM_KEY_KIND_SEALING, secret);
	assert_int_equal(nrm_x25519_public(secret, public_key), NRM_OK);
	assert_int_equal(nrm_statement_seal(&st, value, n, public_key, &w->arena, &envelope.field),
			 NRM_OK);
	assert_int_equal(nrm_statement_encode(&st, &bytes), NRM_OK);
	envelope.statement = nrm_slice(nrm_arena_copy(&w->arena, bytes.data, bytes.len), bytes.len);
	nrm_buf_done(&bytes);
	const struct nrm_hash root = nrm_leaf_hash(envelope.statement);
	assert_int_equal(nrm_batch_sign(w->country.agency[from].signing, NRM_DOMAIN_STATEMENTS, 1,
					root.bytes, signature),
			 NRM_OK);
	envelope.proof.signature = nrm_slice(signature, NRM_SIGNATURE_LEN);
	return envelope;
}

static inline void world_submit(struct world *w, int from, const struct nrm_envelope *envelope)
{
	struct nrm_to_broker frame = {.kind = NRM_SUBMIT};

	frame.is.submit.envelope = envelope;
	frame.is.submit.n = 1;
	world_send(w, from, &frame);
}

/* The view in a receipt, after checking that leaf, salt and view belong together. */
static inline struct nrm_view world_view(struct world *w, const struct nrm_receipt_item *item,
					 struct nrm_leaf *leaf)
{
	uint8_t digest[NRM_HASH_LEN];
	struct nrm_view view;

	assert_int_equal(nrm_leaf_decode(item->leaf, &w->arena, leaf), NRM_OK);
	nrm_view_digest(item->salt.data, item->view, digest);
	assert_memory_equal(digest, leaf->sender_view.data, NRM_HASH_LEN);
	assert_int_equal(nrm_view_decode(item->view, &w->arena, &view), NRM_OK);
	return view;
}

/* The receipt that an agency hears next: outcome and told reason. */
static inline struct nrm_view world_receipt(struct world *w, int agency, enum nrm_outcome outcome,
					    enum nrm_reason reason)
{
	struct nrm_to_agent frame = world_expect(w, agency, NRM_RECEIPT);
	struct nrm_leaf leaf;

	assert_int_equal(frame.is.receipt.n, 1);
	struct nrm_view view = world_view(w, &frame.is.receipt.item[0], &leaf);
	assert_string_equal(nrm_code_name(NRM_VOCABULARY_REASON, view.reason),
			    nrm_code_name(NRM_VOCABULARY_REASON, reason));
	assert_int_equal(view.outcome, outcome);
	assert_int_equal(leaf.outcome, outcome);
	return view;
}

/* Acknowledges a delivery as agency `to`. */
static inline void world_acknowledge(struct world *w, int to, const struct nrm_delivery *d,
				     nrm_mask forwarded, enum nrm_ack status)
{
	const struct nrm_hash digest = nrm_leaf_hash(d->envelope.statement),
			      leaf = nrm_leaf_hash(d->leaf);
	const struct nrm_ack_body body = {
		.statement_digest = nrm_slice(digest.bytes, NRM_HASH_LEN),
		.forwarded = forwarded,
		.leaf_hash = nrm_slice(leaf.bytes, NRM_HASH_LEN),
		.time_ms = w->now,
		.status = status,
	};
	struct nrm_to_broker frame = {.kind = NRM_ACKNOWLEDGE};
	uint8_t signature[NRM_SIGNATURE_LEN];
	struct nrm_buf ack = {0};

	assert_int_equal(nrm_ack_encode(&body, &ack), NRM_OK);
	const struct nrm_slice bytes = nrm_buf_slice(&ack);
	const struct nrm_hash root = nrm_leaf_hash(bytes);
	assert_int_equal(nrm_batch_sign(w->country.agency[to].signing, NRM_DOMAIN_ACKS, 1,
					root.bytes, signature),
			 NRM_OK);
	frame.is.acknowledge.ack = (struct nrm_slices){&bytes, 1};
	frame.is.acknowledge.signature = nrm_slice(signature, sizeof(signature));
	world_send(w, to, &frame);
	nrm_buf_done(&ack);
}

/* States a fact, a consent or a withdrawal to the broker; what comes of it is in the receipt. */
static inline void world_state(struct world *w, int from, struct nrm_statement st)
{
	struct nrm_envelope envelope = world_envelope(w, from, SHELTER, st, NULL, 0);

	world_submit(w, from, &envelope);
}

/* A consent of the person to everything of a service for one recipient, in the words of who records it. */
static inline struct nrm_statement world_grant(struct world *w, int recorder, int recipient,
					       enum nrm_service service)
{
	const uint32_t code = service;
	const uint32_t *services = nrm_arena_copy(&w->arena, &code, sizeof(code));
	const struct nrm_slice id = nrm_slice_str(w->country.agency[recipient].id);
	const struct nrm_slice *to = nrm_arena_copy(&w->arena, &id, sizeof(id));
	struct nrm_statement st =
		world_statement(w, recorder, "XX.nrm", NRM_MESSAGE_TYPE_CONSENT_GRANT);

	st.body.consent_grant = (struct nrm_consent_grant){
		.consent_id = world_id(w),
		.given_by = NRM_GIVEN_BY_ADULT,
		.service = {services, 1},
		.recipient = {to, 1},
		.any_field = true,
		.purpose = NRM_PURPOSE_ASSISTANCE,
		.from_ms = w->now - 1000,
		.until_ms = w->now + 90 * WORLD_DAY,
		.heard = NRM_HEARD_HEARD,
		.understood = true,
		.language = nrm_slice_str("km"),
		.mode = NRM_MODE_ORAL,
	};
	return st;
}

/* Such a consent, recorded; returns its id. */
static inline struct nrm_slice world_consent(struct world *w, int recorder, int recipient,
					     enum nrm_service service)
{
	struct nrm_statement st = world_grant(w, recorder, recipient, service);

	world_state(w, recorder, st);
	world_receipt(w, recorder, NRM_OUTCOME_FORWARD, NRM_REASON_OK);
	return st.body.consent_grant.consent_id;
}

/* A withdrawal of one consent, or of all of the case (an empty id). */
static inline struct nrm_statement world_withdrawal(struct world *w, int from,
						    struct nrm_slice consent)
{
	struct nrm_statement st = world_statement(w, from, "XX.nrm", NRM_MESSAGE_TYPE_WITHDRAWAL);

	st.body.withdrawal = consent;
	return st;
}

/* A case card of `n` facts, which outlive the statement. */
static inline struct nrm_statement world_card(struct world *w, int from,
					      const struct nrm_stated_fact *fact, size_t n)
{
	struct nrm_statement st = world_statement(w, from, "XX.nrm", NRM_MESSAGE_TYPE_CASE_CARD);

	st.body.case_card = (struct nrm_case_card){fact, n};
	return st;
}

static const struct nrm_stated_fact world_is_adult = {.kind = NRM_FACT_AGE_CLASS,
						      .is.age_class = NRM_AGE_CLASS_ADULT};

/* Police state that the person is an adult, which opens the case. */
static inline void world_adult(struct world *w)
{
	world_state(w, POLICE, world_card(w, POLICE, &world_is_adult, 1));
	world_receipt(w, POLICE, NRM_OUTCOME_FORWARD, NRM_REASON_OK);
}

/* And that she consents to the shelter. */
static inline void world_adult_consents(struct world *w)
{
	world_adult(w);
	world_consent(w, POLICE, SHELTER, NRM_SERVICE_EMERGENCY_SHELTER);
}

static const enum nrm_field world_fields[] = {NRM_FIELD_GIVEN_NAME, NRM_FIELD_LANGUAGES,
					      NRM_FIELD_OFFENCE_RECORD, NRM_FIELD_HOUSING_NEEDS};
#define WORLD_NEEDED                                                  \
	(1ull << NRM_FIELD_GIVEN_NAME | 1ull << NRM_FIELD_LANGUAGES | \
	 1ull << NRM_FIELD_HOUSING_NEEDS)

/* A referral to the shelter with four fields, one of which is secret for it. */
static inline struct nrm_statement world_referral_of(struct world *w, int from)
{
	struct nrm_statement st =
		world_statement(w, from, w->country.agency[SHELTER].id, NRM_MESSAGE_TYPE_REFERRAL);

	st.service = NRM_SERVICE_EMERGENCY_SHELTER;
	st.purpose = NRM_PURPOSE_ASSISTANCE;
	st.basis = NRM_BASIS_CONSENT;
	st.body.referral = (struct nrm_referral){.urgency = NRM_URGENCY_URGENT};
	return st;
}

static inline struct nrm_envelope world_referral(struct world *w)
{
	return world_envelope(w, POLICE, SHELTER, world_referral_of(w, POLICE), world_fields, 4);
}

#endif
