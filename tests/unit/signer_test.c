/*
 * The local signer: takes a head, has its note at once, and signs what continues the last head, nothing else.
 */
#include "broker/signer/signer.h"
#include "tests/unit/signer_trees.h"

/* Submits a head and collects its note, which is there at once and only once. */
static enum nrm_err hand_over(struct nrm_local_signer *local,
			      const struct nrm_signing_request *request)
{
	const struct nrm_signer signer = nrm_local_signer_interface(local);
	struct nrm_checkpoint head;
	struct nrm_buf note = {0};

	assert_int_equal(signer.collect(signer.self, &head, &note), NRM_ERR_NOT_FOUND);
	enum nrm_err err = signer.submit(signer.self, request);
	if (err == NRM_OK) {
		assert_int_equal(signer.submit(signer.self, request), NRM_ERR_AGAIN);
		assert_int_equal(signer.collect(signer.self, &head, &note), NRM_OK);
		assert_int_equal(head.size, request->head.size);
		assert_note_of(nrm_buf_slice(&note), &request->head);
		assert_int_equal(signer.last(signer.self, &head), NRM_OK);
		assert_int_equal(head.size, request->head.size);
	}
	nrm_buf_clear(&note);
	assert_int_equal(signer.collect(signer.self, &head, &note), NRM_ERR_NOT_FOUND);
	assert_int_equal(note.len, 0);
	nrm_buf_done(&note);
	return err;
}

static enum nrm_err ask(struct nrm_local_signer *local, struct nrm_hash *leaves, uint64_t from,
			uint64_t size)
{
	const struct nrm_signing_request request = tree_request(leaves, from, size);

	return hand_over(local, &request);
}

static struct nrm_local_signer *new_signer(void)
{
	struct nrm_local_signer *local;

	assert_int_equal(nrm_local_signer_new(ORIGIN, seed, &local), NRM_OK);
	return local;
}

static void signs_a_growing_trail(void **state)
{
	struct nrm_local_signer *local = new_signer();

	(void)state;
	assert_int_equal(ask(local, leaf, 0, 1), NRM_OK);
	for (uint64_t size = 2; size <= LEAVES; size++)
		assert_int_equal(ask(local, leaf, size - 1, size), NRM_OK);
	assert_int_equal(ask(local, leaf, LEAVES, LEAVES), NRM_OK); /* the same again */
	nrm_local_signer_free(local);
}

static void refuses_another_root_for_ever(void **state)
{
	struct nrm_local_signer *local = new_signer();

	(void)state;
	assert_int_equal(ask(local, leaf, 0, 6), NRM_OK);
	for (int i = 0; i < 3; i++)
		assert_int_equal(ask(local, other, 6, 6), NRM_ERR_PROOF);
	assert_int_equal(ask(local, leaf, 6, 9), NRM_OK); /* the honest trail goes on */
	assert_int_equal(ask(local, other, 9, 9), NRM_ERR_PROOF);
	assert_int_equal(ask(local, other, 6, 6), NRM_ERR_PROOF);
	nrm_local_signer_free(local);
}

static void refuses_what_is_not_consistent(void **state)
{
	struct nrm_local_signer *local = new_signer();
	struct nrm_hash path[NRM_MAX_TREE_PATH];

	(void)state;
	assert_int_equal(ask(local, leaf, 0, 6), NRM_OK);
	assert_int_equal(ask(local, other, 6, 9), NRM_ERR_PROOF);
	assert_int_equal(ask(local, leaf, 0, 9), NRM_ERR_PROOF); /* not from the last head */
	assert_int_equal(ask(local, leaf, 5, 9), NRM_ERR_PROOF);
	struct nrm_signing_request request = tree_request(leaf, 6, 9);
	request.n--;
	assert_int_equal(hand_over(local, &request), NRM_ERR_PROOF);
	request = tree_request(leaf, 6, 9);
	memcpy(path, request.path, request.n * sizeof(*path));
	path[0].bytes[0] ^= 1;
	request.path = path;
	assert_int_equal(hand_over(local, &request), NRM_ERR_PROOF);
	assert_int_equal(ask(local, leaf, 6, 9), NRM_OK);
	nrm_local_signer_free(local);
}

static void refuses_a_smaller_head(void **state)
{
	struct nrm_local_signer *local = new_signer();

	(void)state;
	assert_int_equal(ask(local, leaf, 0, 6), NRM_OK);
	assert_int_equal(ask(local, leaf, 6, 5), NRM_ERR_PROOF);
	assert_int_equal(ask(local, leaf, 0, 5), NRM_ERR_PROOF);
	assert_int_equal(ask(local, leaf, 5, 5), NRM_ERR_PROOF);
	nrm_local_signer_free(local);
}

static void refuses_another_origin(void **state)
{
	struct nrm_local_signer *local = new_signer(), *none = NULL;
	struct nrm_signing_request request = tree_request(leaf, 0, 1);

	(void)state;
	strcpy(request.head.origin, "nrm/YY");
	assert_int_equal(hand_over(local, &request), NRM_ERR_PROOF);
	strcpy(request.head.origin, ORIGIN);
	assert_int_equal(hand_over(local, &request), NRM_OK);
	assert_int_not_equal(nrm_local_signer_new("no such name", seed, &none), NRM_OK);
	assert_null(none);
	nrm_local_signer_free(local);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signs_a_growing_trail),
		cmocka_unit_test(refuses_another_root_for_ever),
		cmocka_unit_test(refuses_what_is_not_consistent),
		cmocka_unit_test(refuses_a_smaller_head),
		cmocka_unit_test(refuses_another_origin),
	};

	return cmocka_run_group_tests(tests, make_trees, NULL);
}
