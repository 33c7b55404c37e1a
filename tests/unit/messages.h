/*
 * Good messages for tests of the wire: statements, envelopes sealed and signed, and ways to spoil them. Persons and agencies
 * are invented, all keys are test keys. nrm_crypto_init() first; what these functions return lives until messages_done().
 */
#ifndef NRM_TESTS_MESSAGES_H
#define NRM_TESTS_MESSAGES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/base/hex.h"
#include "proto/base/limits.h"
#include "proto/crypto/sign.h"
#include "proto/merkle/merkle.h"
#include "proto/wire/frame.h"
#include "proto/wire/seal.h"

#define MESSAGES_FIELDS 12
#define MESSAGES_NOW	1770000000000u

static const uint8_t sealing_secret[NRM_KEY_LEN] = "sealing key of a shelter, x25519";
static struct nrm_arena messages_arena = {.ceiling = 256u * 1024 * 1024};
static struct nrm_signing_key *sender_key;
static struct nrm_verifying_key *sender_public;

static int messages_init(void **state)
{
	uint8_t public_key[NRM_KEY_LEN];

	(void)state;
	if (nrm_crypto_init() != NRM_OK ||
	    nrm_signing_key_new((const uint8_t *)"signing seed of a police station", &sender_key) !=
		    NRM_OK)
		return -1;
	nrm_signing_key_public(sender_key, public_key);
	return nrm_verifying_key_new(public_key, &sender_public) == NRM_OK ? 0 : -1;
}

static int messages_done(void **state)
{
	(void)state;
	nrm_signing_key_free(sender_key);
	nrm_verifying_key_free(sender_public);
	nrm_arena_done(&messages_arena);
	nrm_crypto_thread_done();
	return 0;
}

/* The bytes of a buffer, kept; the buffer is freed. */
static inline struct nrm_slice messages_keep(struct nrm_buf *buf)
{
	struct nrm_slice kept = {nrm_arena_copy(&messages_arena, buf->data, buf->len), buf->len};

	assert_non_null(kept.data);
	nrm_buf_done(buf);
	return kept;
}

static inline struct nrm_slice messages_unhex(const char *hex)
{
	size_t len = strlen(hex) / 2;
	uint8_t *bytes = nrm_arena_alloc(&messages_arena, len);

	assert_non_null(bytes);
	assert_int_equal(nrm_unhex(hex, bytes, len), NRM_OK);
	return nrm_slice(bytes, len);
}

/* Message id number `n`. */
static inline struct nrm_slice messages_id(uint8_t n)
{
	const uint8_t random[10] = {[9] = n};
	uint8_t *id = nrm_arena_alloc(&messages_arena, NRM_MESSAGE_ID_LEN);

	assert_non_null(id);
	nrm_message_id_make(MESSAGES_NOW, random, id);
	return nrm_slice(id, NRM_MESSAGE_ID_LEN);
}

/* A referral, number `n`, that seals nothing. */
static inline struct nrm_statement messages_statement(uint8_t n)
{
	return (struct nrm_statement){
		.version = NRM_PROTOCOL_VERSION,
		.message_id = messages_id(n),
		.case_id = nrm_slice("case-0123456789a", NRM_CASE_ID_LEN),
		.sender = nrm_slice_str("TH.police-1"),
		.recipient = nrm_slice_str("TH.shelter-1"),
		.type = NRM_MESSAGE_TYPE_REFERRAL,
		.service = NRM_SERVICE_EMERGENCY_SHELTER,
		.purpose = NRM_PURPOSE_ASSISTANCE,
		.phase = NRM_PHASE_CRISIS,
		.issued_at_ms = MESSAGES_NOW,
		.expires_at_ms = MESSAGES_NOW + 1000,
		.basis = NRM_BASIS_CONSENT,
		.body.referral = {.urgency = NRM_URGENCY_URGENT, .region = nrm_slice_str("TH-10")},
	};
}

static inline struct nrm_slice messages_encoded(const struct nrm_statement *statement)
{
	struct nrm_buf buf = {0};

	assert_int_equal(nrm_statement_encode(statement, &buf), NRM_OK);
	return messages_keep(&buf);
}

/* A statement of this type around the bytes of a body: the empty body it is made with stands last. */
static inline struct nrm_slice messages_around(enum nrm_message_type type, struct nrm_slice body)
{
	struct nrm_statement s = messages_statement(1);
	struct nrm_buf buf = {0};

	s.type = type;
	memset(&s.body, 0, sizeof(s.body));
	assert_int_equal(nrm_statement_encode(&s, &buf), NRM_OK);
	assert_int_equal(buf.data[--buf.len], 0);
	assert_true(body.len < 128 * 128);
	if (body.len > 127)
		nrm_buf_put_u8(&buf, (uint8_t)(body.len | 0x80));
	nrm_buf_put_u8(&buf, (uint8_t)(body.len > 127 ? body.len >> 7 : body.len));
	nrm_buf_put(&buf, body.data, body.len);
	return messages_keep(&buf);
}

/* An envelope of statement `n` with fields 1 to `n_fields`, sealed to sealing_secret, without a proof. */
static inline struct nrm_envelope messages_envelope(uint8_t n, size_t n_fields)
{
	struct nrm_field_value value[MESSAGES_FIELDS];
	struct nrm_statement statement = messages_statement(n);
	const struct nrm_sealed_field *field = NULL;
	uint8_t sealing_public[NRM_KEY_LEN];

	assert_true(n_fields <= MESSAGES_FIELDS);
	for (size_t i = 0; i < n_fields; i++)
		value[i] = (struct nrm_field_value){(enum nrm_field)(i + 1),
						    nrm_slice("an invented value", i + 5)};
	assert_int_equal(nrm_x25519_public(sealing_secret, sealing_public), NRM_OK);
	assert_int_equal(nrm_statement_seal(&statement, value, n_fields, sealing_public,
					    &messages_arena, &field),
			 NRM_OK);
	return (struct nrm_envelope){
		.statement = messages_encoded(&statement), .field = field, .n_fields = n_fields};
}

/* The signature over the tree of `n` items under a domain. */
static inline struct nrm_slice messages_signature(const char *domain, const struct nrm_slice *item,
						  size_t n)
{
	struct nrm_hash *leaf = nrm_arena_alloc(&messages_arena, n * sizeof(*leaf));
	uint8_t *signature = nrm_arena_alloc(&messages_arena, NRM_SIGNATURE_LEN);

	assert_non_null(leaf);
	assert_non_null(signature);
	for (size_t i = 0; i < n; i++)
		leaf[i] = nrm_leaf_hash(item[i]);
	const struct nrm_hash root = nrm_tree_root(leaf, n);
	assert_int_equal(nrm_batch_sign(sender_key, domain, (uint32_t)n, root.bytes, signature),
			 NRM_OK);
	return nrm_slice(signature, NRM_SIGNATURE_LEN);
}

/* The one signature over `n` envelopes. */
static inline struct nrm_slice messages_batch_signature(const struct nrm_envelope *envelope,
							size_t n)
{
	struct nrm_slice *item = nrm_arena_alloc(&messages_arena, n * sizeof(*item));

	assert_non_null(item);
	for (size_t i = 0; i < n; i++)
		item[i] = envelope[i].statement;
	return messages_signature(NRM_DOMAIN_STATEMENTS, item, n);
}

/* The same envelope, signed by itself. */
static inline struct nrm_envelope messages_signed(struct nrm_envelope envelope)
{
	envelope.has_proof = true;
	envelope.proof =
		(struct nrm_proof){.size = 1, .signature = messages_batch_signature(&envelope, 1)};
	return envelope;
}

/* What is done with each spoiled copy of a message; `bit` is the flipped one, or SIZE_MAX for a truncation. */
typedef void (*messages_judge)(struct nrm_slice spoiled, size_t bit, void *with);

/* Shows the judge every single bit flip and every truncation of `good`, each in memory of its exact size. */
static inline void messages_spoil(struct nrm_slice good, messages_judge judge, void *with)
{
	for (size_t bit = 0; bit < good.len * 8; bit++) {
		uint8_t *copy = malloc(good.len);
		assert_non_null(copy);
		memcpy(copy, good.data, good.len);
		copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
		judge(nrm_slice(copy, good.len), bit, with);
		free(copy);
	}
	for (size_t len = 0; len < good.len; len++) {
		uint8_t *copy = malloc(len ? len : 1);
		assert_non_null(copy);
		memcpy(copy, good.data, len);
		judge(nrm_slice(copy, len), SIZE_MAX, with);
		free(copy);
	}
}

/* Asserts that two byte strings are equal. */
static inline void assert_slices(struct nrm_slice got, struct nrm_slice want)
{
	assert_int_equal(got.len, want.len);
	if (got.len)
		assert_memory_equal(got.data, want.data, want.len);
}

#endif
