/*
 * Two hundred connections at once: all are welcome, a hundred senders reach a hundred recipients, and when the broker is
 * killed all come back and go on.
 */
#include <unistd.h>

#include "tests/live/must.h"
#include "tests/live/process.h"
#include "tests/live/traffic.h"

#define EACH	  100 /* police units, and shelters */
#define ROUND_MS  60000u
#define MOST_KIB  (48u * 1024)
#define REFERRALS (EACH * TRAFFIC_BATCH)
#define RETURN_MS 30000u

/* Each police unit sends a batch to a shelter of its own. */
static bool all_refer(struct traffic *t, unsigned round)
{
	const size_t before = t->n;

	for (size_t i = 0; i < EACH; i++)
		traffic_refer(t, i, (i + round) % EACH);
	bool good = traffic_until(t, &t->acknowledged, t->n, ROUND_MS);
	for (size_t i = before; i < t->n; i++)
		good = good && t->fate[i].delivered == 1;
	printf("%zu of %zu referrals acknowledged\n", t->acknowledged, t->n);
	return good;
}

int main(int argc, char **argv)
{
	char endpoint[COUNTRY_ENDPOINT];
	const struct country_options options = {
		.police = EACH, .shelters = EACH, .endpoint = endpoint};
	struct process broker = {0};
	struct country country;
	struct traffic traffic;
	int good = 0;

	if (argc != 2)
		die("usage: connections FOLDER, which must not exist");
	must(nrm_crypto_init(), "crypto");
	country_endpoint(endpoint);
	country_make(argv[1], &options);
	country_load(&country, argv[1]);
	broker_start(&broker, argv[1], NULL);
	traffic_open(&traffic, &country, EACH, EACH, 2 * REFERRALS);
	good += all_refer(&traffic, 0);
	uint64_t kib = process_anon_kib(broker.pid);
	printf("%llu KiB of anonymous memory with %d connections\n", (unsigned long long)kib,
	       2 * EACH);
	good += kib <= MOST_KIB;
	process_end(&broker, SIGKILL);
	bool back = peers_wait(traffic.peers, 0, RETURN_MS);
	broker_start(&broker, argv[1], NULL);
	back = back && peers_wait(traffic.peers, 2 * EACH, RETURN_MS);
	printf("%s after the broker was killed\n", back ? "all are back" : "not all are back");
	good += back && all_refer(&traffic, 1);
	traffic_close(&traffic);
	process_end(&broker, SIGTERM);
	country_done(&country);
	printf("%d passed, %d failed\n", good, 3 - good);
	return good == 3 ? 0 : 1;
}
