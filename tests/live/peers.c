#include "tests/live/peers.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>
#include <zmq.h>

#include "proto/base/time.h"
#include "tests/live/load.h"
#include "tests/live/must.h"

#define MOST_SOCKETS 8192
#define WELCOME_MS   30000u
#define EVENTS	     256
#define SAY_MS	     2 /* until a connection that took nothing is tried again */

/* A frame that waits to be sent. */
struct said {
	struct said *next;
	struct nrm_buf frame;
};

struct peer {
	struct nrm_client *client;
	struct said *first, **last;
	bool welcome;
	bool mute; /* not to be read */
	bool sent; /* since it was last read: what came meanwhile shows on no descriptor */
};

struct peers {
	void *context;
	int epoll;
	struct peer *peer;
	size_t n, n_welcome, lost;
	size_t said; /* frames that wait, of all */
	uint32_t credit;
	peers_heard *heard;
	void *with;
	struct nrm_buf frame;
	struct nrm_arena arena;
};

static void watch(struct peers *p, size_t i)
{
	struct pollfd fds[NRM_CLIENT_FDS];
	int n = nrm_client_fds(p->peer[i].client, fds);
	int what = p->peer[i].mute ? EPOLL_CTL_DEL : EPOLL_CTL_ADD;

	for (int k = 0; k < n; k++) {
		struct epoll_event event = {.events = EPOLLIN, .data.u64 = i};
		if (epoll_ctl(p->epoll, what, fds[k].fd, &event) != 0 && errno != EEXIST)
			die("epoll: %s", strerror(errno));
	}
}

void peers_mute(struct peers *p, size_t i, bool mute)
{
	p->peer[i].mute = mute;
	p->peer[i].sent = true;
	watch(p, i);
}

static void greet(struct peers *p, size_t i)
{
	struct nrm_buf hello = {0};

	load_hello(p->credit, &hello);
	if (!peers_send(p, i, nrm_buf_slice(&hello)))
		die("a fresh connection takes no frame");
	nrm_buf_done(&hello);
}

static void drop_first(struct peers *p, struct peer *peer)
{
	struct said *said = peer->first;

	peer->first = said->next;
	if (!peer->first)
		peer->last = &peer->first;
	nrm_buf_done(&said->frame);
	free(said);
	p->said--;
}

static void send_said(struct peers *p, size_t i)
{
	struct peer *peer = &p->peer[i];

	while (peer->first && peers_send(p, i, nrm_buf_slice(&peer->first->frame)))
		drop_first(p, peer);
}

void peers_say(struct peers *p, size_t i, struct nrm_buf *frame)
{
	struct said *said = calloc(1, sizeof(*said));

	said->frame = *frame;
	nrm_buf_init(frame);
	*p->peer[i].last = said;
	p->peer[i].last = &said->next;
	p->said++;
	send_said(p, i);
}

/* Everything that there is for one of them. */
static void read_all(struct peers *p, size_t i)
{
	struct peer *peer = &p->peer[i];
	enum nrm_client_event event;
	struct nrm_to_agent frame;

	if (peer->mute)
		return;
	peer->sent = false;
	while ((event = nrm_client_step(peer->client, nrm_time_monotonic_ms())) !=
	       NRM_CLIENT_QUIET) {
		if (event == NRM_CLIENT_FRESH) {
			greet(p, i);
		} else {
			p->lost++;
			p->n_welcome -= peer->welcome;
			peer->welcome = false;
			while (peer->first)
				drop_first(p, peer);
		}
		watch(p, i);
	}
	while (nrm_client_recv(peer->client, &p->frame) == NRM_OK) {
		nrm_arena_reset(&p->arena);
		must(nrm_to_agent_decode(nrm_buf_slice(&p->frame), &p->arena, &frame),
		     "a frame of the broker");
		if (frame.kind == NRM_WELCOME && !peer->welcome) {
			peer->welcome = true;
			p->n_welcome++;
		}
		p->heard(p->with, i, &frame);
	}
}

void peers_turn(struct peers *p, int ms)
{
	struct epoll_event event[EVENTS];

	for (size_t i = 0; i < p->n && p->said > 0; i++)
		send_said(p, i);
	if (p->said > 0 && ms > SAY_MS)
		ms = SAY_MS;
	for (size_t i = 0; i < p->n; i++)
		if (p->peer[i].sent && !p->peer[i].mute) {
			read_all(p, i);
			ms = 0;
		}
	int n = epoll_wait(p->epoll, event, EVENTS, ms);
	for (int k = 0; k < n; k++)
		read_all(p, event[k].data.u64);
	/* A client without a socket has nothing to watch: it makes one when it is time. */
	if (p->n_welcome < p->n)
		for (size_t i = 0; i < p->n; i++)
			if (!p->peer[i].welcome)
				read_all(p, i);
}

bool peers_send(struct peers *p, size_t i, struct nrm_slice frame)
{
	p->peer[i].sent = true;
	return nrm_client_send(p->peer[i].client, frame) == NRM_OK;
}

bool peers_wait(struct peers *p, size_t n, unsigned ms)
{
	for (uint64_t until = nrm_time_monotonic_ms() + ms;;) {
		peers_turn(p, 10);
		if (p->n_welcome == n)
			return true;
		if (nrm_time_monotonic_ms() > until)
			return false;
	}
}

size_t peers_lost(const struct peers *p)
{
	return p->lost;
}

struct peers *peers_open(const struct country *country, struct nrm_identity *const *agency,
			 size_t n, const char *endpoint, uint32_t credit, peers_heard *heard,
			 void *with)
{
	struct peers *p = calloc(1, sizeof(*p));
	struct rlimit files;

	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	*p = (struct peers){.context = zmq_ctx_new(),
			    .epoll = epoll_create1(EPOLL_CLOEXEC),
			    .peer = calloc(n, sizeof(struct peer)),
			    .n = n,
			    .credit = credit,
			    .heard = heard,
			    .with = with};
	zmq_ctx_set(p->context, ZMQ_MAX_SOCKETS, MOST_SOCKETS);
	nrm_arena_init(&p->arena, NRM_MAX_FRAME_ARENA);
	for (size_t i = 0; i < n; i++) {
		struct nrm_client_options options = {.context = p->context, .endpoint = endpoint};
		memcpy(options.broker, nrm_directory_broker_key(country->directory), NRM_KEY_LEN);
		memcpy(options.transport, agency[i]->transport, NRM_KEY_LEN);
		must(nrm_client_new(&options, nrm_time_monotonic_ms(), &p->peer[i].client),
		     "a client");
		p->peer[i].last = &p->peer[i].first;
		watch(p, i);
	}
	if (!peers_wait(p, n, WELCOME_MS))
		die("%zu of %zu agencies were welcome", p->n_welcome, n);
	return p;
}

void peers_close(struct peers *p)
{
	for (size_t i = 0; i < p->n; i++) {
		while (p->peer[i].first)
			drop_first(p, &p->peer[i]);
		nrm_client_free(p->peer[i].client);
	}
	zmq_ctx_term(p->context);
	close(p->epoll);
	nrm_buf_done(&p->frame);
	nrm_arena_done(&p->arena);
	free(p->peer);
	free(p);
}
