/*
 * Connections that go half-open: they stay, and nothing moves over them any more, as when a router loses its tables. Both
 * agents talk to the broker through relays of ours. A round is good when within seconds everything referred before and
 * meanwhile is in the inbox once, and decided and acknowledged in the trail.
 */
#include <time.h>
#include <unistd.h>

#include "proto/base/time.h"
#include "tests/live/country.h"
#include "tests/live/ledger.h"
#include "tests/live/must.h"
#include "tests/live/relay.h"

#define REFERRALS 40 /* before, and again while it is frozen */
#define BACK_MS	  20000u
#define LOOK_MS	  20

enum { POLICE, SHELTER, AGENTS };

struct scene {
	const char *dir;
	struct process broker;
	struct agent agent[AGENTS];
	struct relay *relay[AGENTS];
	struct ledger ledger;
	int connection;
};

static void refer(struct scene *s, unsigned n)
{
	while (n-- > 0) {
		json_t *answer = agent_must(&s->connection, &s->agent[POLICE],
					    agent_referral("case", "shelter-000"));
		ledger_accepted(&s->ledger, answer);
		json_decref(answer);
	}
}

static bool arrives(struct scene *s)
{
	const uint64_t until = nrm_time_monotonic_ms() + BACK_MS;

	for (;;) {
		ledger_read_inboxes(&s->ledger, &s->agent[SHELTER], 1);
		const char *fault = ledger_read_trail(&s->ledger, s->dir);
		if (!fault && ledger_holds(&s->ledger))
			return true;
		if (nrm_time_monotonic_ms() > until) {
			printf("trail: %s\n", fault ? fault : "verifies");
			ledger_print(&s->ledger);
			return false;
		}
		nanosleep(&(struct timespec){.tv_nsec = LOOK_MS * 1000000l}, NULL);
	}
}

/* Freezes what there is; on a busy machine an agent may just be between two connections, so looks again. */
static size_t freeze(struct relay *relay)
{
	const uint64_t until = nrm_time_monotonic_ms() + BACK_MS;
	size_t frozen;

	while ((frozen = relay_freeze(relay)) == 0 && nrm_time_monotonic_ms() < until)
		nanosleep(&(struct timespec){.tv_nsec = LOOK_MS * 1000000l}, NULL);
	return frozen;
}

static bool round_is_good(struct scene *s, const char *name, bool police, bool shelter)
{
	size_t frozen = 0;

	refer(s, REFERRALS);
	uint64_t start = nrm_time_monotonic_ms();
	if (police)
		frozen += freeze(s->relay[POLICE]);
	if (shelter)
		frozen += freeze(s->relay[SHELTER]);
	refer(s, REFERRALS);
	bool good = arrives(s) && frozen >= (size_t)police + shelter;
	printf("%s: %zu connections frozen, all there after %llu ms%s\n", name, frozen,
	       (unsigned long long)(nrm_time_monotonic_ms() - start), good ? "" : ": FAILED");
	return good;
}

static void set_up(struct scene *s)
{
	char endpoint[COUNTRY_ENDPOINT], relayed[AGENTS][COUNTRY_ENDPOINT];
	const struct country_options options = {.police = 1,
						.shelters = 1,
						.endpoint = endpoint,
						.police_endpoint = relayed[POLICE],
						.shelter_endpoint = relayed[SHELTER]};

	country_endpoint(endpoint);
	for (size_t i = 0; i < AGENTS; i++) {
		country_endpoint(relayed[i]);
		s->relay[i] = relay_open(relayed[i], endpoint);
	}
	country_make(s->dir, &options);
	broker_start(&s->broker, s->dir, NULL);
	agent_start(&s->agent[POLICE], s->dir, "police-000");
	agent_start(&s->agent[SHELTER], s->dir, "shelter-000");
	s->connection = -1;
	agent_wait_directory(&s->connection, &s->agent[POLICE]);
	agent_state_facts(&s->connection, &s->agent[POLICE], "case");
	ledger_init(&s->ledger);
}

static void tear_down(struct scene *s)
{
	close(s->connection);
	for (size_t i = 0; i < AGENTS; i++)
		process_end(&s->agent[i].process, SIGTERM);
	process_end(&s->broker, SIGTERM);
	for (size_t i = 0; i < AGENTS; i++)
		relay_close(s->relay[i]);
	ledger_done(&s->ledger);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		bool police, shelter;
	} rounds[] = {{"the sender's", true, false},
		      {"the recipient's", false, true},
		      {"both", true, true}};
	static struct scene s;
	int good = 0;

	if (argc != 2)
		die("usage: half_open FOLDER, which must not exist");
	must(nrm_crypto_init(), "crypto");
	s.dir = argv[1];
	set_up(&s);
	for (size_t i = 0; i < 3; i++)
		good += round_is_good(&s, rounds[i].name, rounds[i].police, rounds[i].shelter);
	tear_down(&s);
	printf("%d passed, %d failed\n", good, 3 - good);
	return good == 3 ? 0 : 1;
}
