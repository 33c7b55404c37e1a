/*
 * The signer's socket: messages there and back, every one that is damaged refused, and nobody served but the one user.
 */
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "broker/signer/desk.h"
#include "broker/signer/message.h"
#include "tests/unit/folder.h"
#include "tests/unit/signer_trees.h"

static struct nrm_notary *notary;

static int set_up(void **state)
{
	(void)state;
	folder_make();
	return nrm_notary_new(ORIGIN, seed, &notary);
}

static int tear_down(void **state)
{
	(void)state;
	nrm_notary_free(notary);
	folder_remove();
	return 0;
}

/* A message that asks for a signature, to be done with. */
static struct nrm_buf sign_message(struct nrm_hash *leaves, uint64_t from, uint64_t size)
{
	const struct nrm_signing_request request = tree_request(leaves, from, size);
	struct nrm_buf message = {0};

	nrm_signer_put_ask_sign(&request, &message);
	assert_int_equal(message.err, NRM_OK);
	return message;
}

/* What is answered to some bytes. The slice of its note lives until the next. */
static struct nrm_signer_reply answer(struct nrm_slice message)
{
	static struct nrm_buf out;
	struct nrm_signer_reply reply;

	nrm_buf_done(&out);
	out = (struct nrm_buf){0};
	enum nrm_signer_refusal refusal = nrm_desk_answer(notary, message, &out);
	assert_int_equal(nrm_signer_read_reply(nrm_buf_slice(&out), &reply), NRM_OK);
	assert_int_equal(reply.refusal, refusal);
	assert_int_equal(reply.kind, refusal ? NRM_SIGNER_REFUSED : NRM_SIGNER_NOTE);
	return reply;
}

static enum nrm_signer_refusal asked(struct nrm_hash *leaves, uint64_t from, uint64_t size)
{
	struct nrm_buf message = sign_message(leaves, from, size);
	const struct nrm_signer_reply reply = answer(nrm_buf_slice(&message));
	const struct nrm_checkpoint head = tree_head(leaves, size);

	if (reply.kind == NRM_SIGNER_NOTE)
		assert_note_of(reply.note, &head);
	nrm_buf_done(&message);
	return reply.refusal;
}

static void answers_each_question(void **state)
{
	const struct nrm_checkpoint none = tree_head(leaf, 0), sixth = tree_head(leaf, 6);
	struct nrm_buf ask = {0};

	(void)state;
	nrm_signer_put_ask_last(&ask);
	assert_note_of(answer(nrm_buf_slice(&ask)).note, &none);
	assert_int_equal(asked(leaf, 0, 6), NRM_SIGNER_SIGNED);
	assert_note_of(answer(nrm_buf_slice(&ask)).note, &sixth);
	assert_int_equal(asked(leaf, 6, 6), NRM_SIGNER_SIGNED);
	assert_int_equal(asked(other, 6, 6), NRM_SIGNER_FORKED);
	assert_int_equal(asked(leaf, 6, 5), NRM_SIGNER_SHORTER);
	assert_int_equal(asked(other, 6, 9), NRM_SIGNER_NOT_PROVED);
	assert_int_equal(asked(leaf, 5, 9), NRM_SIGNER_NOT_PROVED);
	struct nrm_signing_request foreign = tree_request(leaf, 6, 9);
	strcpy(foreign.head.origin, "nrm/YY");
	struct nrm_buf message = {0};
	nrm_signer_put_ask_sign(&foreign, &message);
	assert_int_equal(answer(nrm_buf_slice(&message)).refusal, NRM_SIGNER_FOREIGN);
	assert_int_equal(asked(leaf, 6, 9), NRM_SIGNER_SIGNED);
	nrm_buf_done(&message);
	nrm_buf_done(&ask);
}

/* The longest path, and the longest name, of a head. */
static void the_longest_message_fits(void **state)
{
	struct nrm_hash path[NRM_MAX_TREE_PATH] = {{{1}}};
	struct nrm_signing_request request = {.path = path, .n = NRM_MAX_TREE_PATH};
	struct nrm_signer_request read;
	struct nrm_buf message = {0};

	(void)state;
	memset(request.head.origin, 'n', NRM_MAX_KEY_NAME);
	request.head.size = UINT64_MAX;
	request.from = UINT64_MAX - 1;
	nrm_signer_put_ask_sign(&request, &message);
	assert_int_equal(message.len, NRM_SIGNER_MAX_REQUEST);
	assert_int_equal(nrm_signer_read_request(nrm_buf_slice(&message), &read), NRM_OK);
	assert_string_equal(read.sign.head.origin, request.head.origin);
	assert_int_equal(read.sign.head.size, UINT64_MAX);
	assert_int_equal(read.sign.from, UINT64_MAX - 1);
	assert_int_equal(read.sign.n, NRM_MAX_TREE_PATH);
	assert_memory_equal(read.sign.path, path, sizeof(path));
	nrm_buf_put_u8(&message, 0);
	assert_int_equal(nrm_signer_read_request(nrm_buf_slice(&message), &read), NRM_ERR_FORMAT);
	nrm_buf_done(&message);
}

/*
 * A damaged request signs nothing, whatever the damage, and the good one is signed as if nothing had been. The tree is one whose
 * consistency path holds for its own size only: of 11 leaves it would also hold for 10 or 15 with the same root (RFC 9162).
 */
static void a_damaged_request_signs_nothing(void **state)
{
	(void)state;
	assert_int_equal(asked(leaf, 0, 6), NRM_SIGNER_SIGNED);
	struct nrm_buf message = sign_message(leaf, 6, 16);
	for (size_t len = 0; len < message.len; len++)
		assert_int_equal(answer(nrm_slice(message.data, len)).refusal,
				 NRM_SIGNER_MALFORMED);
	for (size_t bit = 0; bit < 8 * message.len; bit++) {
		message.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(answer(nrm_buf_slice(&message)).kind, NRM_SIGNER_REFUSED);
		message.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	nrm_buf_put_u8(&message, 0);
	assert_int_equal(answer(nrm_buf_slice(&message)).refusal, NRM_SIGNER_MALFORMED);
	assert_int_equal(nrm_notary_last(notary)->size, 6);
	assert_int_equal(asked(leaf, 6, 16), NRM_SIGNER_SIGNED);
	nrm_buf_done(&message);
}

static void a_damaged_reply_is_none(void **state)
{
	const struct nrm_note_key key = tree_key();
	struct nrm_signer_reply reply;
	struct nrm_checkpoint head;
	struct nrm_buf good = {0};
	uint64_t cosigned;

	(void)state;
	nrm_signer_put_note(nrm_notary_note(notary), &good);
	for (size_t len = 0; len < good.len; len++)
		if (nrm_signer_read_reply(nrm_slice(good.data, len), &reply) == NRM_OK)
			assert_int_not_equal(
				nrm_note_open(reply.note, &key, NULL, 0, &head, &cosigned), NRM_OK);
	for (size_t bit = 0; bit < 8 * good.len; bit++) {
		good.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (nrm_signer_read_reply(nrm_buf_slice(&good), &reply) == NRM_OK)
			assert_int_not_equal(
				nrm_note_open(reply.note, &key, NULL, 0, &head, &cosigned), NRM_OK);
		good.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	nrm_buf_clear(&good);
	for (int number = 0; number < 256; number++) {
		nrm_buf_clear(&good);
		nrm_signer_put_refused((enum nrm_signer_refusal)number, &good);
		const bool known = number > 0 && number < NRM_SIGNER_REFUSAL_END_;
		assert_int_equal(nrm_signer_read_reply(nrm_buf_slice(&good), &reply),
				 known ? NRM_OK : NRM_ERR_FORMAT);
	}
	nrm_buf_done(&good);
}

static void a_newer_version_is_told_apart(void **state)
{
	const uint8_t newer[] = {NRM_SIGNER_VERSION + 1, NRM_SIGNER_ASK_LAST};
	struct nrm_signer_request request;
	struct nrm_signer_reply reply;

	(void)state;
	assert_int_equal(nrm_signer_read_request(nrm_slice(newer, 2), &request), NRM_ERR_VERSION);
	assert_int_equal(nrm_signer_read_reply(nrm_slice(newer, 2), &reply), NRM_ERR_VERSION);
	assert_int_equal(answer(nrm_slice(newer, 2)).refusal, NRM_SIGNER_MALFORMED);
}

/* --- over a real socket --- */

static char told
	[128]; /* the last event, written by the desk's thread; read after it has answered or ended */
static struct nrm_desk *desk;

static void tell(enum nrm_log_level level, const char *event, const char *pairs)
{
	(void)level;
	snprintf(told, sizeof(told), "%s %s", event, pairs);
}

static void *serve(void *stop)
{
	assert_int_equal(nrm_desk_serve(desk, *(int *)stop), NRM_OK);
	nrm_crypto_thread_done();
	return NULL;
}

struct served {
	int stop;
	pthread_t thread;
};

static struct served start(uid_t user)
{
	const struct nrm_desk_options options = {in_folder("socket"), user, notary, tell};
	static int stop;
	struct served s;

	told[0] = '\0';
	assert_int_equal(nrm_desk_open(&options, &desk), NRM_OK);
	stop = s.stop = eventfd(0, EFD_CLOEXEC);
	assert_int_equal(pthread_create(&s.thread, NULL, serve, &stop), 0);
	return s;
}

static void end(struct served *s)
{
	assert_int_equal(eventfd_write(s->stop, 1), 0);
	assert_int_equal(pthread_join(s->thread, NULL), 0);
	close(s->stop);
	nrm_desk_close(desk);
	assert_int_not_equal(access(in_folder("socket"), F_OK), 0);
}

static int dial(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", in_folder("socket"));
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

/* A request of the greatest length, for a trail that is not the notary's; to be done with. */
static struct nrm_buf longest_message(void)
{
	static struct nrm_hash path[NRM_MAX_TREE_PATH];
	struct nrm_signing_request request = {.path = path, .n = NRM_MAX_TREE_PATH};
	struct nrm_buf message = {0};

	memset(request.head.origin, 'n', NRM_MAX_KEY_NAME);
	nrm_signer_put_ask_sign(&request, &message);
	assert_int_equal(message.len, NRM_SIGNER_MAX_REQUEST);
	return message;
}

/* Sends a packet; the reply's refusal, or -1 when the desk hung up. */
static int exchange(int fd, const void *bytes, size_t len)
{
	static uint8_t in[NRM_SIGNER_MAX_REPLY];
	struct nrm_signer_reply reply;

	assert_int_equal(send(fd, bytes, len, MSG_NOSIGNAL), len);
	ssize_t n = recv(fd, in, sizeof(in), 0);
	if (n <= 0)
		return -1;
	assert_int_equal(nrm_signer_read_reply(nrm_slice(in, (size_t)n), &reply), NRM_OK);
	return reply.refusal;
}

static void serves_its_user(void **state)
{
	static uint8_t huge[4 * NRM_SIGNER_MAX_REQUEST];
	struct served s = start(geteuid());
	struct nrm_buf message = sign_message(leaf, 0, 6);
	struct stat st;

	(void)state;
	assert_int_equal(stat(in_folder("socket"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	int fd = dial();
	assert_int_equal(exchange(fd, message.data, message.len), NRM_SIGNER_SIGNED);
	assert_int_equal(exchange(fd, message.data, message.len - 1), NRM_SIGNER_MALFORMED);
	assert_string_equal(told, "refused reason=\"not a message of this version\" last=6");
	/* Too long, though it begins well. */
	memcpy(huge, message.data, message.len);
	assert_int_equal(exchange(fd, huge, sizeof(huge)), NRM_SIGNER_MALFORMED);
	assert_int_equal(exchange(fd, message.data, message.len), NRM_SIGNER_NOT_PROVED);
	nrm_buf_done(&message);
	message = sign_message(leaf, 6, 6);
	assert_int_equal(exchange(fd, message.data, message.len), NRM_SIGNER_SIGNED);
	close(fd);
	struct nrm_buf longest = longest_message();
	fd = dial();
	assert_int_equal(exchange(fd, longest.data, longest.len), NRM_SIGNER_FOREIGN);
	nrm_buf_put_u8(&longest, 0); /* as good as before, up to where it is read */
	assert_int_equal(exchange(fd, longest.data, longest.len), NRM_SIGNER_MALFORMED);
	nrm_buf_done(&longest);
	assert_int_equal(exchange(fd, message.data, message.len), NRM_SIGNER_SIGNED);
	close(fd);
	nrm_buf_done(&message);
	end(&s);
}

static void hangs_up_on_everybody_else(void **state)
{
	const uid_t somebody = geteuid() + 1;
	struct served s = start(somebody);
	char expected[64];
	struct stat st;
	uint8_t byte;

	(void)state;
	assert_int_equal(stat(in_folder("socket"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
	int fd = dial();
	assert_int_equal(recv(fd, &byte, 1, 0), 0);
	close(fd);
	end(&s);
	snprintf(expected, sizeof(expected), "stranger uid=%lu", (unsigned long)geteuid());
	assert_string_equal(told, expected);
}

/* More connections than it has places are hung up on; a place that is free again is taken. */
static void has_few_places(void **state)
{
	const uint8_t ask[] = {NRM_SIGNER_VERSION, NRM_SIGNER_ASK_LAST};
	struct served s = start(geteuid());
	int fd[8], one_more;
	uint8_t byte;

	(void)state;
	for (size_t i = 0; i < 8; i++) {
		fd[i] = dial();
		assert_int_equal(exchange(fd[i], ask, sizeof(ask)), NRM_SIGNER_SIGNED);
	}
	one_more = dial();
	assert_int_equal(recv(one_more, &byte, 1, 0), 0);
	close(one_more);
	close(fd[3]);
	for (;;) { /* until the desk has seen that end */
		fd[3] = dial();
		if (send(fd[3], ask, sizeof(ask), MSG_NOSIGNAL) == sizeof(ask) &&
		    recv(fd[3], &byte, 1, 0) == 1)
			break;
		close(fd[3]);
	}
	for (size_t i = 0; i < 8; i++)
		close(fd[i]);
	end(&s);
}

static void takes_the_place_of_a_dead_socket_and_of_nothing_else(void **state)
{
	const struct nrm_desk_options options = {in_folder("socket"), geteuid(), notary, tell};
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char path[200];

	(void)state;
	write_text("socket", "somebody's file");
	assert_int_equal(nrm_desk_open(&options, &desk), NRM_ERR_EXISTS);
	assert_int_equal(unlink(in_folder("socket")), 0);
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", in_folder("socket"));
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
	assert_int_equal(nrm_desk_open(&options, &desk), NRM_OK);
	nrm_desk_close(desk);
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	const struct nrm_desk_options long_path = {path, geteuid(), notary, tell};
	assert_int_equal(nrm_desk_open(&long_path, &desk), NRM_ERR_ARGUMENT);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(answers_each_question),
		TEST(the_longest_message_fits),
		TEST(a_damaged_request_signs_nothing),
		TEST(a_damaged_reply_is_none),
		TEST(a_newer_version_is_told_apart),
		TEST(serves_its_user),
		TEST(hangs_up_on_everybody_else),
		TEST(has_few_places),
		TEST(takes_the_place_of_a_dead_socket_and_of_nothing_else),
	};

	return cmocka_run_group_tests(tests, make_trees, NULL);
}
