/* What child processes say to the page: whole, cut short, spoilt, and their ends. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "agents/page/child.h"
#include "proto/base/limits.h"

static void test_round_trip(void **state)
{
	static const struct nrm_page_frame frames[] = {
		{NRM_FRAME_JSON, 200, {(const uint8_t *)"{}", 2}},
		{NRM_FRAME_CSV, 503, {NULL, 0}},
		{NRM_FRAME_NEWS, 0, {(const uint8_t *)"12345678", 8}},
		{NRM_FRAME_REPORT, 0, {(const uint8_t *)"x", 1}},
	};
	struct nrm_page_frame found;
	struct nrm_buf all = {0};
	size_t len, at = 0;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(nrm_page_frame_put(&all, &frames[i]), NRM_OK);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(
			nrm_page_frame_take(nrm_slice(all.data + at, all.len - at), &found, &len),
			NRM_OK);
		assert_int_equal(found.kind, frames[i].kind);
		assert_int_equal(found.status, frames[i].status);
		assert_true(nrm_slice_equal(found.bytes, frames[i].bytes));
		at += len;
	}
	assert_int_equal(at, all.len);
	nrm_buf_done(&all);
}

static void test_truncated_and_flipped(void **state)
{
	const struct nrm_page_frame frame = {NRM_FRAME_JSON, 200, nrm_slice_str("{\"a\":1}")};
	struct nrm_page_frame found;
	struct nrm_buf bytes = {0};
	size_t len;

	(void)state;
	assert_int_equal(nrm_page_frame_put(&bytes, &frame), NRM_OK);
	for (size_t n = 0; n < bytes.len; n++)
		assert_int_equal(nrm_page_frame_take(nrm_slice(bytes.data, n), &found, &len),
				 NRM_ERR_AGAIN);
	for (size_t bit = 0; bit < 8 * bytes.len; bit++) {
		bytes.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		const enum nrm_err err = nrm_page_frame_take(nrm_buf_slice(&bytes), &found, &len);
		if (err ==
		    NRM_OK) /* another status, kind or content of the same form, or shorter */
			assert_true(len <= bytes.len && found.kind < NRM_FRAME_KINDS &&
				    (found.kind > NRM_FRAME_PROOF) == (found.status == 0));
		else
			assert_true(err == NRM_ERR_AGAIN || err == NRM_ERR_FORMAT);
		bytes.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	/* a length that nothing has is told at once, not waited for */
	nrm_store_u32(bytes.data, NRM_MAX_PAGE_ANSWER + 1);
	assert_int_equal(nrm_page_frame_take(nrm_slice(bytes.data, 7), &found, &len),
			 NRM_ERR_FORMAT);
	nrm_buf_done(&bytes);
	assert_int_equal(
		nrm_page_frame_put(&bytes,
				   &(struct nrm_page_frame){
					   NRM_FRAME_JSON, 200, {NULL, NRM_MAX_PAGE_ANSWER + 1}}),
		NRM_ERR_LIMIT);
	assert_int_equal(bytes.len, 0);
}

/* --- children --- */

static int speak(const struct nrm_serve_options *options, void *context, int fd)
{
	struct nrm_page_frame frame = {NRM_FRAME_PROOF, 200, nrm_slice_str(context)};

	/* the parent's passwords are nobody's here */
	if (nrm_credentials_check(options->credentials, nrm_slice_str("ann"),
				  nrm_slice_str("secret")))
		frame.status = 500;
	return nrm_page_frame_write(fd, &frame) == NRM_OK ? 7 : 8;
}

static int crash(const struct nrm_serve_options *options, void *context, int fd)
{
	(void)options;
	(void)context;
	(void)fd;
	return raise(SIGBUS);
}

static struct nrm_credentials *credentials(void)
{
	char path[] = "/tmp/nrm-page-XXXXXX", error[NRM_CREDENTIALS_ERROR_LEN];
	struct nrm_credentials *c;

	close(mkstemp(path));
	unlink(path);
	assert_int_equal(
		nrm_credentials_set(path, nrm_slice_str("ann"), nrm_slice_str("secret"), error),
		NRM_OK);
	assert_int_equal(nrm_credentials_load(path, &c, error), NRM_OK);
	unlink(path);
	return c;
}

/* Waits for the end of what a child says. */
static void hear_all(struct nrm_child *child)
{
	while (nrm_child_hear(child) != NRM_ERR_CLOSED)
		usleep(1000);
}

static void test_child(void **state)
{
	struct nrm_serve_options options = {.credentials = credentials()};
	struct nrm_child child = {.fd = -1};
	struct nrm_page_frame frame;
	char how[NRM_CHILD_END_LEN], text[] = "a proof";

	(void)state;
	assert_int_equal(nrm_child_begin(&child, &options, speak, text), NRM_OK);
	hear_all(&child);
	assert_int_equal(nrm_child_frame(&child, &frame), NRM_OK);
	assert_int_equal(frame.status, 200);
	assert_true(nrm_slice_equal(frame.bytes, nrm_slice_str(text)));
	assert_int_equal(nrm_child_frame(&child, &frame), NRM_ERR_AGAIN);
	nrm_child_end(&child, false, how);
	assert_string_equal(how, "exit status 7");
	assert_int_equal(child.pid, 0);
	assert_true(nrm_credentials_check(options.credentials, nrm_slice_str("ann"),
					  nrm_slice_str("secret")));
	nrm_credentials_free(options.credentials);
}

static void test_child_crashes(void **state)
{
	struct nrm_serve_options options = {.credentials = credentials()};
	struct nrm_child child = {.fd = -1};
	struct nrm_page_frame frame;
	char how[NRM_CHILD_END_LEN];

	(void)state;
	assert_int_equal(nrm_child_begin(&child, &options, crash, NULL), NRM_OK);
	hear_all(&child);
	assert_int_equal(nrm_child_frame(&child, &frame), NRM_ERR_AGAIN);
	nrm_child_end(&child, false, how);
	assert_non_null(strstr(how, "cut short or damaged"));
	nrm_credentials_free(options.credentials);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_truncated_and_flipped),
		cmocka_unit_test(test_child),
		cmocka_unit_test(test_child_crashes),
	};

	if (nrm_crypto_init() != NRM_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
