/*
 * The log and the witnesses of the vectors' notes, for the tests of notes and of proof files.
 */
#ifndef NRM_TESTS_NOTE_KEYS_H
#define NRM_TESTS_NOTE_KEYS_H

#include "tests/unit/vectors.h"

#include "proto/trail/note_text.h"

#define WITNESSES 2

static struct nrm_note_key log_key, witness[WITNESSES];
static struct nrm_signing_key *log_secret, *witness_secret[WITNESSES];

static inline void key_load(const json_t *v, uint8_t type, struct nrm_note_key *key,
			    struct nrm_signing_key **secret)
{
	uint8_t public_key[NRM_KEY_LEN];

	assert_int_equal(nrm_signing_key_new(vector_fixed(v, "seed", NRM_KEY_LEN), secret), NRM_OK);
	nrm_signing_key_public(*secret, public_key);
	assert_memory_equal(public_key, vector_fixed(v, "public", NRM_KEY_LEN), NRM_KEY_LEN);
	assert_int_equal(nrm_note_key_make(vector_text(v, "key_name"), type, public_key, key),
			 NRM_OK);
}

static inline int keys_set_up(void **state)
{
	(void)state;
	if (nrm_crypto_init() != NRM_OK)
		return -1;
	key_load(vectors("notes.log"), NRM_NOTE_LOG, &log_key, &log_secret);
	for (size_t i = 0; i < WITNESSES; i++)
		key_load(json_array_get(vectors("notes.witnesses"), i), NRM_NOTE_WITNESS,
			 &witness[i], &witness_secret[i]);
	return 0;
}

static inline int keys_tear_down(void **state)
{
	(void)state;
	nrm_signing_key_free(log_secret);
	for (size_t i = 0; i < WITNESSES; i++)
		nrm_signing_key_free(witness_secret[i]);
	return 0;
}

/* The bits of the witnesses that a vector names. */
static inline uint64_t named_in(const json_t *names)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < json_array_size(names); i++)
		for (size_t k = 0; k < WITNESSES; k++)
			if (strcmp(json_string_value(json_array_get(names, i)), witness[k].name) ==
			    0)
				bits |= 1ull << k;
	assert_int_equal(__builtin_popcountll(bits), json_array_size(names));
	return bits;
}

#endif
