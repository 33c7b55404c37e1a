/* Opening a signed directory: one good one, and all that is not exactly what was signed. */
#include "tests/unit/directory_world.h"

#include <stdlib.h>
#include <unistd.h>

#include "proto/base/file.h"
#include "tests/unit/vectors.h"

static void good(void **state)
{
	struct nrm_directory *d;
	struct signed_bytes s;
	uint8_t digest[NRM_HASH_LEN];

	(void)state;
	sign_world(&s);
	assert_int_equal(nrm_directory_open(&s.document, authority_public, &d, NULL), NRM_OK);
	assert_int_equal(nrm_directory_version(d), 7);
	assert_int_equal(nrm_directory_valid_until(d), 9000);
	assert_int_equal(nrm_directory_country(d), 'T' << 8 | 'H');
	assert_int_equal(nrm_directory_witness_quorum(d), 2);
	assert_bytes(nrm_directory_broker_id(d), nrm_slice_str("TH.nrm"));
	assert_bytes(nrm_directory_broker_endpoint(d), nrm_slice_str("tcp://127.0.0.1:7100"));
	assert_memory_equal(nrm_directory_broker_key(d), w.broker, NRM_KEY_LEN);
	assert_string_equal(nrm_directory_log_key(d)->name, "nrm/TH");
	nrm_document_digest(NRM_DOMAIN_DIRECTORY, s.document.document, digest);
	assert_memory_equal(nrm_directory_digest(d), digest, NRM_HASH_LEN);
	assert_bytes(nrm_directory_document(d).document, s.document.document);
	assert_bytes(nrm_directory_document(d).signature, s.document.signature);

	nrm_buf_done(&s.bytes); /* the snapshot owns what it needs */
	assert_int_equal(nrm_directory_count(d), N);
	for (int i = 0; i < N; i++) {
		const struct nrm_participant *p = nrm_directory_at(d, (size_t)i);
		assert_ptr_equal(nrm_directory_find(d, w.participant[i].id), p);
		assert_ptr_equal(nrm_directory_find_transport(d, w.public[i][3]), p);
		assert_memory_equal(p->signing, w.public[i][0], NRM_KEY_LEN);
		assert_int_equal(p->n_sealing, 2);
		assert_memory_equal(p->sealing[0], w.public[i][1], NRM_KEY_LEN);
		assert_memory_equal(p->sealing[1], w.public[i][2], NRM_KEY_LEN);
		assert_memory_equal(p->witness, w.public[i][4], NRM_KEY_LEN);
		assert_true(p->offers ==
			    (nrm_bit(w.offer[i][0].service) | nrm_bit(NRM_SERVICE_FOLLOW_UP)));
		assert_true(p->roles == (nrm_bit(w.role[i][0]) | nrm_bit(NRM_ROLE_COORDINATOR)));
		assert_int_equal(nrm_possession_verify(p->verifying, p->id, NRM_KEY_KIND_SIGNING,
						       p->signing,
						       nrm_slice(w.proof[i][0], NRM_SIGNATURE_LEN)),
				 NRM_OK);
	}
	assert_null(nrm_directory_find(d, nrm_slice_str("TH.nobody")));
	assert_null(nrm_directory_find_transport(d, w.public[0][1]));
	nrm_directory_free(d);
}

static void active(void **state)
{
	struct nrm_participant p = {
		.status = NRM_STATUS_ACTIVE, .valid_from_ms = 10, .valid_until_ms = 20};

	(void)state;
	assert_false(nrm_participant_active(&p, 9));
	assert_true(nrm_participant_active(&p, 10));
	assert_true(nrm_participant_active(&p, 19));
	assert_false(nrm_participant_active(&p, 20));
	p.status = NRM_STATUS_SUSPENDED;
	assert_false(nrm_participant_active(&p, 15));
}

/* Nothing but the signed bytes under the authority's key and the directory's domain is opened. */
static void signature(void **state)
{
	struct nrm_directory *d = NULL;
	struct signed_bytes s;
	uint8_t other[NRM_KEY_LEN];
	char error[256];

	(void)state;
	sign_world(&s);
	struct nrm_signing_key *stranger = signing_key("stranger", 0);
	nrm_signing_key_public(stranger, other);
	assert_int_equal(nrm_directory_open(&s.document, other, &d, error), NRM_ERR_SIGNATURE);
	assert_int_equal(
		nrm_document_sign(stranger, NRM_DOMAIN_DIRECTORY, s.document.document, s.signature),
		NRM_OK);
	assert_int_equal(nrm_directory_open(&s.document, authority_public, &d, error),
			 NRM_ERR_SIGNATURE);
	assert_int_equal(
		nrm_document_sign(authority, NRM_DOMAIN_POLICY, s.document.document, s.signature),
		NRM_OK);
	assert_int_equal(nrm_directory_open(&s.document, authority_public, &d, error),
			 NRM_ERR_SIGNATURE);
	memset(other, 0, sizeof(other)); /* a small-order key verifies anything in OpenSSL 3.0 */
	assert_int_equal(nrm_directory_open(&s.document, other, &d, error), NRM_ERR_KEY);
	assert_null(d);
	nrm_signing_key_free(stranger);
	nrm_buf_done(&s.bytes);
}

static enum nrm_err open_file_bytes(struct nrm_slice bytes)
{
	struct nrm_directory *d;
	struct nrm_document document;
	struct nrm_arena arena;

	nrm_arena_init(&arena, NRM_MAX_DIRECTORY_ARENA);
	enum nrm_err err = nrm_document_decode(bytes, &arena, &document);
	if (err == NRM_OK)
		err = nrm_directory_open(&document, authority_public, &d, NULL);
	if (err == NRM_OK)
		nrm_directory_free(d);
	nrm_arena_done(&arena);
	return err;
}

static void every_bit_and_every_truncation(void **state)
{
	struct signed_bytes s;
	struct nrm_buf file;

	(void)state;
	sign_world(&s);
	nrm_buf_init(&file);
	assert_int_equal(nrm_document_encode(&s.document, &file), NRM_OK);
	assert_int_equal(open_file_bytes(nrm_buf_slice(&file)), NRM_OK);
	for (size_t bit = 0; bit < 8 * file.len; bit++) {
		file.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_not_equal(open_file_bytes(nrm_buf_slice(&file)), NRM_OK);
		file.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t len = 0; len < file.len; len++)
		assert_int_not_equal(open_file_bytes(nrm_slice(file.data, len)), NRM_OK);
	nrm_buf_put_u8(&file, 0);
	assert_int_not_equal(open_file_bytes(nrm_buf_slice(&file)), NRM_OK);
	nrm_buf_done(&file);
	nrm_buf_done(&s.bytes);
}

/* Bytes that the authority signed itself are still refused when they are not canonical and known. */
static void encoding_under_a_good_signature(void **state)
{
	static const struct {
		const char *more;
		size_t len;
		enum nrm_err err;
	} tails[] = {
		{"\x98\x06\x01", 3, NRM_ERR_UNKNOWN_ELEMENT},  /* field 99 */
		{"\x40\x02", 2, NRM_ERR_CANONICAL},	       /* the quorum once more */
		{"\x40\x82\x00", 3, NRM_ERR_CANONICAL},	       /* and in a longer form */
		{"\x4a\x00", 2, NRM_ERR_CANONICAL},	       /* an empty successor, spelled out */
		{"\x52\x02\x18\x09", 4, NRM_ERR_UNKNOWN_CODE}, /* a participant of kind 9 */
		{"\x52\x03\x22\x01\x7f", 5, NRM_ERR_UNKNOWN_CODE}, /* of role 127 */
		{"\x52\x05\x2a", 3, NRM_ERR_FORMAT},		   /* cut off */
	};
	struct nrm_directory *d = NULL;
	struct signed_bytes s;

	(void)state;
	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		nrm_buf_init(&s.bytes);
		assert_int_equal(nrm_directory_encode(&w.body, &s.bytes), NRM_OK);
		nrm_buf_put(&s.bytes, tails[i].more, tails[i].len);
		sign_bytes(&s);
		assert_int_equal(nrm_directory_open(&s.document, authority_public, &d, NULL),
				 tails[i].err);
		nrm_buf_done(&s.bytes);
	}
	nrm_buf_init(&s.bytes);
	assert_int_equal(nrm_directory_encode(&w.body, &s.bytes), NRM_OK);
	assert_int_equal(s.bytes.data[0], 8);
	s.bytes.data[1] = 2; /* another format */
	sign_bytes(&s);
	assert_int_equal(nrm_directory_open(&s.document, authority_public, &d, NULL),
			 NRM_ERR_VERSION);
	nrm_buf_clear(&s.bytes);
	nrm_buf_put(&s.bytes, "\x08\x01", 2); /* neither broker nor trail */
	sign_bytes(&s);
	assert_int_equal(nrm_directory_open(&s.document, authority_public, &d, NULL),
			 NRM_ERR_FORMAT);
	assert_null(d);
	nrm_buf_done(&s.bytes);
}

static void from_a_file(void **state)
{
	char path[] = "/tmp/nrm-directory-XXXXXX", error[256] = "";
	struct nrm_directory *d = NULL;
	struct signed_bytes s;
	struct nrm_buf file;

	(void)state;
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	sign_world(&s);
	nrm_buf_init(&file);
	assert_int_equal(nrm_document_encode(&s.document, &file), NRM_OK);
	assert_int_equal(nrm_file_replace(path, 0644, nrm_buf_slice(&file)), NRM_OK);
	assert_int_equal(nrm_directory_read(path, authority_public, &d, error), NRM_OK);
	nrm_directory_free(d);
	d = NULL;
	assert_int_equal(nrm_file_replace(path, 0644, nrm_slice(file.data, file.len - 1)), NRM_OK);
	assert_int_not_equal(nrm_directory_read(path, authority_public, &d, error), NRM_OK);
	assert_non_null(strstr(error, "expected a signed directory"));
	unlink(path);
	assert_int_equal(nrm_directory_read(path, authority_public, &d, error), NRM_ERR_NOT_FOUND);
	assert_non_null(strstr(error, path));
	assert_null(d);
	nrm_buf_done(&file);
	nrm_buf_done(&s.bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good),
		cmocka_unit_test(active),
		cmocka_unit_test(signature),
		cmocka_unit_test(every_bit_and_every_truncation),
		cmocka_unit_test(encoding_under_a_good_signature),
		cmocka_unit_test(from_a_file),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
