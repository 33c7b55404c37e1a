/*
 * Enrolled agencies that send more than can be verified, read nothing, and hang up in the middle of it, over and over: the
 * broker stays up, and others are served again as soon as it is over. (libzmq 4.3.4 aborts a process whose own heartbeat finds
 * that a peer hung up while its frames were not being read.)
 */
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "proto/base/time.h"
#include "tests/live/must.h"
#include "tests/live/process.h"
#include "tests/live/traffic.h"

#define FLOODERS 24
#define ITEMS	 128u	/* referrals with a signature each, in a frame */
#define FLOOD_MS 25000u /* more than two of the broker's heartbeats, if it has any */
#define HOLD_MS	 1200u	/* that a connection lasts */
#define LOOK_MS	 50
#define ROUND_MS 60000u

/* The first police unit behaves; the others flood. */
enum { GOOD, FIRST_FLOODER, AGENCIES = FIRST_FLOODER + FLOODERS };

static void pause_ms(unsigned ms)
{
	nanosleep(&(struct timespec){.tv_nsec = ms * 1000000l}, NULL);
}

struct flooder {
	struct nrm_client *client;
	struct nrm_buf frame;
	uint64_t until_ms;
};

static void make_frame(const struct country *c, size_t police, struct nrm_buf *frame)
{
	struct nrm_envelope envelope[ITEMS];
	struct load_case of = {{0}};
	struct nrm_arena arena;

	nrm_arena_init(&arena, NRM_MAX_FRAME_ARENA);
	for (size_t i = 0; i < ITEMS; i++)
		envelope[i] = load_referral(c->police[police], c->shelter[0], &of, LOAD_FIELDS, 0,
					    nrm_time_now_ms(), &arena);
	load_submit(c->police[police], envelope, ITEMS, false, frame);
	nrm_arena_done(&arena);
}

static void turn(struct flooder *f, const struct country *c, size_t police, const char *endpoint)
{
	struct nrm_client_options options = {.context = NULL, .endpoint = endpoint};
	const uint64_t now = nrm_time_monotonic_ms();
	struct nrm_buf hello = {0};

	if (now > f->until_ms) {
		nrm_client_free(f->client);
		memcpy(options.broker, nrm_directory_broker_key(c->directory), NRM_KEY_LEN);
		memcpy(options.transport, c->police[police]->transport, NRM_KEY_LEN);
		must(nrm_client_new(&options, now, &f->client), "a client");
		f->until_ms = now + HOLD_MS;
	}
	if (nrm_client_step(f->client, now) == NRM_CLIENT_FRESH) {
		load_hello(0, &hello);
		(void)!nrm_client_send(f->client, nrm_buf_slice(&hello));
		nrm_buf_done(&hello);
	}
	while (nrm_client_send(f->client, nrm_buf_slice(&f->frame)) == NRM_OK)
		;
}

/* Floods until it is killed, or libzmq ends it. */
static void flood(const char *dir)
{
	static struct flooder flooder[FLOODERS];
	char endpoint[NRM_MAX_ENDPOINT + 1];
	struct country country;

	country_load(&country, dir);
	const struct nrm_slice at = nrm_directory_broker_endpoint(country.directory);
	snprintf(endpoint, sizeof(endpoint), "%.*s", (int)at.len, (const char *)at.data);
	for (size_t i = 0; i < FLOODERS; i++)
		make_frame(&country, FIRST_FLOODER + i, &flooder[i].frame);
	for (;;) {
		for (size_t i = 0; i < FLOODERS; i++)
			turn(&flooder[i], &country, FIRST_FLOODER + i, endpoint);
		pause_ms(1);
	}
}

/* Runs the flood for its time; whether the broker outlived it. */
static bool survives(struct process *broker, const char *self, const char *dir)
{
	const char *const argv[] = {self, "--flood", dir, NULL};
	const uint64_t until = nrm_time_monotonic_ms() + FLOOD_MS;
	struct process flooder = {0};
	char log[PATH_MAX];
	uint64_t most_kib = 0;

	snprintf(log, sizeof(log), "%s/flood.log", dir);
	while (process_runs(broker) && nrm_time_monotonic_ms() < until) {
		if (!process_runs(&flooder))
			process_start(&flooder, log, argv);
		uint64_t kib = process_anon_kib(broker->pid);
		most_kib = kib > most_kib ? kib : most_kib;
		pause_ms(LOOK_MS);
	}
	process_end(&flooder, SIGKILL);
	printf("the broker %s; at most %llu KiB of anonymous memory\n",
	       process_runs(broker) ? "stays up" : "is gone", (unsigned long long)most_kib);
	return process_runs(broker);
}

int main(int argc, char **argv)
{
	char endpoint[COUNTRY_ENDPOINT];
	const struct country_options options = {
		.police = AGENCIES, .shelters = 1, .endpoint = endpoint};
	struct process broker = {0};
	struct country country;
	struct traffic traffic;
	bool good;

	must(nrm_crypto_init(), "crypto");
	if (argc == 3 && strcmp(argv[1], "--flood") == 0)
		flood(argv[2]);
	if (argc != 2)
		die("usage: flood FOLDER, which must not exist");
	country_endpoint(endpoint);
	country_make(argv[1], &options);
	country_load(&country, argv[1]);
	broker_start(&broker, argv[1], NULL);
	good = survives(&broker, argv[0], argv[1]);
	if (good) {
		traffic_open(&traffic, &country, 1, 1, TRAFFIC_BATCH);
		traffic_refer(&traffic, GOOD, 0);
		good = traffic_until(&traffic, &traffic.acknowledged, TRAFFIC_BATCH, ROUND_MS);
		printf("afterwards %zu of %u referrals are acknowledged\n", traffic.acknowledged,
		       TRAFFIC_BATCH);
		traffic_close(&traffic);
	}
	process_end(&broker, SIGTERM);
	country_done(&country);
	printf("%d passed, %d failed\n", good, !good);
	return good ? 0 : 1;
}
