/* Alarm files: written and read back, signed by the one who raises them, and nothing but the one form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/base/limits.h"
#include "proto/trail/alarm.h"

static struct nrm_signing_key *secret;
static struct nrm_verifying_key *key;
static struct nrm_buf good;
static const struct nrm_alarm found = {
	.reporter = {(const uint8_t *)"TH.police-bangkok", 17},
	.time_ms = 1770000000000,
	.kind = NRM_ALARM_SHORTENED,
	.kept = {(const uint8_t *)"nrm/TH\n7\nroot\n", 14},
	.shown = {(const uint8_t *)"nrm/TH\n5\nroot\n\nline\n", 20},
};

static int set_up(void **state)
{
	static const uint8_t seed[NRM_KEY_LEN] = {1};
	uint8_t public_key[NRM_KEY_LEN];

	(void)state;
	if (nrm_crypto_init() != NRM_OK || nrm_signing_key_new(seed, &secret) != NRM_OK)
		return -1;
	nrm_signing_key_public(secret, public_key);
	return nrm_verifying_key_new(public_key, &key) || nrm_alarm_write(&found, secret, &good);
}

static int tear_down(void **state)
{
	(void)state;
	nrm_signing_key_free(secret);
	nrm_verifying_key_free(key);
	nrm_buf_done(&good);
	return 0;
}

static void it_reads_as_it_was_written(void **state)
{
	static const char head[] = "nrm/v1/alarm\nreporter TH.police-bangkok\ntime 1770000000000\n"
				   "found shortened\nkept bnJtL1RICjcKcm9vdAo=\nshown ";
	struct nrm_buf notes = {0};
	struct nrm_alarm alarm;

	(void)state;
	assert_memory_equal(good.data, head, strlen(head));
	assert_int_equal(nrm_alarm_read(nrm_buf_slice(&good), &notes, &alarm), NRM_OK);
	assert_true(nrm_slice_equal(alarm.reporter, found.reporter));
	assert_int_equal(alarm.time_ms, found.time_ms);
	assert_int_equal(alarm.kind, found.kind);
	assert_true(nrm_slice_equal(alarm.kept, found.kept));
	assert_true(nrm_slice_equal(alarm.shown, found.shown));
	assert_int_equal(nrm_alarm_verify(nrm_buf_slice(&good), key), NRM_OK);
	nrm_buf_done(&notes);
}

/* What is damaged does not read, or is not signed. */
static enum nrm_err take(struct nrm_slice file)
{
	struct nrm_buf notes = {0};
	struct nrm_alarm alarm;
	enum nrm_err err = nrm_alarm_read(file, &notes, &alarm);

	nrm_buf_done(&notes);
	return err == NRM_OK ? nrm_alarm_verify(file, key) : err;
}

static void damage_is_found(void **state)
{
	(void)state;
	for (size_t len = 0; len < good.len; len++)
		assert_int_not_equal(take(nrm_slice(good.data, len)), NRM_OK);
	for (size_t bit = 0; bit < good.len * 8; bit++) {
		good.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_not_equal(take(nrm_buf_slice(&good)), NRM_OK);
		good.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	nrm_buf_put_u8(&good, '\n');
	assert_int_equal(take(nrm_buf_slice(&good)), NRM_ERR_FORMAT);
	good.len--;
	assert_int_equal(take(nrm_buf_slice(&good)), NRM_OK);
}

static void another_key_does_not_verify(void **state)
{
	static const uint8_t seed[NRM_KEY_LEN] = {2};
	struct nrm_signing_key *other;
	struct nrm_buf file = {0};

	(void)state;
	assert_int_equal(nrm_signing_key_new(seed, &other), NRM_OK);
	assert_int_equal(nrm_alarm_write(&found, other, &file), NRM_OK);
	assert_int_equal(take(nrm_buf_slice(&file)), NRM_ERR_SIGNATURE);
	nrm_signing_key_free(other);
	nrm_buf_done(&file);
}

static void what_cannot_be_written(void **state)
{
	static uint8_t large[NRM_MAX_NOTE + 1];
	struct nrm_alarm alarm = found;
	struct nrm_buf file = {0};

	(void)state;
	alarm.shown = nrm_slice(large, sizeof(large));
	assert_int_equal(nrm_alarm_write(&alarm, secret, &file), NRM_ERR_LIMIT);
	alarm.shown.len--;
	alarm.kept = alarm.shown; /* the largest there is */
	assert_int_equal(nrm_alarm_write(&alarm, secret, &file), NRM_OK);
	assert_true(file.len <= NRM_MAX_ALARM);
	assert_int_equal(take(nrm_buf_slice(&file)), NRM_OK);
	alarm = found;
	alarm.reporter = nrm_slice_str("nobody\n");
	nrm_buf_clear(&file);
	assert_int_equal(nrm_alarm_write(&alarm, secret, &file), NRM_ERR_ID);
	assert_int_equal(file.len, 0);
	nrm_buf_done(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_reads_as_it_was_written),
		cmocka_unit_test(damage_is_found),
		cmocka_unit_test(another_key_does_not_verify),
		cmocka_unit_test(what_cannot_be_written),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
