/*
 * Peers that take less than they are given: a shelter that does not read its connection, one that reads and does not
 * acknowledge, a police unit that does not read its receipts. Beside each of them other agencies refer and acknowledge: these
 * may not be held up, nor may the broker's memory grow with what the slow one does not take. In the end it takes
 * all that waited for it.
 */
#include <string.h>
#include <unistd.h>

#include "proto/base/time.h"
#include "tests/live/must.h"
#include "tests/live/process.h"
#include "tests/live/traffic.h"

#define BATCHES	 64	      /* that one sender sends one recipient in a round */
#define SLOWER	 5u	      /* times the work alone took, and SPARE_MS */
#define SPARE_MS 2000u	      /* for what else the machine does */
#define MORE_KIB (16u * 1024) /* that the broker may grow by */
#define FULL_KIB \
	(40u *   \
	 1024) /* when its queues are full: 8 MiB to verify and 8 to decide, with what they decode to */
#define ROUND_MS 60000u
#define CREDIT	 4096u

/* The first police unit and shelter behave, the second ones do not; a third unit has a process of its own. */
enum { GOOD, BAD, AGENCIES, MUTE = AGENCIES };

struct scene {
	const char *self, *dir;
	struct process broker;
	struct country country;
	struct traffic traffic;
	uint64_t alone_ms; /* what the well-behaved take when they are alone */
	uint64_t before_kib;
};

static size_t peer_of_shelter(size_t shelter)
{
	return AGENCIES + shelter;
}

/* The well-behaved do a round's work; how long that took, 0: too long. */
static uint64_t work(struct scene *s)
{
	struct traffic *t = &s->traffic;
	const uint64_t start = nrm_time_monotonic_ms();
	const size_t goal = t->acknowledged + BATCHES * TRAFFIC_BATCH;

	for (size_t i = 0; i < BATCHES; i++)
		traffic_refer(t, GOOD, GOOD);
	return traffic_until(t, &t->acknowledged, goal, ROUND_MS)
		       ? nrm_time_monotonic_ms() - start + 1
		       : 0;
}

/* Whether they were about as fast as alone, and the broker about as small as before. */
static bool judge(struct scene *s, const char *name, uint64_t more_kib)
{
	const uint64_t took_ms = work(s), kib = process_anon_kib(s->broker.pid);
	bool good = took_ms > 0 && took_ms <= SLOWER * s->alone_ms + SPARE_MS &&
		    kib <= s->before_kib + more_kib;

	printf("%s: others took %llu ms (alone %llu), the broker %llu KiB (before %llu)%s\n", name,
	       (unsigned long long)took_ms, (unsigned long long)s->alone_ms,
	       (unsigned long long)kib, (unsigned long long)s->before_kib, good ? "" : ": FAILED");
	return good;
}

/* Whether all that was sent so far ends acknowledged, once. */
static bool catch_up(struct scene *s)
{
	struct traffic *t = &s->traffic;
	bool good = traffic_until(t, &t->acknowledged, t->n, ROUND_MS);

	for (size_t i = 0; i < t->n; i++)
		good = good && t->fate[i].receipts == 2;
	printf("in the end %zu of %zu are acknowledged%s\n", t->acknowledged, t->n,
	       good ? "" : ": FAILED");
	return good;
}

static void refer_to_bad(struct scene *s)
{
	for (size_t i = 0; i < BATCHES; i++)
		traffic_refer(&s->traffic, BAD, BAD);
}

static bool a_shelter_reads_nothing(struct scene *s)
{
	peers_mute(s->traffic.peers, peer_of_shelter(BAD), true);
	refer_to_bad(s);
	bool good = judge(s, "a shelter that reads nothing", MORE_KIB);
	peers_mute(s->traffic.peers, peer_of_shelter(BAD), false);
	return catch_up(s) && good;
}

static bool a_shelter_never_acknowledges(struct scene *s)
{
	struct nrm_buf hello = {0};

	s->traffic.deaf[BAD] = true;
	refer_to_bad(s);
	bool good = judge(s, "a shelter that acknowledges nothing", MORE_KIB);
	s->traffic.deaf[BAD] = false;
	load_hello(CREDIT, &hello); /* what is in flight comes again */
	if (!peers_send(s->traffic.peers, peer_of_shelter(BAD), nrm_buf_slice(&hello)))
		die("the broker takes no Hello");
	nrm_buf_done(&hello);
	return catch_up(s) && good;
}

/*
 * A police unit that sends the same frame for ever and reads nothing: a process of its own, for libzmq aborts one whose
 * peer hangs up while it is not reading.
 */
static void send_without_reading(const char *dir)
{
	struct load_case cases[LOAD_FACT_CASES];
	struct nrm_buf hello = {0}, facts = {0};
	struct nrm_client_options options = {.context = NULL};
	char endpoint[NRM_MAX_ENDPOINT + 1];
	struct nrm_client *client;
	struct country country;

	country_load(&country, dir);
	const struct nrm_slice at = nrm_directory_broker_endpoint(country.directory);
	snprintf(endpoint, sizeof(endpoint), "%.*s", (int)at.len, (const char *)at.data);
	options.endpoint = endpoint;
	memcpy(options.broker, nrm_directory_broker_key(country.directory), NRM_KEY_LEN);
	memcpy(options.transport, country.police[MUTE]->transport, NRM_KEY_LEN);
	must(nrm_client_new(&options, nrm_time_monotonic_ms(), &client), "a client");
	load_hello(0, &hello);
	load_facts(country.police[MUTE], cases, LOAD_FACT_CASES, nrm_time_now_ms(), &facts);
	for (;;) {
		if (nrm_client_step(client, nrm_time_monotonic_ms()) == NRM_CLIENT_FRESH)
			must(nrm_client_send(client, nrm_buf_slice(&hello)), "a Hello");
		if (nrm_client_send(client, nrm_buf_slice(&facts)) != NRM_OK)
			usleep(1000);
	}
}

static bool a_sender_reads_no_receipts(struct scene *s)
{
	const char *const argv[] = {s->self, "--sender", s->dir, NULL};
	struct process sender;
	char log[PATH_MAX];

	snprintf(log, sizeof(log), "%s/sender.log", s->dir);
	process_start(&sender, log, argv);
	bool good = judge(s, "a sender that reads no receipts", FULL_KIB);
	process_end(&sender, SIGKILL);
	return catch_up(s) && good;
}

int main(int argc, char **argv)
{
	static bool (*const round[])(struct scene *) = {
		a_shelter_reads_nothing, a_shelter_never_acknowledges, a_sender_reads_no_receipts};
	const size_t rounds = sizeof(round) / sizeof(round[0]);
	char endpoint[COUNTRY_ENDPOINT];
	const struct country_options options = {
		.police = MUTE + 1, .shelters = AGENCIES, .endpoint = endpoint};
	static struct scene s;
	size_t good = 0;

	must(nrm_crypto_init(), "crypto");
	if (argc == 3 && strcmp(argv[1], "--sender") == 0)
		send_without_reading(argv[2]);
	if (argc != 2)
		die("usage: slow_recipient FOLDER, which must not exist");
	s.self = argv[0];
	s.dir = argv[1];
	country_endpoint(endpoint);
	country_make(argv[1], &options);
	country_load(&s.country, argv[1]);
	broker_start(&s.broker, argv[1], NULL);
	traffic_open(&s.traffic, &s.country, AGENCIES, AGENCIES,
		     3 * (rounds + 1) * BATCHES * TRAFFIC_BATCH);
	s.alone_ms = work(&s);
	s.before_kib = process_anon_kib(s.broker.pid);
	for (size_t i = 0; i < rounds; i++)
		good += round[i](&s);
	traffic_close(&s.traffic);
	process_end(&s.broker, SIGTERM);
	country_done(&s.country);
	printf("%zu passed, %zu failed\n", good, rounds - good);
	return good == rounds ? 0 : 1;
}
