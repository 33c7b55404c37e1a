/*
 * What a referral costs the broker without its sockets: intake (decode, verify) and books (decide, record, deliver,
 * acknowledge), on LMDB in a folder. The frames are made before; agencies' work is not counted. For a profile of one part:
 *
 *	perf record -g build/release/tests/core_bench … && perf report --sort comm,symbol
 *
 * where the thread is called intake, books or agencies after what it does.
 */
#include <argp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>

#include "broker/books/books.h"
#include "proto/base/time.h"
#include "tests/live/load.h"
#include "tests/live/must.h"

#define BATCH		   64u
#define MOST_AT_ONCE	   64u
#define CREDIT		   4096u
#define SHELTERS_OF_A_CASE 2u
#define AGENCIES	   100u /* of either kind, when the country has to be made */

struct arguments {
	const char *country, *folder;
	size_t referrals, cases, at_once, fields;
	uint64_t fill;
	bool single;
};

struct core {
	struct country country;
	struct nrm_local_signer *local;
	struct nrm_signer signer;
	struct nrm_books *books;
	struct nrm_effects effects;
	struct load_case *cases;
	size_t n_cases;
	double intake_us, books_us, wall_us; /* spent since the last look */
};

static double clock_us(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* Names what is done from here on, for a profile, and returns the CPU time so far. */
static double begin(const char *part)
{
	prctl(PR_SET_NAME, part);
	return clock_us(CLOCK_PROCESS_CPUTIME_ID);
}

static void keep(struct nrm_parcel *parcel)
{
	(void)parcel; /* belongs to take() */
}

/* Sessions are numbered: police units from 1, shelters after them. */
static uint64_t session_of(const struct core *core, const struct nrm_identity *agency)
{
	for (size_t i = 0; i < core->country.n_police; i++)
		if (core->country.police[i] == agency)
			return i + 1;
	for (size_t i = 0; i < core->country.n_shelters; i++)
		if (core->country.shelter[i] == agency)
			return core->country.n_police + i + 1;
	return 0;
}

/* Frames of some agencies, through intake and one transaction. */
static void take(struct core *core, const struct nrm_identity *const *agency,
		 const struct nrm_buf *frame, size_t n)
{
	struct nrm_parcel parcel[2 * MOST_AT_ONCE], *queue[2 * MOST_AT_ONCE];
	uint8_t entropy[32];
	double start = begin("intake");

	for (size_t i = 0; i < n; i++) {
		parcel[i] = (struct nrm_parcel){.kind = NRM_PARCEL_FRAME,
						.session = session_of(core, agency[i]),
						.bytes = nrm_buf_slice(&frame[i]),
						.release = keep};
		memcpy(parcel[i].transport, agency[i]->transport_public, NRM_KEY_LEN);
		nrm_arena_init(&parcel[i].arena, NRM_MAX_FRAME_ARENA);
		nrm_intake(&parcel[i], core->country.directory);
		must(parcel[i].err, "intake");
		queue[i] = &parcel[i];
	}
	double between = begin("books"), wall = clock_us(CLOCK_MONOTONIC);
	nrm_random(entropy, sizeof(entropy));
	must(nrm_books_apply(core->books, queue, n, nrm_time_now_ms(), entropy, &core->effects),
	     "apply");
	core->wall_us += clock_us(CLOCK_MONOTONIC) - wall;
	double end = begin("agencies");
	core->intake_us += between - start;
	core->books_us += end - between;
	for (size_t i = 0; i < n; i++)
		nrm_arena_done(&parcel[i].arena);
}

/* Shelters acknowledge all that was delivered, and ask for as much again; returns how many that was. */
static size_t acknowledge(struct core *core)
{
	const size_t n_police = core->country.n_police;
	const struct nrm_identity *agency[2 * MOST_AT_ONCE];
	struct nrm_buf frame[2 * MOST_AT_ONCE] = {0};
	struct nrm_effects effects = core->effects;
	size_t n = 0, delivered = 0;
	struct nrm_to_agent heard;
	struct nrm_arena arena;

	core->effects = (struct nrm_effects){0};
	for (size_t i = 0; i < effects.n; i++) {
		if (effects.effect[i].session <= n_police)
			continue;
		nrm_arena_init(&arena, NRM_MAX_FRAME_ARENA);
		must(nrm_to_agent_decode(nrm_buf_slice(&effects.effect[i].frame), &arena, &heard),
		     "decoding");
		if (heard.kind == NRM_DELIVER) {
			agency[n] = agency[n + 1] =
				core->country.shelter[effects.effect[i].session - n_police - 1];
			load_acknowledge(agency[n], heard.is.deliver.item, heard.is.deliver.n,
					 nrm_time_now_ms(), &frame[n]);
			load_credit((uint32_t)heard.is.deliver.n, &frame[n + 1]);
			delivered += heard.is.deliver.n;
			n += 2;
		}
		nrm_arena_done(&arena);
		if (n == 2 * MOST_AT_ONCE || (n > 0 && i + 1 == effects.n)) {
			take(core, agency, frame, n);
			while (n > 0)
				nrm_buf_done(&frame[--n]);
		}
	}
	nrm_effects_done(&effects);
	return delivered;
}

static void tell(struct core *core, const char *what, double n)
{
	printf("%-12s %8.0f  intake %6.2f us  books %6.2f us CPU, %6.2f us wall\n", what, n,
	       core->intake_us / n, core->books_us / n, core->wall_us / n);
	core->intake_us = core->books_us = core->wall_us = 0;
}

static void open_core(struct core *core, const struct arguments *a)
{
	struct nrm_books_options options = {.folder = a->folder};
	uint8_t entropy[32], seed[NRM_KEY_LEN] = {1};
	char error[NRM_YAML_ERROR_LEN];

	country_load(&core->country, a->country);
	must(nrm_local_signer_new("nrm/XX", seed, &core->local), "signer");
	core->signer = nrm_local_signer_interface(core->local);
	options.policy = core->country.policy;
	options.directory = core->country.directory;
	options.signer = &core->signer;
	nrm_random(entropy, sizeof(entropy));
	if (nrm_books_open(&options, nrm_time_now_ms(), entropy, &core->books, error) != NRM_OK)
		die("%s", error);
}

static void connect_all(struct core *core)
{
	struct nrm_buf hello = {0};

	load_hello(CREDIT, &hello);
	for (size_t i = 0; i < core->country.n_police + core->country.n_shelters; i++) {
		const struct nrm_identity *agency =
			i < core->country.n_police
				? core->country.police[i]
				: core->country.shelter[i - core->country.n_police];
		take(core, &agency, &hello, 1);
		nrm_effects_done(&core->effects);
	}
	nrm_buf_done(&hello);
}

/* Facts of all cases: LOAD_FACT_CASES of each police unit in turn. */
static void state_facts(struct core *core, size_t n)
{
	core->cases = calloc(n, sizeof(*core->cases));
	core->n_cases = n;
	for (size_t first = 0, i = 0; first < n; first += LOAD_FACT_CASES, i++) {
		const struct nrm_identity *police =
			core->country.police[i % core->country.n_police];
		size_t some = n - first < LOAD_FACT_CASES ? n - first : LOAD_FACT_CASES;
		struct nrm_buf frame = {0};

		load_facts(police, core->cases + first, some, nrm_time_now_ms(), &frame);
		take(core, &police, &frame, 1);
		nrm_effects_done(&core->effects);
		nrm_buf_done(&frame);
	}
}

/* Frame `number` of BATCH referrals, of cases that its sender opened; returns the sender. */
static const struct nrm_identity *referrals(const struct core *core, const struct arguments *a,
					    size_t number, size_t fields, struct nrm_buf *frame)
{
	const size_t groups = core->n_cases / LOAD_FACT_CASES, group = number % groups;
	const struct country *c = &core->country;
	const struct nrm_identity *police = c->police[group % c->n_police];
	struct nrm_envelope envelope[BATCH];
	struct nrm_arena arena;

	nrm_arena_init(&arena, NRM_MAX_FRAME_ARENA);
	for (size_t i = 0; i < BATCH; i++)
		envelope[i] = load_referral(
			police,
			c->shelter[(group + number / groups % SHELTERS_OF_A_CASE) % c->n_shelters],
			&core->cases[group * LOAD_FACT_CASES + i], fields,
			(uint32_t)(number * BATCH + i), nrm_time_now_ms(), &arena);
	load_submit(police, envelope, BATCH, !a->single, frame);
	nrm_arena_done(&arena);
	return police;
}

/* Refers and acknowledges `frames` times BATCH, `at_once` frames a transaction; returns how many arrived. */
static size_t refer(struct core *core, const struct arguments *a, size_t frames, size_t fields)
{
	const struct nrm_identity **police = calloc(frames, sizeof(struct nrm_identity *));
	struct nrm_buf *frame = calloc(frames, sizeof(*frame));
	size_t delivered = 0;

	for (size_t i = 0; i < frames; i++)
		police[i] = referrals(core, a, i, fields, &frame[i]);
	for (size_t i = 0; i < frames; i += a->at_once) {
		take(core, police + i, frame + i,
		     frames - i < a->at_once ? frames - i : a->at_once);
		delivered += acknowledge(core);
		nrm_effects_done(&core->effects);
	}
	for (size_t i = 0; i < frames; i++)
		nrm_buf_done(&frame[i]);
	free(frame);
	free(police);
	return delivered;
}

static uint64_t leaves(const struct core *core)
{
	struct nrm_books_figures figures;

	nrm_books_figures(core->books, &figures);
	return figures.leaves;
}

static void measure(struct core *core, const struct arguments *a)
{
	size_t frames = (a->referrals + BATCH - 1) / BATCH;

	connect_all(core);
	core->intake_us = core->books_us = core->wall_us = 0;
	state_facts(core, (a->cases + LOAD_FACT_CASES - 1) / LOAD_FACT_CASES * LOAD_FACT_CASES);
	tell(core, "case", (double)core->n_cases);
	while (leaves(core) < a->fill)
		refer(core, a, 16 * a->at_once, 0);
	if (a->fill)
		tell(core, "leaf", (double)leaves(core));
	if (frames == 0)
		return;
	size_t delivered = refer(core, a, frames, a->fields);
	tell(core, "referral", (double)frames * BATCH);
	if (delivered != frames * BATCH)
		die("of %zu referrals %zu arrived", frames * BATCH, delivered);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case 'n':
		a->referrals = strtoul(arg, NULL, 10);
		return 0;
	case 'c':
		a->cases = strtoul(arg, NULL, 10);
		return 0;
	case 'o':
		a->at_once = strtoul(arg, NULL, 10);
		if (a->at_once < 1 || a->at_once > MOST_AT_ONCE)
			argp_error(state, "--at-once is 1 to %u", MOST_AT_ONCE);
		return 0;
	case 'f':
		a->fill = strtoull(arg, NULL, 10);
		return 0;
	case 's':
		a->single = true;
		return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num == 0)
			a->country = arg;
		else if (state->arg_num == 1)
			a->folder = arg;
		else
			argp_usage(state);
		return 0;
	case ARGP_KEY_END:
		if (!a->folder)
			argp_usage(state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int main(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{"referrals", 'n', "N", 0, "How many to measure (default 16384)", 0},
		{"cases", 'c', "N", 0, "Cases that they are about (default 2048)", 0},
		{"at-once", 'o', "N", 0, "Frames of 64 referrals in a transaction (default 8)", 0},
		{"fill", 'f', "LEAVES", 0, "Grow the trail to this size first", 0},
		{"single", 's', NULL, 0, "A signature for each referral, not for each frame", 0},
		{NULL, 0, NULL, 0, NULL, 0}};
	static const struct argp argp = {options,
					 parse,
					 "COUNTRY FOLDER",
					 "Measures the broker's core, with its books in FOLDER.",
					 NULL,
					 NULL,
					 NULL};
	struct arguments a = {
		.referrals = 16384, .cases = 2048, .at_once = 8, .fields = LOAD_FIELDS};
	struct core core = {0};

	argp_parse(&argp, argc, argv, 0, NULL, &a);
	must(nrm_crypto_init(), "crypto");
	begin("agencies");
	country_need(a.country, AGENCIES, AGENCIES, NULL);
	open_core(&core, &a);
	measure(&core, &a);
	nrm_books_close(core.books);
	nrm_local_signer_free(core.local);
	country_done(&core.country);
	free(core.cases);
	return 0;
}
