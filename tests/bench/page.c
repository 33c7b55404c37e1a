/*
 * Lists and pictures of the auditor's page over a trail that is made up in memory: 16 bytes a leaf, no store. What is measured is
 * looking, not reading: processor time, for others may be at work on the machine; each question is asked five times, and the middle counts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "agents/page/reader.h"
#include "proto/base/time.h"
#include "tests/live/must.h"
#include "tests/unit/draw.h"

#define AGENCIES 100u
#define A_MINUTE 20u /* leaves */
#define CASES	 1000000u
#define MOST_MS	 150u

static void fill(struct nrm_columns *columns, uint64_t leaves)
{
	const uint64_t now = nrm_time_now_ms() / 60000, first = now - leaves / A_MINUTE;
	char sender[24], recipient[24];

	for (uint64_t i = 0; i < leaves; i++) {
		snprintf(sender, sizeof(sender), "XA.agency-%u", below(AGENCIES));
		snprintf(recipient, sizeof(recipient), "XA.agency-%u", below(AGENCIES));
		const bool refused = below(50) == 0;
		const struct nrm_column_row row = {
			.minute = first + i / A_MINUTE,
			.sender = nrm_slice_str(sender),
			.recipient = nrm_slice_str(recipient),
			.service = below(NRM_SERVICE_END_ - 1) + 1,
			.outcome = refused ? NRM_OUTCOME_REFUSE : NRM_OUTCOME_FORWARD,
			.reason = refused ? NRM_REASON_NO_CONSENT : NRM_REASON_OK,
			.kind = below(NRM_EVENT_ACKNOWLEDGEMENT) + 1};

		must(nrm_columns_add(columns, &row), "columns");
		nrm_columns_tell(columns, i, below(CASES), (uint8_t)(below(64) << 2));
	}
}

#define ROUNDS 5

static unsigned processor_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (unsigned)(now.tv_sec * 1000 + now.tv_nsec / 1000000);
}

static int ascending(const void *a, const void *b)
{
	const unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

	return (x > y) - (x < y);
}

/* One question, as the page asks it; leaves themselves are not there to be read, so lists ask for what nothing passes but at the end. */
static unsigned ask(struct nrm_reading *r, const char *path, const char *const parameter[][2])
{
	unsigned took[ROUNDS];

	for (int round = 0; round < ROUNDS; round++) {
		struct nrm_reply reply = {.status = 0};
		struct nrm_page_failure failure;
		struct nrm_page_query q;

		must(nrm_query_begin(path, &q, &failure), path);
		for (size_t i = 0; parameter[i][0]; i++)
			must(nrm_query_take(&q, nrm_slice_str(parameter[i][0]),
					    nrm_slice_str(parameter[i][1]), &failure),
			     parameter[i][0]);
		must(nrm_query_end(&q, &failure), path);
		const unsigned began = processor_ms();
		nrm_page_answer(r, &q, &reply);
		took[round] = processor_ms() - began;
		if (reply.status != 200) {
			fprintf(stderr, "%s: %.*s\n", path, (int)reply.body.len,
				(char *)reply.body.data);
			exit(2);
		}
		nrm_buf_done(&reply.body);
	}
	qsort(took, ROUNDS, sizeof(took[0]), ascending);
	return took[ROUNDS / 2];
}

int main(int argc, char **argv)
{
	static const struct {
		const char *what, *path, *parameter[6][2];
	} questions[] = {
		{"first page", "/api/leaves", {{NULL, NULL}}},
		{"by participant", "/api/leaves", {{"participant", "XA.agency-7"}}},
		{"by sender, recipient",
		 "/api/leaves",
		 {{"sender", "XA.agency-7"}, {"recipient", "XA.agency-8"}}},
		{"by service, outcome",
		 "/api/leaves",
		 {{"service", "follow_up"}, {"outcome", "refuse"}}},
		{"by told reason", "/api/leaves", {{"reason", "NO_CONSENT"}}},
		{"by time", "/api/leaves", {{"from", "2026-06"}, {"until", "2026-07"}}},
		{"nothing passes",
		 "/api/leaves",
		 {{"reason", "FIREWALL"}, {"kind", "notice"}, {"participant", "XA.agency-1"}}},
		{"attention's list", "/api/leaves", {{"attention", "unacknowledged"}}},
		{"attention", "/api/attention", {{NULL, NULL}}},
		{"flows", "/api/flows", {{NULL, NULL}}},
		{"volumes", "/api/volumes", {{NULL, NULL}}},
	};
	const uint64_t leaves = argc > 1 ? strtoull(argv[1], NULL, 10) : 10000000;
	const struct nrm_store_options tables = {.tables = nrm_broker_tables,
						 .n_tables = NRM_BROKER_TABLES};
	const struct nrm_serve_options options = {.trail = ".", .keys_file = "case-keys"};
	struct nrm_reading r = {.options = &options};
	unsigned worst = 0;

	must(nrm_crypto_init(), "crypto");
	must(nrm_store_open_memory(&tables, &r.store), "store");
	nrm_index_init(&r.index, r.store, options.keys_file);
	must(nrm_case_keys_open(NULL, false, &r.index.keys), "case keys");
	r.index.cases_known = true;
	fill(&r.index.columns, leaves);
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
		const unsigned took = ask(&r, questions[i].path, questions[i].parameter);
		printf("%-22s %4u ms\n", questions[i].what, took);
		worst = took > worst ? took : worst;
	}
	printf("slowest of %llu leaves: %u ms, expected at most %u\n", (unsigned long long)leaves,
	       worst, MOST_MS);
	nrm_index_done(&r.index);
	nrm_store_close(r.store);
	return worst <= MOST_MS ? 0 : 1;
}
