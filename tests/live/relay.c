#include "tests/live/relay.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/live/must.h"

#define MOST_PAIRS 64
#define PIECE	   65536

struct pair {
	int fd[2]; /* agent, broker */
	bool open, frozen;
};

struct relay {
	int listener, wake;
	struct sockaddr_in to;
	pthread_t thread;
	pthread_mutex_t lock; /* of the pairs */
	struct pair pair[MOST_PAIRS];
	atomic_bool over;
};

static struct sockaddr_in address_of(const char *endpoint)
{
	const char *port = strrchr(endpoint, ':');

	return (struct sockaddr_in){.sin_family = AF_INET,
				    .sin_port = htons((uint16_t)atoi(port + 1)),
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void end(struct pair *pair)
{
	close(pair->fd[0]);
	close(pair->fd[1]);
	pair->open = pair->frozen = false;
}

static void begin(struct relay *r)
{
	int agent = accept4(r->listener, NULL, NULL, SOCK_CLOEXEC);
	int broker = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	size_t i = 0;

	while (i < MOST_PAIRS && r->pair[i].open)
		i++;
	if (i == MOST_PAIRS)
		die("the relay has too many connections");
	r->pair[i] = (struct pair){.fd = {agent, broker}, .open = true};
	if (connect(broker, (struct sockaddr *)&r->to, sizeof(r->to)) != 0)
		end(&r->pair[i]);
}

/* Moves what there is from one side to the other; false at the end of either. */
static bool move(int from, int to)
{
	static char bytes[PIECE];
	ssize_t n = recv(from, bytes, sizeof(bytes), 0);

	for (ssize_t done = 0; done < n;) {
		ssize_t sent = send(to, bytes + done, (size_t)(n - done), MSG_NOSIGNAL);
		if (sent < 0)
			return false;
		done += sent;
	}
	return n > 0;
}

/* Sides 2i and 2i + 1 are those of pair i. */
static nfds_t watch(struct relay *r, struct pollfd *fds, unsigned *side)
{
	nfds_t n = 0;

	fds[n++] = (struct pollfd){.fd = r->wake, .events = POLLIN};
	fds[n++] = (struct pollfd){.fd = r->listener, .events = POLLIN};
	for (unsigned i = 0; i < 2 * MOST_PAIRS; i++)
		if (r->pair[i / 2].open && !r->pair[i / 2].frozen) {
			side[n] = i;
			fds[n++] =
				(struct pollfd){.fd = r->pair[i / 2].fd[i % 2], .events = POLLIN};
		}
	return n;
}

static void *relay(void *arg)
{
	struct pollfd fds[2 + 2 * MOST_PAIRS];
	unsigned side[2 + 2 * MOST_PAIRS];
	struct relay *r = arg;
	eventfd_t count;

	while (!r->over) {
		pthread_mutex_lock(&r->lock);
		nfds_t n = watch(r, fds, side);
		pthread_mutex_unlock(&r->lock);
		poll(fds, n, -1);
		pthread_mutex_lock(&r->lock);
		if (fds[0].revents)
			eventfd_read(r->wake, &count);
		for (nfds_t i = 2; i < n; i++) {
			struct pair *pair = &r->pair[side[i] / 2];
			unsigned from = side[i] % 2;
			if (fds[i].revents && pair->open && !pair->frozen &&
			    !move(pair->fd[from], pair->fd[!from]))
				end(pair);
		}
		if (fds[1].revents)
			begin(r);
		pthread_mutex_unlock(&r->lock);
	}
	return NULL;
}

struct relay *relay_open(const char *from, const char *to)
{
	struct sockaddr_in here = address_of(from);
	struct relay *r = calloc(1, sizeof(*r));
	const int one = 1;

	r->to = address_of(to);
	r->wake = eventfd(0, EFD_CLOEXEC);
	r->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(r->listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	pthread_mutex_init(&r->lock, NULL);
	if (bind(r->listener, (struct sockaddr *)&here, sizeof(here)) != 0 ||
	    listen(r->listener, MOST_PAIRS) != 0 || pthread_create(&r->thread, NULL, relay, r) != 0)
		die("the relay cannot listen on %s", from);
	return r;
}

size_t relay_freeze(struct relay *r)
{
	size_t n = 0;

	pthread_mutex_lock(&r->lock);
	for (size_t i = 0; i < MOST_PAIRS; i++)
		if (r->pair[i].open && !r->pair[i].frozen) {
			r->pair[i].frozen = true;
			n++;
		}
	pthread_mutex_unlock(&r->lock);
	eventfd_write(r->wake, 1);
	return n;
}

void relay_close(struct relay *r)
{
	r->over = true;
	eventfd_write(r->wake, 1);
	pthread_join(r->thread, NULL);
	for (size_t i = 0; i < MOST_PAIRS; i++)
		if (r->pair[i].open)
			end(&r->pair[i]);
	close(r->listener);
	close(r->wake);
	pthread_mutex_destroy(&r->lock);
	free(r);
}
