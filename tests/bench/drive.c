/*
 * Measures a real nrm-brokerd over loopback: police units and shelters of a country, each on a connection of its own, all of
 * them in this one thread. What is sent was sealed, signed and encoded beforehand. A referral counts once its sender
 * has the receipt of the shelter's acknowledgement; a shelter acknowledges after checking signatures (one check for each
 * distinct one) and commitments, all that a frame brought under one signature.
 *
 * Prints one "key value" a line.
 */
#include <argp.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "proto/base/time.h"
#include "proto/wire/leaf.h"
#include "tests/bench/cost.h"
#include "tests/live/load.h"
#include "tests/live/must.h"
#include "tests/live/peers.h"
#include "tests/live/process.h"

#define AGENCIES	   100u /* of either kind, when the country has to be made */
#define CREDIT		   4096u
#define SHELTERS_OF_A_CASE 2u
#define CREDIT_AGAIN	   1024u
#define STALLED_NS	   (20ull * 1000000000)
#define SAMPLE_NS	   (100ull * 1000000)
#define THREADS		   2

struct arguments {
	const char *country, *policy, *syncs;
	size_t referrals, cases, items, window;
	bool single;
};

/* What happened to a referral, in CLOCK_MONOTONIC nanoseconds; 0: not yet. */
struct fate {
	uint64_t sent, receipt, delivered, acknowledged;
};

struct frame {
	struct nrm_buf bytes;
	size_t police;
};

struct drive {
	const struct arguments *set;
	struct country country;
	struct process broker;
	struct peers *peers; /* police units, then shelters */
	struct load_case *cases;
	struct frame *frame;
	size_t n_frames;
	struct fate *fate;
	size_t facts; /* of which receipts have come */
	size_t acknowledged;
	uint32_t *credit_due; /* of each shelter */
	uint64_t anon_kib;    /* most that was seen */
	struct nrm_arena arena;
};

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* --- before --- */

struct sealing {
	struct drive *drive;
	size_t first;
	pthread_t thread;
};

/* Frame `number`: cases of one police unit, all to one shelter, to each of two in turn. */
static void make_frame(struct drive *d, size_t number)
{
	const size_t items = d->set->items, per_group = LOAD_FACT_CASES / items;
	const size_t n_groups = d->set->cases / LOAD_FACT_CASES;
	const size_t group = number % n_groups, round = number / n_groups;
	struct frame *frame = &d->frame[number];
	struct nrm_envelope envelope[LOAD_FACT_CASES];
	struct nrm_arena arena;

	frame->police = group % d->country.n_police;
	nrm_arena_init(&arena, NRM_MAX_FRAME_ARENA);
	for (size_t i = 0; i < items; i++)
		envelope[i] = load_referral(
			d->country.police[frame->police],
			d->country.shelter[(group + round % SHELTERS_OF_A_CASE) %
					   d->country.n_shelters],
			&d->cases[group * LOAD_FACT_CASES + round % per_group * items + i],
			LOAD_FIELDS, (uint32_t)(number * items + i), nrm_time_now_ms(), &arena);
	load_submit(d->country.police[frame->police], envelope, items, !d->set->single,
		    &frame->bytes);
	nrm_arena_done(&arena);
}

static void *make_frames(void *arg)
{
	struct sealing *s = arg;

	for (size_t i = s->first; i < s->drive->n_frames; i += THREADS)
		make_frame(s->drive, i);
	nrm_crypto_thread_done();
	return NULL;
}

static void seal_all(struct drive *d)
{
	struct sealing sealing[THREADS];
	const size_t n = d->n_frames * d->set->items;
	uint64_t start = now_ns();

	for (size_t i = 0; i < THREADS; i++) {
		sealing[i] = (struct sealing){.drive = d, .first = i};
		if (pthread_create(&sealing[i].thread, NULL, make_frames, &sealing[i]) != 0)
			die("no thread");
	}
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(sealing[i].thread, NULL);
	printf("seal_us %.1f\nopen_us %.1f\nframe_bytes %.0f\n",
	       (double)(now_ns() - start) * THREADS / 1e3 / (double)n,
	       cost_of_opening_us(d->country.police[0], d->country.shelter[0]),
	       (double)d->frame[0].bytes.len / (double)d->set->items);
}

/* --- what the agencies hear --- */

static void police_heard(struct drive *d, const struct nrm_receipt_item *item, size_t n)
{
	const uint64_t now = now_ns();

	for (size_t i = 0; i < n; i++) {
		uint32_t serial = load_serial(item[i].message_id);
		if (serial == LOAD_FACT) {
			d->facts++;
		} else if (d->fate[serial].receipt == 0) {
			d->fate[serial].receipt = now;
		} else if (d->fate[serial].acknowledged == 0) {
			d->fate[serial].acknowledged = now;
			d->acknowledged++;
		}
	}
}

static void verify(struct drive *d, const struct nrm_delivery *item, size_t n)
{
	const struct nrm_verifying_key *sender[NRM_MAX_FRAME_ITEMS];
	const struct nrm_verified *verified[NRM_MAX_FRAME_ITEMS];
	enum nrm_err err[NRM_MAX_FRAME_ITEMS];
	const uint64_t now = now_ns();
	struct nrm_leaf leaf;

	nrm_arena_reset(&d->arena);
	for (size_t i = 0; i < n; i++) {
		must(nrm_leaf_decode(item[i].leaf, &d->arena, &leaf), "a delivery's leaf");
		sender[i] = nrm_directory_find(d->country.directory, leaf.sender)->verifying;
	}
	nrm_deliver_verify(item, n, sender, &d->arena, verified, err);
	for (size_t i = 0; i < n; i++) {
		must(err[i], "a delivery");
		struct fate *fate =
			&d->fate[load_serial(nrm_verified_statement(verified[i])->message_id)];
		if (fate->delivered != 0)
			die("a referral was delivered twice");
		if (item[i].envelope.n_fields != LOAD_FIELDS)
			die("a referral arrived with %zu fields", item[i].envelope.n_fields);
		fate->delivered = now;
	}
}

static void shelter_heard(struct drive *d, size_t shelter, const struct nrm_delivery *item,
			  size_t n)
{
	const size_t peer = d->country.n_police + shelter;
	struct nrm_buf frame = {0};

	verify(d, item, n);
	load_acknowledge(d->country.shelter[shelter], item, n, nrm_time_now_ms(), &frame);
	peers_say(d->peers, peer, &frame);
	d->credit_due[shelter] += (uint32_t)n;
	if (d->credit_due[shelter] >= CREDIT_AGAIN) {
		load_credit(d->credit_due[shelter], &frame);
		peers_say(d->peers, peer, &frame);
		d->credit_due[shelter] = 0;
	}
}

static void heard(void *with, size_t i, const struct nrm_to_agent *frame)
{
	struct drive *d = with;

	if (frame->kind == NRM_REFUSED)
		die("refused: %.*s", (int)frame->is.refused.text.len,
		    (const char *)frame->is.refused.text.data);
	if (frame->kind == NRM_RECEIPT)
		police_heard(d, frame->is.receipt.item, frame->is.receipt.n);
	if (frame->kind == NRM_DELIVER)
		shelter_heard(d, i - d->country.n_police, frame->is.deliver.item,
			      frame->is.deliver.n);
}

/* --- the run --- */

static void state_facts(struct drive *d)
{
	const size_t n_groups = d->set->cases / LOAD_FACT_CASES;
	struct nrm_buf *frame = calloc(n_groups, sizeof(*frame));
	uint64_t start = now_ns();

	for (size_t i = 0; i < n_groups; i++)
		load_facts(d->country.police[i % d->country.n_police],
			   d->cases + i * LOAD_FACT_CASES, LOAD_FACT_CASES, nrm_time_now_ms(),
			   &frame[i]);
	for (size_t next = 0; d->facts < 2 * n_groups * LOAD_FACT_CASES;) {
		/* A unit has one frame under way at a time. */
		while (next < n_groups &&
		       next * 2 * LOAD_FACT_CASES < d->facts + 16 * 2 * LOAD_FACT_CASES &&
		       peers_send(d->peers, next % d->country.n_police,
				  nrm_buf_slice(&frame[next])))
			next++;
		peers_turn(d->peers, 100);
		if (now_ns() - start > STALLED_NS)
			die("facts: %zu of %zu have a receipt", d->facts,
			    2 * n_groups * LOAD_FACT_CASES);
	}
	for (size_t i = 0; i < n_groups; i++)
		nrm_buf_done(&frame[i]);
	free(frame);
}

static void look_at_memory(struct drive *d)
{
	uint64_t kib = process_anon_kib(d->broker.pid);

	if (kib > d->anon_kib)
		d->anon_kib = kib;
}

/* Sends all frames, with at most `window` referrals not yet acknowledged. */
static void refer(struct drive *d)
{
	const size_t items = d->set->items;
	uint64_t progress = now_ns(), sample = 0;
	size_t sent = 0, before = 0;

	while (d->acknowledged < d->n_frames * items) {
		uint64_t now = now_ns();

		while (sent < d->n_frames &&
		       (sent + 1) * items <= d->acknowledged + d->set->window &&
		       peers_send(d->peers, d->frame[sent].police,
				  nrm_buf_slice(&d->frame[sent].bytes))) {
			for (size_t i = 0; i < items; i++)
				d->fate[sent * items + i].sent = now;
			sent++;
		}
		peers_turn(d->peers, 100);
		if (d->acknowledged > before)
			progress = now;
		before = d->acknowledged;
		if (now - progress > STALLED_NS || peers_lost(d->peers) > 0)
			die("stalled: %zu sent, %zu acknowledged, %zu connections lost",
			    sent * items, before, peers_lost(d->peers));
		if (now - sample > SAMPLE_NS) {
			look_at_memory(d);
			sample = now;
		}
	}
}

/* --- what it came to --- */

static int ascending(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Prints p50 and p99 of a difference of two times, in milliseconds. */
static void print_latency(const struct drive *d, const char *name, size_t from, size_t to)
{
	const size_t n = d->n_frames * d->set->items;
	uint64_t *ns = malloc(n * sizeof(*ns));

	for (size_t i = 0; i < n; i++) {
		const uint8_t *fate = (const uint8_t *)&d->fate[i];
		ns[i] = *(const uint64_t *)(fate + to) - *(const uint64_t *)(fate + from);
	}
	qsort(ns, n, sizeof(*ns), ascending);
	printf("%s_p50_ms %.3f\n%s_p99_ms %.3f\n", name, (double)ns[n / 2] / 1e6, name,
	       (double)ns[n * 99 / 100] / 1e6);
	free(ns);
}

static void measure(struct drive *d)
{
	const double n = (double)(d->n_frames * d->set->items);
	double bytes = cost_of_books_bytes(d->set->country), cpu = process_cpu_us(d->broker.pid);
	uint64_t start = now_ns();

	refer(d);
	double seconds = (double)(now_ns() - start) / 1e9;
	printf("per_s %.0f\ncpu_us %.1f\n", n / seconds, (process_cpu_us(d->broker.pid) - cpu) / n);
	print_latency(d, "receipt", offsetof(struct fate, sent), offsetof(struct fate, receipt));
	print_latency(d, "delivered", offsetof(struct fate, sent),
		      offsetof(struct fate, delivered));
	printf("rss_mib %.1f\nbytes %.0f\n", (double)d->anon_kib / 1024,
	       (cost_of_books_bytes(d->set->country) - bytes) / n);
}

static void start(struct drive *d)
{
	const char *const strace[] = {
		"strace", "-f",		 "-c", "-e", "trace=fsync,fdatasync,msync",
		"-o",	  d->set->syncs, NULL};
	const size_t n_police = d->country.n_police, n = n_police + d->country.n_shelters;
	struct nrm_identity **agency = calloc(n, sizeof(struct nrm_identity *));
	const struct nrm_slice endpoint = nrm_directory_broker_endpoint(d->country.directory);
	char text[NRM_MAX_ENDPOINT + 1];

	memcpy(agency, d->country.police, n_police * sizeof(*agency));
	memcpy(agency + n_police, d->country.shelter, d->country.n_shelters * sizeof(*agency));
	snprintf(text, sizeof(text), "%.*s", (int)endpoint.len, (const char *)endpoint.data);
	broker_start(&d->broker, d->set->country, d->set->syncs ? strace : NULL);
	d->peers = peers_open(&d->country, agency, n, text, CREDIT, heard, d);
	free(agency);
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
	case 'i':
		a->items = strtoul(arg, NULL, 10);
		return 0;
	case 'w':
		a->window = strtoul(arg, NULL, 10);
		return 0;
	case 's':
		a->single = true;
		return 0;
	case 'p':
		a->policy = arg;
		return 0;
	case 'y':
		a->syncs = arg;
		return 0;
	case ARGP_KEY_ARG:
		a->country = arg;
		return 0;
	case ARGP_KEY_END:
		if (state->arg_num != 1)
			argp_usage(state);
		if (a->items < 1 || LOAD_FACT_CASES % a->items != 0 || a->window < a->items ||
		    a->cases < LOAD_FACT_CASES || a->referrals < a->items)
			argp_error(state, "ITEMS divides %u, and no number may be smaller than it",
				   LOAD_FACT_CASES);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int main(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{"referrals", 'n', "N", 0, "How many (default 65536)", 0},
		{"cases", 'c', "N", 0, "Cases that they are about (default 6400)", 0},
		{"items", 'i', "N", 0, "Referrals in a frame (default 64)", 0},
		{"window", 'w', "N", 0,
		 "Most that are sent and not yet acknowledged (default 2048)", 0},
		{"policy", 'p', "FILE", 0,
		 "Policy of the country, when it has to be made (default config/policy.yaml)", 0},
		{"single", 's', NULL, 0, "A signature for each referral, not for each frame", 0},
		{"syncs", 'y', "FILE", 0,
		 "Run the broker under strace, which counts its syncs in FILE", 0},
		{NULL, 0, NULL, 0, NULL, 0}};
	static const struct argp argp = {
		options, parse, "COUNTRY", "Starts the broker of a country and measures it.",
		NULL,	 NULL,	NULL};
	struct arguments a = {.referrals = 65536, .cases = 6400, .items = 64, .window = 2048};
	static struct drive d;

	argp_parse(&argp, argc, argv, 0, NULL, &a);
	must(nrm_crypto_init(), "crypto");
	country_need(a.country, AGENCIES, AGENCIES, a.policy);
	country_load(&d.country, a.country);
	d.set = &a;
	d.n_frames = a.referrals / a.items;
	d.frame = calloc(d.n_frames, sizeof(*d.frame));
	d.fate = calloc(d.n_frames * a.items, sizeof(*d.fate));
	d.cases = calloc(a.cases, sizeof(*d.cases));
	d.credit_due = calloc(d.country.n_shelters, sizeof(*d.credit_due));
	nrm_arena_init(&d.arena, NRM_MAX_FRAME_ARENA);
	start(&d);
	state_facts(&d);
	seal_all(&d);
	measure(&d);
	peers_close(d.peers);
	process_end(&d.broker, SIGTERM);
	country_done(&d.country);
	return 0;
}
