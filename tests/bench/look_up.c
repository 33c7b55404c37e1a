/*
 * How long it takes to find things in the trail of a country's broker, whose books nobody has open: an inclusion proof, a case by
 * its id, and the broker itself, from its start until agencies can connect. Prints one "key value" a line.
 */
#include <argp.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agents/auditor/reader.h"
#include "proto/base/limits.h"
#include "proto/trail/rows.h"
#include "tests/live/must.h"
#include "tests/live/process.h"

#define PROOFS 100000u
#define CASES  10000u
#define STARTS 3u

struct trail {
	struct nrm_store *store;
	struct nrm_txn *txn;
	struct nrm_case_keys *keys;
	uint64_t size;
	uint64_t drawn;
};

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void open_trail(struct trail *t, const char *country)
{
	const struct nrm_store_options options = {
		.tables = nrm_broker_tables, .n_tables = NRM_BROKER_TABLES, .read_only = true};
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/books/" NRM_BROKER_STORE, country);
	must(nrm_store_open(path, &options, &t->store), path);
	snprintf(path, sizeof(path), "%s/books/" NRM_BROKER_CASE_KEYS, country);
	must(nrm_case_keys_open(path, true, &t->keys), path);
	must(nrm_txn_begin(t->store, false, &t->txn), "transaction");
	must(nrm_trail_size(t->txn, &t->size), "size");
}

static void close_trail(struct trail *t)
{
	nrm_txn_abort(t->txn);
	nrm_case_keys_close(t->keys);
	nrm_store_close(t->store);
}

/* The same numbers in every run. */
static uint64_t draw(struct trail *t, uint64_t below)
{
	uint8_t number[8], hash[NRM_HASH_LEN];

	nrm_store_u64(number, t->drawn++);
	nrm_sha256_one(nrm_slice(number, sizeof(number)), hash);
	return nrm_load_u64(hash) % below;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void tell(const char *what, double *us, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += us[i];
	qsort(us, n, sizeof(*us), ascending);
	printf("%s_mean_us %.2f\n%s_p99_us %.2f\n%s_most_us %.2f\n", what, sum / (double)n, what,
	       us[n * 99 / 100], what, us[n - 1]);
}

static void prove(struct trail *t)
{
	static double us[PROOFS];
	struct nrm_hash path[NRM_MAX_TREE_PATH];
	size_t len;

	for (size_t i = 0; i < PROOFS; i++) {
		const uint64_t index = draw(t, t->size);
		const double start = now_us();

		must(nrm_inclusion_path(index, t->size, nrm_trail_node, t->txn, path, &len),
		     "a proof");
		us[i] = now_us() - start;
	}
	tell("proof", us, PROOFS);
}

/* The id of a case whose slot is drawn. */
static void draw_case(struct trail *t, uint8_t id[static NRM_CASE_ID_LEN])
{
	uint8_t key[NRM_KEY_LEN], row_key[NRM_KEY_LEN], at[4];
	struct nrm_buf plain = {0};
	struct nrm_slice row;
	uint32_t slot;

	do {
		slot = (uint32_t)draw(t, nrm_case_keys_count(t->keys));
		nrm_store_u32(at, slot);
	} while (nrm_get(t->txn, NRM_TABLE_CASES, nrm_slice(at, sizeof(at)), &row) != NRM_OK);
	must(nrm_case_keys_get(t->keys, slot, key), "a case key");
	nrm_row_key(key, row_key);
	must(nrm_row_open(row_key, NRM_ROW_CASE, slot, row, &plain), "a case");
	memcpy(id, plain.data, NRM_CASE_ID_LEN);
	nrm_buf_done(&plain);
}

static void find_cases(struct trail *t)
{
	static double us[CASES];
	struct nrm_audit_reader reader;
	uint8_t id[NRM_CASE_ID_LEN];
	uint32_t slot;

	nrm_audit_reader_init(&reader, t->store);
	for (size_t i = 0; i < CASES; i++) {
		draw_case(t, id);
		const double start = now_us();
		must(nrm_case_slot(&reader, t->keys, id, NULL, &slot), "finding a case");
		us[i] = now_us() - start;
	}
	nrm_audit_reader_done(&reader);
	tell("case", us, CASES);
	/* For who wants to look for one with another program. */
	printf("case_id ");
	for (size_t i = 0; i < sizeof(id); i++)
		printf("%02x", id[i]);
	printf("\n");
}

static void start(const char *country)
{
	static double us[STARTS];
	struct process broker = {0};

	for (size_t i = 0; i < STARTS; i++) {
		const double begun = now_us();
		broker_start(&broker, country, NULL);
		us[i] = now_us() - begun;
		process_end(&broker, SIGTERM);
	}
	tell("start", us, STARTS);
}

struct arguments {
	const char *country;
	bool only_start;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case 's':
		a->only_start = true;
		return 0;
	case ARGP_KEY_ARG:
		a->country = arg;
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
		{"start", 's', NULL, 0, "Only the broker's start", 0}, {0}};
	static const struct argp argp = {.options = options,
					 .parser = parse,
					 .args_doc = "COUNTRY",
					 .doc = "Measures looking things up in the trail of a "
						"country's broker, and its start."};
	struct arguments a = {0};
	struct trail t = {0};

	argp_parse(&argp, argc, argv, 0, NULL, &a);
	must(nrm_crypto_init(), "crypto");
	if (!a.only_start) {
		open_trail(&t, a.country);
		prove(&t);
		find_cases(&t);
		close_trail(&t);
	}
	start(a.country);
	return 0;
}
