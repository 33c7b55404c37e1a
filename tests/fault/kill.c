/*
 * Kills broker and agents with -9 at random moments under load, and starts them again. A round is good when afterwards
 * every referral that its agent said it has lies in its recipient's inbox exactly once, is decided and acknowledged in
 * the trail, and the trail verifies and goes on from that of the round before. In the end every sender knows of every
 * acknowledgement.
 */
#include <argp.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "proto/base/time.h"
#include "tests/live/country.h"
#include "tests/live/ledger.h"
#include "tests/live/must.h"

#define POLICE	  3
#define SHELTERS  3
#define CASES	  4 /* of each police unit */
#define SETTLE_MS 30000u
#define TELL_MS \
	90000u /* within which a sender knows of every acknowledgement: it asks once a minute */
#define LOOK_MS 10

struct arguments {
	const char *dir, *policy;
	unsigned rounds;
	uint64_t seed;
};

struct load {
	struct scene *scene;
	const struct agent *agent;
	pthread_t thread;
	atomic_bool busy;
};

struct scene {
	const struct arguments *set;
	struct process broker;
	struct agent agent[POLICE + SHELTERS]; /* police units first */
	struct ledger ledger;
	struct load load[POLICE];
	atomic_bool loading, over;
	uint64_t random;
};

static void pause_ms(unsigned ms)
{
	nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000l}, NULL);
}

/* SplitMix64: the same seed makes the same kills. */
static unsigned draw(struct scene *s, unsigned below)
{
	uint64_t z = s->random += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (unsigned)((z ^ z >> 31) % below);
}

/* --- load: one thread for each police unit, which refers as fast as its agent answers --- */

static void refer_once(struct load *load, int *connection, unsigned n)
{
	char case_name[16], shelter[16];

	snprintf(case_name, sizeof(case_name), "case-%u", n % CASES);
	snprintf(shelter, sizeof(shelter), "shelter-%03u", n % SHELTERS);
	json_t *answer = agent_ask(connection, load->agent, agent_referral(case_name, shelter));
	if (!answer)
		pause_ms(1); /* it was killed: it comes back */
	else if (json_is_true(json_object_get(answer, "ok")))
		ledger_accepted(&load->scene->ledger, answer);
	else
		die("%s: %s", load->agent->name,
		    json_string_value(json_object_get(answer, "error")));
	json_decref(answer);
	pause_ms(2);
}

static void *refer(void *arg)
{
	struct load *load = arg;
	int connection = -1;
	unsigned n = 0;

	while (!load->scene->over) {
		load->busy = load->scene->loading;
		if (load->busy)
			refer_once(load, &connection, n++);
		else
			pause_ms(1);
	}
	close(connection);
	return NULL;
}

static void stop_load(struct scene *s)
{
	s->loading = false;
	for (size_t i = 0; i < POLICE; i++)
		while (s->load[i].busy)
			pause_ms(1);
}

/* --- a round --- */

static void kill_one(struct scene *s)
{
	const unsigned victim = draw(s, 2 * (POLICE + SHELTERS));
	const unsigned down_ms = draw(s, 2) ? draw(s, 100) : 0;

	if (victim < POLICE + SHELTERS) {
		process_end(&s->agent[victim].process, SIGKILL);
		pause_ms(down_ms);
		agent_restart(&s->agent[victim]);
	} else {
		process_end(&s->broker, SIGKILL);
		pause_ms(down_ms);
		broker_start(&s->broker, s->set->dir, NULL);
	}
}

/* Waits until a figure of all senders is zero. */
static bool drained(struct scene *s, const char *figure, uint64_t until_ms)
{
	bool good = true;

	for (size_t i = 0; good && i < POLICE; i++) {
		int connection = -1;
		json_int_t left;

		while ((left = agent_figure(&connection, &s->agent[i], figure)) > 0 &&
		       nrm_time_monotonic_ms() < until_ms)
			pause_ms(LOOK_MS);
		if (left > 0)
			printf("%s: %s %lld\n", s->agent[i].name, figure, (long long)left);
		good = left == 0;
		close(connection);
	}
	return good;
}

/* Waits until every referral is where it belongs and the trail says so too. */
static bool settle(struct scene *s)
{
	const uint64_t until = nrm_time_monotonic_ms() + SETTLE_MS;
	const char *fault;

	if (!drained(s, "queued", until))
		return false;
	for (;;) {
		ledger_read_inboxes(&s->ledger, s->agent + POLICE, SHELTERS);
		fault = ledger_read_trail(&s->ledger, s->set->dir);
		if (!fault && ledger_holds(&s->ledger))
			return true;
		if (nrm_time_monotonic_ms() > until)
			break;
		pause_ms(LOOK_MS);
	}
	if (fault)
		printf("trail: %s\n", fault);
	ledger_print(&s->ledger);
	return false;
}

/* No agent may have found a fault with its broker: a kill is no reason for one. */
static bool no_findings(struct scene *s)
{
	bool good = true;

	for (size_t i = 0; i < POLICE + SHELTERS; i++) {
		int connection = -1;
		json_t *status =
			agent_must(&connection, &s->agent[i], json_pack("{ss}", "op", "status"));
		json_t *found = json_object_get(status, "findings");

		json_object_del(found, "directory_new"); /* the first time */
		json_object_del(found, "policy_new");
		if (json_object_size(found) > 0 ||
		    !json_is_null(json_object_get(status, "alarm"))) {
			char *text = json_dumps(found, JSON_COMPACT);
			printf("%s: findings %s\n", s->agent[i].name, text);
			free(text);
			good = false;
		}
		json_decref(status);
		close(connection);
	}
	return good;
}

static bool round_is_good(struct scene *s, unsigned number)
{
	const uint64_t start = nrm_time_monotonic_ms();
	const size_t before = ledger_count(&s->ledger);
	const unsigned kills = 2 + draw(s, 3);

	s->loading = true;
	for (unsigned i = 0; i < kills; i++) {
		pause_ms(20 + draw(s, 150));
		kill_one(s);
	}
	pause_ms(20 + draw(s, 50));
	stop_load(s);
	bool good = settle(s);
	good = no_findings(s) && good;
	printf("round %u: %u kills, %zu accepted, %zu in all, %llu leaves, %llu ms%s\n", number,
	       kills, ledger_count(&s->ledger) - before, ledger_count(&s->ledger),
	       (unsigned long long)s->ledger.leaves,
	       (unsigned long long)(nrm_time_monotonic_ms() - start), good ? "" : ": FAILED");
	fflush(stdout);
	return good;
}

/* --- the scene --- */

static void set_up(struct scene *s)
{
	char endpoint[COUNTRY_ENDPOINT], name[32];
	const struct country_options options = {.police = POLICE,
						.shelters = SHELTERS,
						.endpoint = endpoint,
						.policy = s->set->policy};

	country_endpoint(endpoint);
	country_make(s->set->dir, &options);
	broker_start(&s->broker, s->set->dir, NULL);
	for (size_t i = 0; i < POLICE + SHELTERS; i++) {
		snprintf(name, sizeof(name), i < POLICE ? "police-%03zu" : "shelter-%03zu",
			 i < POLICE ? i : i - POLICE);
		agent_start(&s->agent[i], s->set->dir, name);
	}
	for (size_t i = 0; i < POLICE; i++) {
		int connection = -1;

		agent_wait_directory(&connection, &s->agent[i]);
		for (int c = 0; c < CASES; c++) {
			snprintf(name, sizeof(name), "case-%d", c);
			agent_state_facts(&connection, &s->agent[i], name);
		}
		close(connection);
	}
	for (size_t i = 0; i < POLICE; i++) {
		s->load[i].scene = s;
		s->load[i].agent = &s->agent[i];
		if (pthread_create(&s->load[i].thread, NULL, refer, &s->load[i]) != 0)
			die("no thread");
	}
}

static void tear_down(struct scene *s)
{
	s->over = true;
	for (size_t i = 0; i < POLICE; i++)
		pthread_join(s->load[i].thread, NULL);
	for (size_t i = 0; i < POLICE + SHELTERS; i++)
		process_end(&s->agent[i].process, SIGTERM);
	process_end(&s->broker, SIGTERM);
	ledger_done(&s->ledger);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case 'r':
		a->rounds = (unsigned)strtoul(arg, NULL, 10);
		return 0;
	case 's':
		a->seed = strtoull(arg, NULL, 10);
		return 0;
	case 'p':
		a->policy = arg;
		return 0;
	case ARGP_KEY_ARG:
		a->dir = arg;
		return 0;
	case ARGP_KEY_END:
		if (state->arg_num != 1)
			argp_usage(state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int main(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{"rounds", 'r', "N", 0, "How many rounds (default 10)", 0},
		{"seed", 's', "S", 0, "Of the moments and victims (default 1)", 0},
		{"policy", 'p', "FILE", 0, "Policy (default config/policy.yaml)", 0},
		{NULL, 0, NULL, 0, NULL, 0}};
	static const struct argp argp = {
		options, parse, "FOLDER", "Kills programs under load; FOLDER must not exist.",
		NULL,	 NULL,	NULL};
	struct arguments a = {.rounds = 10, .seed = 1};
	static struct scene s;
	unsigned good = 0;

	argp_parse(&argp, argc, argv, 0, NULL, &a);
	must(nrm_crypto_init(), "crypto");
	s.set = &a;
	s.random = a.seed;
	ledger_init(&s.ledger);
	set_up(&s);
	for (unsigned i = 0; i < a.rounds; i++)
		good += round_is_good(&s, i + 1);
	bool told = drained(&s, "unacknowledged", nrm_time_monotonic_ms() + TELL_MS);
	tear_down(&s);
	printf("%u passed, %u failed\n", good, a.rounds - good + !told);
	return good == a.rounds && told ? 0 : 1;
}
