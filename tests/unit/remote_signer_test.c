/*
 * The broker's side of the signer's socket: never waits, says once that the signer is away and once that it is back, and
 * believes nothing that is not under the trail's key. The signer is played here, packet by packet.
 */
#include <sys/socket.h>
#include <sys/un.h>

#include "broker/signer/desk.h"
#include "broker/signer/message.h"
#include "broker/signer/remote.h"
#include "tests/unit/folder.h"
#include "tests/unit/signer_trees.h"

static struct nrm_notary *notary;
static struct nrm_remote_signer *remote;
static struct nrm_signer signer;
static struct nrm_buf note;
static struct nrm_checkpoint head;
static char told[512]; /* events since it was last looked at, a line each */
static int listener, line;

static void tell(enum nrm_log_level level, const char *event, const char *pairs)
{
	(void)level;
	size_t n = strlen(told);
	snprintf(told + n, sizeof(told) - n, "%s %s\n", event, pairs);
}

static void assert_told(const char *events)
{
	assert_string_equal(told, events);
	told[0] = '\0';
}

static int set_up(void **state)
{
	(void)state;
	folder_make();
	const struct nrm_remote_signer_options options = {in_folder("socket"), tree_key(), tell};
	listener = line = -1;
	told[0] = '\0';
	assert_int_equal(nrm_notary_new(ORIGIN, seed, &notary), NRM_OK);
	assert_int_equal(nrm_remote_signer_new(&options, &remote), NRM_OK);
	signer = nrm_remote_signer_interface(remote);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	nrm_remote_signer_free(remote);
	nrm_notary_free(notary);
	nrm_buf_done(&note);
	note = (struct nrm_buf){0};
	if (line >= 0)
		close(line);
	if (listener >= 0)
		close(listener);
	folder_remove();
	return 0;
}

/* --- the signer's end --- */

static void open_signer(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", in_folder("socket"));
	listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listener, 8), 0);
}

static void close_signer(void)
{
	close(line);
	close(listener);
	line = listener = -1;
	assert_int_equal(unlink(in_folder("socket")), 0);
}

static void pick_up(void)
{
	line = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	assert_true(line >= 0);
}

/* Takes the one message that waits. */
static struct nrm_slice hear(void)
{
	static uint8_t in[NRM_SIGNER_MAX_REQUEST];
	ssize_t n = recv(line, in, sizeof(in), 0);

	assert_true(n > 0);
	return nrm_slice(in, (size_t)n);
}

static void say(const void *bytes, size_t len)
{
	assert_int_equal(send(line, bytes, len, MSG_NOSIGNAL), len);
}

/* Answers the message that waits as the real one does. */
static void answer(void)
{
	struct nrm_buf out = {0};

	nrm_desk_answer(notary, hear(), &out);
	say(out.data, out.len);
	nrm_buf_done(&out);
}

/* The line was hung up by the other end. */
static void assert_hung_up(void)
{
	uint8_t byte;

	assert_int_equal(recv(line, &byte, 1, 0), 0);
	close(line);
	line = -1;
}

/* --- the broker's end --- */

static enum nrm_err last(void)
{
	return signer.last(signer.self, &head);
}

static enum nrm_err submit(struct nrm_hash *leaves, uint64_t from, uint64_t size)
{
	const struct nrm_signing_request request = tree_request(leaves, from, size);

	return signer.submit(signer.self, &request);
}

static enum nrm_err collect(void)
{
	nrm_buf_clear(&note);
	return signer.collect(signer.self, &head, &note);
}

/* A signer that is there, and whose last head is known. */
static void meet(void)
{
	open_signer();
	assert_int_equal(last(), NRM_ERR_AGAIN);
	pick_up();
	answer();
	assert_int_equal(last(), NRM_OK);
}

static void signs_without_waiting(void **state)
{
	const struct nrm_checkpoint sixth = tree_head(leaf, 6);

	(void)state;
	meet();
	assert_int_equal(head.size, 0);
	assert_told("signer size=0\n");
	assert_int_equal(submit(leaf, 0, 6), NRM_OK);
	assert_int_equal(collect(), NRM_ERR_NOT_FOUND);
	assert_int_equal(submit(leaf, 0, 7), NRM_ERR_AGAIN); /* one at a time */
	assert_int_equal(last(), NRM_OK);
	answer();
	assert_int_equal(collect(), NRM_OK);
	assert_int_equal(head.size, 6);
	assert_note_of(nrm_buf_slice(&note), &sixth);
	assert_int_equal(collect(), NRM_ERR_NOT_FOUND); /* once */
	assert_int_equal(last(), NRM_OK);
	assert_int_equal(head.size, 6);
	assert_int_equal(submit(leaf, 6, 9), NRM_OK);
	answer();
	assert_int_equal(collect(), NRM_OK);
	assert_int_equal(head.size, 9);
	assert_told("");
}

/* A note that was there when the signer went away is still there, and keeps the next head back until it is collected. */
static void keeps_a_note_until_it_is_collected(void **state)
{
	(void)state;
	meet();
	assert_int_equal(submit(leaf, 0, 6), NRM_OK);
	answer();
	assert_int_equal(last(), NRM_OK);
	assert_int_equal(submit(leaf, 6, 9), NRM_ERR_AGAIN);
	close_signer();
	assert_int_equal(last(), NRM_ERR_AGAIN);
	assert_int_equal(collect(), NRM_OK);
	assert_int_equal(head.size, 6);
}

static void says_once_that_it_is_away_and_back(void **state)
{
	(void)state;
	assert_int_equal(last(), NRM_ERR_AGAIN);
	assert_told("signer_away reason=\"No such file or directory\"\n");
	for (int i = 0; i < 3; i++) {
		assert_int_equal(last(), NRM_ERR_AGAIN);
		assert_int_equal(submit(leaf, 0, 6), NRM_ERR_AGAIN);
		assert_int_equal(collect(), NRM_ERR_NOT_FOUND);
	}
	assert_told("");
	meet();
	assert_told("signer size=0\n");
	assert_int_equal(submit(leaf, 0, 6), NRM_OK);
	hear();
	close_signer(); /* with a head under way */
	assert_int_equal(collect(), NRM_ERR_NOT_FOUND);
	assert_told("signer_away reason=\"it hung up\"\n");
	assert_int_equal(last(), NRM_ERR_AGAIN);
	assert_told("");
	meet();
	assert_told("signer size=0\n");
}

/* It signed the head, and died before its note was out: then it is the last one when it is back, and is signed again. */
static void asks_again_for_what_was_lost_on_the_way(void **state)
{
	struct nrm_buf lost = {0};

	(void)state;
	meet();
	assert_int_equal(submit(leaf, 0, 6), NRM_OK);
	nrm_desk_answer(notary, hear(), &lost);
	nrm_buf_done(&lost);
	close_signer();
	assert_int_equal(last(), NRM_ERR_AGAIN);
	meet();
	assert_int_equal(head.size, 6);
	assert_int_equal(submit(leaf, 6, 6), NRM_OK);
	answer();
	assert_int_equal(collect(), NRM_OK);
	assert_int_equal(head.size, 6);
}

static void tells_of_a_refusal_and_asks_where_it_stands(void **state)
{
	(void)state;
	meet();
	assert_int_equal(submit(leaf, 0, 6), NRM_OK);
	answer();
	assert_int_equal(collect(), NRM_OK);
	assert_told("signer size=0\n");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(submit(other, 6, 9), NRM_OK);
		answer();
		assert_int_equal(collect(), NRM_ERR_NOT_FOUND);
		answer(); /* it asked for the last head */
		assert_int_equal(last(), NRM_OK);
		assert_int_equal(head.size, 6);
	}
	assert_told("signer_refused reason=\"not proved to continue the head signed last\"\n");
	assert_int_equal(submit(leaf, 6, 9), NRM_OK);
	answer();
	assert_int_equal(collect(), NRM_OK);
	assert_told("signer size=9\n");
}

/* Says something to one that asked for the last head; it must hang up, and believe nothing. */
static void assert_not_believed(const void *bytes, size_t len, const char *reason)
{
	char expected[160];

	assert_int_equal(last(), NRM_ERR_AGAIN);
	pick_up();
	hear();
	told[0] = '\0';
	say(bytes, len);
	assert_int_equal(collect(), NRM_ERR_NOT_FOUND);
	assert_hung_up();
	snprintf(expected, sizeof(expected), "signer_away reason=\"%s\"\n", reason);
	if (told[0]) /* once, for all that follow */
		assert_told(expected);
}

static void believes_the_key_only(void **state)
{
	const uint8_t another[NRM_KEY_LEN] = {8};
	static uint8_t huge[NRM_SIGNER_MAX_REPLY + 1] = {NRM_SIGNER_VERSION, NRM_SIGNER_NOTE};
	struct nrm_notary *stranger;
	struct nrm_buf reply = {0};

	(void)state;
	open_signer();
	assert_int_equal(nrm_notary_new(ORIGIN, another, &stranger), NRM_OK);
	nrm_signer_put_note(nrm_notary_note(stranger), &reply);
	assert_not_believed(reply.data, reply.len, "it does not sign with the trail's key");
	nrm_notary_free(stranger);
	assert_int_equal(nrm_notary_new("nrm/YY", seed, &stranger), NRM_OK);
	nrm_buf_clear(&reply);
	nrm_signer_put_note(nrm_notary_note(stranger), &reply);
	assert_not_believed(reply.data, reply.len, "it does not sign with the trail's key");
	nrm_notary_free(stranger);

	nrm_buf_clear(&reply);
	nrm_signer_put_note(nrm_notary_note(notary), &reply);
	for (size_t len = 1; len < reply.len; len++)
		assert_not_believed(reply.data, len, "it does not sign with the trail's key");
	for (size_t bit = 0; bit < 8 * reply.len; bit++) {
		reply.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_not_believed(reply.data, reply.len, "it speaks another language");
		reply.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	assert_not_believed(huge, sizeof(huge), "it speaks another language");
	nrm_buf_clear(&reply);
	nrm_signer_put_refused(NRM_SIGNER_MALFORMED, &reply);
	assert_not_believed(reply.data, reply.len, "not a message of this version");

	assert_int_equal(last(), NRM_ERR_AGAIN);
	pick_up();
	answer();
	assert_int_equal(last(), NRM_OK);
	assert_told("signer size=0\n");
	nrm_buf_done(&reply);
}

/* A good note, but of another head than the one handed over: it is not ours to publish. */
static void takes_no_other_head_for_its_own(void **state)
{
	const struct nrm_signing_request request = tree_request(leaf, 0, 5);
	struct nrm_buf reply = {0};

	(void)state;
	meet();
	assert_int_equal(nrm_notary_sign(notary, &request), NRM_SIGNER_SIGNED);
	assert_int_equal(submit(leaf, 0, 6), NRM_OK);
	hear();
	nrm_signer_put_note(nrm_notary_note(notary), &reply);
	told[0] = '\0';
	say(reply.data, reply.len);
	assert_int_equal(collect(), NRM_ERR_NOT_FOUND);
	assert_told("signer_away reason=\"it signed another head than it was asked for\"\n");
	nrm_buf_done(&reply);
}

static void wants_to_be_asked_first(void **state)
{
	struct nrm_buf reply = {0};

	(void)state;
	meet();
	nrm_signer_put_note(nrm_notary_note(notary), &reply);
	say(reply.data, reply.len);
	told[0] = '\0';
	assert_int_equal(last(), NRM_ERR_AGAIN);
	assert_told("signer_away reason=\"it speaks another language\"\n");
	nrm_buf_done(&reply);
}

static void has_no_room_for_a_long_path(void **state)
{
	struct nrm_remote_signer_options options = {NULL, tree_key(), tell};
	struct nrm_remote_signer *none = NULL;
	char path[109];

	(void)state;
	memset(path, 'x', 108);
	path[108] = '\0';
	options.path = path;
	assert_int_equal(nrm_remote_signer_new(&options, &none), NRM_ERR_ARGUMENT);
	assert_null(none);
	path[107] = '\0';
	assert_int_equal(nrm_remote_signer_new(&options, &none), NRM_OK);
	nrm_remote_signer_free(none);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(signs_without_waiting),
		TEST(keeps_a_note_until_it_is_collected),
		TEST(says_once_that_it_is_away_and_back),
		TEST(asks_again_for_what_was_lost_on_the_way),
		TEST(tells_of_a_refusal_and_asks_where_it_stands),
		TEST(believes_the_key_only),
		TEST(takes_no_other_head_for_its_own),
		TEST(wants_to_be_asked_first),
		TEST(has_no_room_for_a_long_path),
	};

	return cmocka_run_group_tests(tests, make_trees, NULL);
}
