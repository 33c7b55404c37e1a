#include "broker/signer/remote.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "broker/signer/message.h"
#include "proto/base/time.h"

#define MEET_MS	   1000
#define SILENCE_MS 10000u /* after which a signer that says nothing is away */

/* What was last said on the connection. */
enum stage { AWAY, ASKED, READY, SUBMITTED };
/* What was last told of the signer: each change is, once. */
enum standing { UNKNOWN, GOOD, GONE, REFUSING };

struct nrm_remote_signer {
	struct nrm_remote_signer_options set;
	struct sockaddr_un address;
	int fd; /* -1 when away */
	enum stage stage;
	enum standing standing;
	uint64_t spoke_ms; /* when the last message went out */
	struct nrm_checkpoint last, submitted;
	struct nrm_buf note;	/* to be collected; empty: none */
	struct nrm_buf message; /* being sent */
};

enum nrm_err nrm_remote_signer_new(const struct nrm_remote_signer_options *options,
				   struct nrm_remote_signer **ret_signer)
{
	struct nrm_remote_signer *s = calloc(1, sizeof(*s));
	const size_t len = strlen(options->path);

	if (!s)
		return NRM_ERR_NOMEM;
	if (len >= sizeof(s->address.sun_path)) {
		free(s);
		return NRM_ERR_ARGUMENT;
	}
	s->set = *options;
	s->set.path = s->address.sun_path;
	s->address.sun_family = AF_UNIX;
	memcpy(s->address.sun_path, options->path, len);
	s->fd = -1;
	*ret_signer = s;
	return NRM_OK;
}

void nrm_remote_signer_free(struct nrm_remote_signer *s)
{
	if (!s)
		return;
	if (s->fd >= 0)
		close(s->fd);
	nrm_buf_done(&s->note);
	nrm_buf_done(&s->message);
	free(s);
}

static void stand(struct nrm_remote_signer *s, enum standing standing, const char *reason)
{
	static const struct {
		enum nrm_log_level level;
		const char *event;
	} told[] = {
		[GOOD] = {NRM_LOG_INFO, "signer"},
		[GONE] = {NRM_LOG_WARNING, "signer_away"},
		[REFUSING] = {NRM_LOG_ERROR, "signer_refused"},
	};
	char pairs[128];

	if (s->standing == standing)
		return;
	s->standing = standing;
	if (standing == GOOD)
		snprintf(pairs, sizeof(pairs), "size=%llu", (unsigned long long)s->last.size);
	else
		snprintf(pairs, sizeof(pairs), "reason=\"%s\"", reason);
	s->set.report(told[standing].level, told[standing].event, pairs);
}

static void hang_up(struct nrm_remote_signer *s, const char *reason)
{
	close(s->fd);
	s->fd = -1;
	s->stage = AWAY;
	stand(s, GONE, reason);
}

/* Sends the message that was put together: whole, or the signer is away. */
static bool say(struct nrm_remote_signer *s, enum stage stage)
{
	const struct nrm_buf *m = &s->message;

	if (m->err != NRM_OK || send(s->fd, m->data, m->len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
		hang_up(s, m->err != NRM_OK ? nrm_err_text(m->err) : strerror(errno));
		return false;
	}
	s->stage = stage;
	s->spoke_ms = nrm_time_monotonic_ms();
	return true;
}

static void ask_last(struct nrm_remote_signer *s)
{
	nrm_buf_clear(&s->message);
	nrm_signer_put_ask_last(&s->message);
	say(s, ASKED);
}

/* A connection to a socket of this machine is there at once, or not at all. */
static void dial(struct nrm_remote_signer *s)
{
	const struct sockaddr *address = (const struct sockaddr *)&s->address;

	s->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->fd < 0)
		stand(s, GONE, strerror(errno));
	else if (connect(s->fd, address, sizeof(s->address)) != 0)
		hang_up(s, strerror(errno));
	else
		ask_last(s);
}

/* A note tells what the signer signed last, and in answer to a head that it is this one. */
static void take_note(struct nrm_remote_signer *s, struct nrm_slice note)
{
	struct nrm_checkpoint head;
	uint64_t cosigned;

	if (nrm_note_open(note, &s->set.key, NULL, 0, &head, &cosigned) != NRM_OK) {
		hang_up(s, "it does not sign with the trail's key");
		return;
	}
	if (s->stage == SUBMITTED) {
		if (head.size != s->submitted.size ||
		    memcmp(head.root.bytes, s->submitted.root.bytes, NRM_HASH_LEN) != 0) {
			hang_up(s, "it signed another head than it was asked for");
			return;
		}
		nrm_buf_put(&s->note, note.data, note.len);
		if (s->note.err != NRM_OK) {
			hang_up(s, nrm_err_text(s->note.err));
			nrm_buf_clear(&s->note);
			return;
		}
	}
	s->last = head;
	/* One that refused is good again when it signs, not when it answers. */
	if (s->stage == SUBMITTED || s->standing != REFUSING)
		stand(s, GOOD, NULL);
	s->stage = READY;
}

/* Takes one reply; whether there may be another. */
static bool take_reply(struct nrm_remote_signer *s)
{
	uint8_t bytes[NRM_SIGNER_MAX_REPLY];
	struct nrm_signer_reply reply;

	const ssize_t n = recv(s->fd, bytes, sizeof(bytes), MSG_DONTWAIT | MSG_TRUNC);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return errno == EINTR;
	if (n <= 0)
		hang_up(s, n < 0 ? strerror(errno) : "it hung up");
	else if ((s->stage != ASKED && s->stage != SUBMITTED) || (size_t)n > sizeof(bytes) ||
		 nrm_signer_read_reply(nrm_slice(bytes, (size_t)n), &reply) != NRM_OK)
		hang_up(s, "it speaks another language");
	else if (reply.kind == NRM_SIGNER_NOTE)
		take_note(s, reply.note);
	else if (s->stage == SUBMITTED) {
		/* Its last head may be another one than we thought. */
		stand(s, REFUSING, nrm_signer_refusal_text(reply.refusal));
		ask_last(s);
	} else {
		hang_up(s, nrm_signer_refusal_text(reply.refusal));
	}
	return s->fd >= 0;
}

/* Takes what the signer has said by now. */
static void hear(struct nrm_remote_signer *s)
{
	while (s->fd >= 0 && take_reply(s))
		;
	if ((s->stage == ASKED || s->stage == SUBMITTED) &&
	    nrm_time_monotonic_ms() - s->spoke_ms > SILENCE_MS)
		hang_up(s, "it does not answer");
}

void nrm_remote_signer_meet(struct nrm_remote_signer *s)
{
	if (s->fd < 0)
		dial(s);
	struct pollfd answer = {.fd = s->fd, .events = POLLIN};
	if (s->stage == ASKED && poll(&answer, 1, MEET_MS) > 0)
		hear(s);
}

static enum nrm_err last(void *self, struct nrm_checkpoint *ret_last)
{
	struct nrm_remote_signer *s = self;

	if (s->fd < 0)
		dial(s);
	hear(s);
	if (s->stage == AWAY || s->stage == ASKED)
		return NRM_ERR_AGAIN;
	*ret_last = s->last;
	return NRM_OK;
}

static enum nrm_err submit(void *self, const struct nrm_signing_request *request)
{
	struct nrm_remote_signer *s = self;

	if (s->stage != READY || s->note.len > 0)
		return NRM_ERR_AGAIN;
	nrm_buf_clear(&s->message);
	nrm_signer_put_ask_sign(request, &s->message);
	s->submitted = request->head;
	return say(s, SUBMITTED) ? NRM_OK : NRM_ERR_AGAIN;
}

static enum nrm_err collect(void *self, struct nrm_checkpoint *ret_head, struct nrm_buf *out)
{
	struct nrm_remote_signer *s = self;

	hear(s);
	if (s->note.len == 0)
		return NRM_ERR_NOT_FOUND;
	nrm_buf_put(out, s->note.data, s->note.len);
	if (out->err != NRM_OK)
		return out->err;
	*ret_head = s->submitted;
	nrm_buf_clear(&s->note);
	return NRM_OK;
}

struct nrm_signer nrm_remote_signer_interface(struct nrm_remote_signer *signer)
{
	return (struct nrm_signer){last, submit, collect, signer};
}
