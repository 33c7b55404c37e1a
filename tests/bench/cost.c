#include "tests/bench/cost.h"

#include <limits.h>
#include <time.h>

#include "proto/base/time.h"
#include "proto/trail/trail.h"
#include "proto/wire/seal.h"
#include "tests/live/load.h"
#include "tests/live/must.h"

#define OPENINGS 1000

double cost_of_books_bytes(const char *country)
{
	const struct nrm_store_options options = {
		.tables = nrm_broker_tables, .n_tables = NRM_BROKER_TABLES, .read_only = true};
	struct nrm_store *store;
	uint64_t used, most;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/books/" NRM_BROKER_STORE, country);
	must(nrm_store_open(path, &options, &store), path);
	nrm_store_room(store, &used, &most);
	nrm_store_close(store);
	return (double)used;
}

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

double cost_of_opening_us(const struct nrm_identity *police, const struct nrm_identity *shelter)
{
	const struct load_case of = {{0}};
	struct nrm_statement statement;
	struct nrm_envelope envelope;
	struct nrm_buf plain = {0};
	struct nrm_arena arena;
	struct nrm_hpke hpke;

	nrm_arena_init(&arena, NRM_MAX_FRAME_ARENA);
	envelope = load_referral(police, shelter, &of, LOAD_FIELDS, 0, nrm_time_now_ms(), &arena);
	must(nrm_statement_decode(envelope.statement, &arena, &statement), "a statement");
	const double start = now_us();
	for (int i = 0; i < OPENINGS; i++) {
		must(nrm_statement_open(&statement, shelter->sealing[0], &hpke), "opening");
		for (size_t f = 0; f < envelope.n_fields; f++)
			must(nrm_field_open(&hpke, envelope.field[f].field,
					    envelope.field[f].ciphertext, &plain),
			     "opening a field");
		nrm_hpke_done(&hpke);
		nrm_buf_clear(&plain);
	}
	const double us = (now_us() - start) / OPENINGS;
	nrm_buf_done(&plain);
	nrm_arena_done(&arena);
	return us;
}
