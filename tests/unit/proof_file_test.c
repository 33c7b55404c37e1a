#include "tests/unit/note_keys.h"

#include "proto/base/limits.h"

static enum nrm_err check_file(struct nrm_slice file)
{
	struct nrm_proof_file proof;
	enum nrm_err err = nrm_proof_file_check(file, &log_key, witness, WITNESSES, &proof);

	if (err == NRM_OK)
		nrm_buf_done(&proof.leaf);
	return err;
}

/* The lines of a proof file that hold the path, read without the code under test's own parser. */
static size_t path_of(const char *file, struct nrm_hash *path)
{
	const char *line = strchr(strstr(file, "\nindex ") + 1, '\n') + 1;
	size_t n = 0;

	for (; *line != '\n'; line = strchr(line, '\n') + 1)
		assert_int_equal(nrm_base64_read_exact(nrm_slice(line, strcspn(line, "\n")),
						       path[n++].bytes, NRM_HASH_LEN),
				 NRM_OK);
	return n;
}

static void proof_files_meet_their_vectors(void **state)
{
	const json_t *v;
	size_t i;

	(void)state;
	json_array_foreach(vectors("tlog_proofs.accepted"), i, v)
	{
		const char *text = vector_text(v, "file");
		struct nrm_slice leaf = vector_bytes(v, "leaf");
		struct nrm_proof_file proof;
		struct nrm_hash path[64];
		struct nrm_buf made = {0};
		assert_int_equal(nrm_proof_file_check(nrm_slice_str(text), &log_key, witness,
						      WITNESSES, &proof),
				 NRM_OK);
		assert_int_equal(proof.index, vector_number(v, "index"));
		assert_int_equal(proof.checkpoint.size, vector_number(v, "size"));
		assert_bytes(nrm_buf_slice(&proof.leaf), leaf);
		assert_int_equal(proof.cosigned, named_in(vector_get(v, "cosigned_by")));
		nrm_buf_done(&proof.leaf);

		const char *note = strstr(text, "\n\n") + 2;
		size_t len = path_of(text, path);
		assert_int_equal(nrm_proof_file_write(leaf, vector_number(v, "index"), path, len,
						      nrm_slice_str(note), &made),
				 NRM_OK);
		assert_bytes(nrm_buf_slice(&made), nrm_slice_str(text));
		nrm_buf_done(&made);
	}
	assert_true(i > 0);
	json_array_foreach(vectors("tlog_proofs.refused"), i,
			   v) if (check_file(nrm_slice_str(vector_text(v, "file"))) == NRM_OK)
		fail_msg("accepted: %s", vector_text(v, "what"));
	assert_true(i > 0);
}

static void no_truncated_or_flipped_proof_file_passes(void **state)
{
	const char *text = vector_text(json_array_get(vectors("tlog_proofs.accepted"), 1), "file");
	/* Up to the end of the log's line: a file is whole there, and unknown lines may follow. */
	const char *log_line = strstr(text, "\xe2\x80\x94 nrm/TH ");
	size_t whole = (size_t)(strchr(log_line, '\n') + 1 - text);
	struct nrm_buf file = {0};

	(void)state;
	nrm_buf_put(&file, text, whole);
	assert_int_equal(check_file(nrm_buf_slice(&file)), NRM_OK);
	for (size_t len = 0; len < whole; len++)
		assert_int_not_equal(check_file(nrm_slice(file.data, len)), NRM_OK);
	for (size_t bit = 0; bit < 8 * whole; bit++) {
		file.data[bit / 8] ^= 1u << bit % 8;
		assert_int_not_equal(check_file(nrm_buf_slice(&file)), NRM_OK);
		file.data[bit / 8] ^= 1u << bit % 8;
	}
	nrm_buf_done(&file);
}

static void a_proof_file_has_ceilings(void **state)
{
	static const uint8_t large[NRM_MAX_LEAF + 1];
	struct nrm_hash path[1] = {{{0}}};
	struct nrm_slice note = nrm_slice("", 0);
	struct nrm_buf out = {0};

	(void)state;
	assert_int_equal(
		nrm_proof_file_write(nrm_slice(large, sizeof(large)), 0, path, 1, note, &out),
		NRM_ERR_LIMIT);
	assert_int_equal(nrm_proof_file_write(nrm_slice(large, 1), 0, path, NRM_MAX_TREE_PATH + 1,
					      note, &out),
			 NRM_ERR_LIMIT);
	assert_int_equal(out.len, 0);

	/* One more hash in the file than any path may have, and a leaf of one byte too many. */
	struct nrm_hash many[NRM_MAX_TREE_PATH] = {{{0}}};
	assert_int_equal(nrm_proof_file_write(nrm_slice(large, sizeof(large) - 1), 0, many,
					      NRM_MAX_TREE_PATH, nrm_slice_str("\n"), &out),
			 NRM_OK);
	assert_int_equal(check_file(nrm_buf_slice(&out)), NRM_ERR_FORMAT); /* it has no note */
	out.len -= 2;
	nrm_base64_put(&out, nrm_slice(large, NRM_HASH_LEN));
	nrm_buf_put(&out, "\n\n", 2);
	assert_int_equal(check_file(nrm_buf_slice(&out)), NRM_ERR_LIMIT);
	nrm_buf_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(proof_files_meet_their_vectors),
		cmocka_unit_test(no_truncated_or_flipped_proof_file_passes),
		cmocka_unit_test(a_proof_file_has_ceilings),
	};

	return cmocka_run_group_tests(tests, keys_set_up, keys_tear_down);
}
