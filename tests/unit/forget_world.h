/*
 * Cases that an NGO opens and has forgotten: what tests of forgetting say to the books, and look for in their folder.
 */
#ifndef NRM_TESTS_FORGET_WORLD_H
#define NRM_TESTS_FORGET_WORLD_H

#include <stdlib.h>
#include <unistd.h>

#include "broker/books/state.h"
#include "tests/unit/books_world.h"

static inline struct nrm_statement world_of_case(struct world *w, char letter,
						 struct nrm_statement st)
{
	st.case_id = world_case(w, letter);
	return st;
}

/* The NGO opens a case: an adult who consents to the shelter. */
static inline void world_opens(struct world *w, char letter)
{
	world_state(w, NGO, world_of_case(w, letter, world_card(w, NGO, &world_is_adult, 1)));
	world_receipt(w, NGO, NRM_OUTCOME_FORWARD, NRM_REASON_OK);
	world_state(w, NGO,
		    world_of_case(w, letter,
				  world_grant(w, NGO, SHELTER, NRM_SERVICE_EMERGENCY_SHELTER)));
	world_receipt(w, NGO, NRM_OUTCOME_FORWARD, NRM_REASON_OK);
}

/* It refers her to the shelter; the envelope is kept for repeats. */
static inline struct nrm_envelope world_refers(struct world *w, char letter)
{
	struct nrm_envelope envelope =
		world_envelope(w, NGO, SHELTER, world_of_case(w, letter, world_referral_of(w, NGO)),
			       world_fields, 4);

	world_submit(w, NGO, &envelope);
	world_receipt(w, NGO, NRM_OUTCOME_FORWARD, NRM_REASON_OK);
	return envelope;
}

static inline struct nrm_statement world_order(struct world *w, int from, char letter)
{
	return world_of_case(w, letter,
			     world_statement(w, from, "XX.nrm", NRM_MESSAGE_TYPE_ERASURE_ORDER));
}

/* An order to forget, as it was sent. */
static inline struct nrm_envelope world_orders(struct world *w, int from, char letter)
{
	struct nrm_envelope envelope =
		world_envelope(w, from, SHELTER, world_order(w, from, letter), NULL, 0);

	world_submit(w, from, &envelope);
	return envelope;
}

/* And carried out. */
static inline struct nrm_envelope world_forgets(struct world *w, char letter)
{
	struct nrm_envelope order = world_orders(w, NGO, letter);

	world_receipt(w, NGO, NRM_OUTCOME_FORWARD, NRM_REASON_OK);
	return order;
}

static inline struct nrm_case *world_find_case(struct world *w, char letter)
{
	struct nrm_case *c = NULL;
	struct nrm_txn *txn;

	assert_int_equal(nrm_txn_begin(w->books->store, false, &txn), NRM_OK);
	enum nrm_err err = nrm_case_find(&w->books->cases, txn, world_case(w, letter).data, &c);
	nrm_txn_abort(txn);
	assert_true(err == NRM_OK || err == NRM_ERR_NOT_FOUND);
	return c;
}

/* --- files --- */

/* A file's bytes, the caller's to free. */
static inline struct nrm_buf folder_file(const char *folder, const char *name)
{
	struct nrm_buf bytes = {0};
	char path[512];
	long len;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *f = fopen(path, "rb");
	assert_non_null(f);
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	len = ftell(f);
	rewind(f);
	uint8_t *room = nrm_buf_grow(&bytes, (size_t)len);
	assert_int_equal(fread(room, 1, (size_t)len, f), len);
	fclose(f);
	return bytes;
}

static inline void folder_put(const char *folder, const char *name, const struct nrm_buf *bytes)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *f = fopen(path, "r+b");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes->data, 1, bytes->len, f), bytes->len);
	assert_int_equal(ftruncate(fileno(f), (off_t)bytes->len), 0);
	fclose(f);
}

/* How often the files of the books hold some bytes, wherever. */
static inline size_t folder_count(const char *folder, const void *bytes, size_t len)
{
	static const char *const names[] = {"store/data.mdb", "store/lock.mdb", "case-keys"};
	size_t n = 0;

	for (size_t i = 0; i < 3; i++) {
		struct nrm_buf file = folder_file(folder, names[i]);
		const uint8_t *at = file.data, *end = file.data + file.len;

		while ((at = memmem(at, (size_t)(end - at), bytes, len))) {
			n++;
			at++;
		}
		nrm_buf_done(&file);
	}
	return n;
}

#endif
