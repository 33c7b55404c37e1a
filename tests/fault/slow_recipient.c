/*
 * Peers that take less than they are given: a shelter that never reads its connection, one that reads and never
 * acknowledges, a police unit that never reads its receipts. Beside each of them other agencies refer and acknowledge, which may not
 * be held up by it, nor may the broker's memory grow with what it does not take. In the end it gets all that
 * waited for it.
 */
#include <string.h>
#include <unistd.h>

#include "proto/base/time.h"
#include "tests/live/must.h"
#include "tests/live/process.h"
#include "tests/live/traffic.h"

#define BATCHES	    64 /* that one sender sends one recipient */
#define SLOWER	    4u /* times slower is not held up: two senders share the machine */
#define ROUND_MS    60000u
#define MORE_KIB    (16u * 1024)
#define UNREAD_SENDS 64
#define CREDIT	    4096u

/* The first police unit and shelter are well behaved, the second ones are not. */
enum { GOOD, BAD };

struct scene {
	const char *dir;
	struct process broker;
	struct country country;
	uint64_t alone_ms; /* what the well-behaved take when they are alone */
};

/* The good ones do a round's work; how long that took, 0: too long. */
static uint64_t work(struct traffic *t)
{
	const uint64_t start = nrm_time_monotonic_ms();
	const size_t first = t->n;

	for (size_t i = 0; i < BATCHES; i++)
		traffic_refer(t, GOOD, GOOD);
	for (size_t i = first; i < t->n; i++)
		if (!traffic_until_acknowledged(t, i, ROUND_MS))
			return 0;
	return nrm_time_monotonic_ms() - start + 1;
}

/* A connection of an agency that says Hello, sends what it is given, and is not read. */
static struct nrm_client *connect_mute(struct scene *s, const struct nrm_identity *agency)
{
	const struct nrm_slice endpoint = nrm_directory_broker_endpoint(s->country.directory);
	struct nrm_client_options options = {.context = NULL};
	struct nrm_buf hello = {0};
	char text[NRM_MAX_ENDPOINT + 1];
	struct nrm_client *client;

	snprintf(text, sizeof(text), "%.*s", (int)endpoint.len, (const char *)endpoint.data);
	options.endpoint = text;
	memcpy(options.broker, nrm_directory_broker_key(s->country.directory), NRM_KEY_LEN);
	memcpy(options.transport, agency->transport, NRM_KEY_LEN);
	must(nrm_client_new(&options, nrm_time_monotonic_ms(), &client), "a client");
	while (nrm_client_step(client, nrm_time_monotonic_ms()) != NRM_CLIENT_FRESH)
		usleep(1000);
	load_hello(CREDIT, &hello);
	must(nrm_client_send(client, nrm_buf_slice(&hello)), "a Hello");
	nrm_buf_done(&hello);
	return client;
}

/* Whether the good ones were as fast as may be, and the broker as small. */
static bool judge(struct scene *s, const char *name, uint64_t took_ms, uint64_t before_kib)
{
	const uint64_t kib = process_anon_kib(s->broker.pid);
	bool good = took_ms > 0 && took_ms <= SLOWER * s->alone_ms && kib <= before_kib + MORE_KIB;

	printf("%s: others took %llu ms (alone %llu), the broker %llu KiB (before %llu)%s\n", name,
	       (unsigned long long)took_ms, (unsigned long long)s->alone_ms, (unsigned long long)kib,
	       (unsigned long long)before_kib, good ? "" : ": FAILED");
	return good;
}

/* What waited for the bad shelter comes once it behaves: each referral once, and is acknowledged. */
static bool catch_up(struct scene *s, struct traffic *t)
{
	struct traffic_view { int unused; };
	(void)s;
	return traffic_until(t, &t->acknowledged, t->n, ROUND_MS);
}
