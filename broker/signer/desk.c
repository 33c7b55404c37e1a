#include "broker/signer/desk.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "broker/signer/message.h"

/* One broker, and those of its connections whose end is not seen yet. */
#define CALLERS 8

struct nrm_desk {
	struct nrm_desk_options set;
	struct sockaddr_un address;
	int listener;
	int caller[CALLERS]; /* -1: free */
	struct nrm_buf reply;
};

static enum nrm_err bind_socket(struct nrm_desk *desk, mode_t mode)
{
	const struct sockaddr *address = (const struct sockaddr *)&desk->address;
	struct stat st;

	if (lstat(desk->address.sun_path, &st) == 0) {
		if (!S_ISSOCK(st.st_mode))
			return NRM_ERR_EXISTS;
		unlink(desk->address.sun_path);
	}
	const mode_t mask = umask(0777 & ~mode);
	const int bound = bind(desk->listener, address, sizeof(desk->address));
	umask(mask);
	return bound == 0 && listen(desk->listener, CALLERS) == 0 ? NRM_OK : NRM_ERR_IO;
}

enum nrm_err nrm_desk_open(const struct nrm_desk_options *options, struct nrm_desk **ret_desk)
{
	struct nrm_desk *desk = calloc(1, sizeof(*desk));
	enum nrm_err err = NRM_ERR_ARGUMENT;

	if (!desk)
		return NRM_ERR_NOMEM;
	desk->set = *options;
	desk->address.sun_family = AF_UNIX;
	for (size_t i = 0; i < CALLERS; i++)
		desk->caller[i] = -1;
	desk->listener = -1;
	const size_t len = strlen(options->path);
	if (len >= sizeof(desk->address.sun_path))
		goto out;
	memcpy(desk->address.sun_path, options->path, len);
	err = NRM_ERR_IO;
	desk->listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (desk->listener < 0)
		goto out;
	err = bind_socket(desk, options->user == geteuid() ? 0600 : 0660);
	if (err != NRM_OK)
		goto out;
	*ret_desk = desk;
	return NRM_OK;
out:
	if (desk->listener >= 0)
		close(desk->listener);
	free(desk);
	return err;
}

static void hang_up(int *caller)
{
	if (*caller >= 0)
		close(*caller);
	*caller = -1;
}

void nrm_desk_close(struct nrm_desk *desk)
{
	if (!desk)
		return;
	for (size_t i = 0; i < CALLERS; i++)
		hang_up(&desk->caller[i]);
	close(desk->listener);
	unlink(desk->address.sun_path);
	nrm_buf_done(&desk->reply);
	free(desk);
}

enum nrm_signer_refusal nrm_desk_answer(struct nrm_notary *notary, struct nrm_slice message,
					struct nrm_buf *out)
{
	enum nrm_signer_refusal refusal = NRM_SIGNER_SIGNED;
	struct nrm_signer_request request;

	if (nrm_signer_read_request(message, &request) != NRM_OK)
		refusal = NRM_SIGNER_MALFORMED;
	else if (request.ask == NRM_SIGNER_ASK_SIGN)
		refusal = nrm_notary_sign(notary, &request.sign);
	if (refusal == NRM_SIGNER_SIGNED)
		nrm_signer_put_note(nrm_notary_note(notary), out);
	else
		nrm_signer_put_refused(refusal, out);
	return refusal;
}

/* A refusal is always told: somebody asked for a second trail, or a disk is full. */
static void tell(struct nrm_desk *desk, enum nrm_signer_refusal refusal)
{
	const unsigned long long size = nrm_notary_last(desk->set.notary)->size;
	char pairs[160];

	snprintf(pairs, sizeof(pairs), "reason=\"%s\" last=%llu", nrm_signer_refusal_text(refusal),
		 size);
	if (refusal != NRM_SIGNER_SIGNED)
		desk->set.report(NRM_LOG_ERROR, "refused", pairs);
}

static void serve(struct nrm_desk *desk, int *caller)
{
	uint8_t message[NRM_SIGNER_MAX_REQUEST];
	ssize_t n = recv(*caller, message, sizeof(message), MSG_DONTWAIT | MSG_TRUNC);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		hang_up(caller);
		return;
	}
	/* What does not fit is malformed, as is nothing at all. */
	const size_t len = (size_t)n <= sizeof(message) ? (size_t)n : 0;
	nrm_buf_clear(&desk->reply);
	tell(desk, nrm_desk_answer(desk->set.notary, nrm_slice(message, len), &desk->reply));
	/* Who does not read the answers is not waited for. */
	if (desk->reply.err != NRM_OK ||
	    send(*caller, desk->reply.data, desk->reply.len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		hang_up(caller);
}

static void take_caller(struct nrm_desk *desk)
{
	struct ucred peer = {.uid = (uid_t)-1};
	socklen_t size = sizeof(peer);
	char pairs[32];
	size_t free_place = 0;

	int fd = accept4(desk->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return;
	while (free_place < CALLERS && desk->caller[free_place] >= 0)
		free_place++;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 ||
	    peer.uid != desk->set.user) {
		snprintf(pairs, sizeof(pairs), "uid=%lu", (unsigned long)peer.uid);
		desk->set.report(NRM_LOG_ERROR, "stranger", pairs);
		close(fd);
	} else if (free_place == CALLERS) {
		close(fd);
	} else {
		desk->caller[free_place] = fd;
	}
}

enum nrm_err nrm_desk_serve(struct nrm_desk *desk, int stop)
{
	struct pollfd fds[2 + CALLERS];

	for (;;) {
		fds[0] = (struct pollfd){.fd = stop, .events = POLLIN};
		fds[1] = (struct pollfd){.fd = desk->listener, .events = POLLIN};
		for (size_t i = 0; i < CALLERS; i++) /* poll() passes over -1 */
			fds[2 + i] = (struct pollfd){.fd = desk->caller[i], .events = POLLIN};
		if (poll(fds, 2 + CALLERS, -1) < 0 && errno != EINTR)
			return NRM_ERR_IO;
		if (fds[0].revents)
			return NRM_OK;
		for (size_t i = 0; i < CALLERS; i++)
			if (fds[2 + i].revents)
				serve(desk, &desk->caller[i]);
		if (fds[1].revents)
			take_caller(desk);
	}
}
