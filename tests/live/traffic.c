#include "tests/live/traffic.h"

#include <string.h>

#include "proto/base/time.h"
#include "tests/live/must.h"

#define CREDIT	 4096u
#define FACTS_MS 30000u
#define TAKE_MS	 30000u
#define TURN_MS	 20

static struct fate *fate_of(struct traffic *t, struct nrm_slice message_id)
{
	uint32_t serial = message_id.len > 0 ? load_serial(message_id) : LOAD_FACT;

	return serial < t->n ? &t->fate[serial] : NULL;
}

static void receipts(struct traffic *t, const struct nrm_receipt_item *item, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct fate *fate = fate_of(t, item[i].message_id);

		if (!fate) {
			t->facts++;
			continue;
		}
		fate->receipts++;
		fate->refused = NRM_REFUSAL_ABSENT;
		t->decided += fate->receipts == 1;
		t->answered += fate->receipts == 1;
		t->acknowledged += fate->receipts == 2;
	}
}

static void deliveries(struct traffic *t, size_t shelter, const struct nrm_delivery *item, size_t n)
{
	struct nrm_statement statement;
	struct nrm_buf frame = {0};
	struct nrm_arena arena;

	nrm_arena_init(&arena, NRM_MAX_FRAME_ARENA);
	for (size_t i = 0; i < n; i++) {
		must(nrm_statement_decode(item[i].envelope.statement, &arena, &statement),
		     "a delivered statement");
		fate_of(t, statement.message_id)->delivered++;
	}
	nrm_arena_done(&arena);
	if (t->deaf[shelter])
		return;
	load_acknowledge(t->country->shelter[shelter], item, n, nrm_time_now_ms(), &frame);
	peers_say(t->peers, t->n_police + shelter, &frame);
	load_credit((uint32_t)n, &frame);
	peers_say(t->peers, t->n_police + shelter, &frame);
}

static void heard(void *with, size_t i, const struct nrm_to_agent *frame)
{
	struct traffic *t = with;
	struct fate *fate;

	switch (frame->kind) {
	case NRM_RECEIPT:
		receipts(t, frame->is.receipt.item, frame->is.receipt.n);
		break;
	case NRM_DELIVER:
		deliveries(t, i - t->n_police, frame->is.deliver.item, frame->is.deliver.n);
		break;
	case NRM_REFUSED:
		/* After a commit that failed, what was in flight is delivered again, and acknowledged then. */
		if (frame->is.refused.code == NRM_REFUSAL_UNKNOWN_ACK)
			break;
		fate = fate_of(t, frame->is.refused.message_id);
		if (!fate)
			die("refused: %s",
			    nrm_code_name(NRM_VOCABULARY_REFUSAL, frame->is.refused.code));
		fate->refused = frame->is.refused.code;
		t->refused++;
		t->answered++;
		break;
	default:
		break;
	}
}

bool traffic_until(struct traffic *t, const size_t *counter, size_t n, unsigned ms)
{
	for (uint64_t until = nrm_time_monotonic_ms() + ms; *counter < n;) {
		if (nrm_time_monotonic_ms() > until)
			return false;
		peers_turn(t->peers, TURN_MS);
	}
	return true;
}

static void send(struct traffic *t, size_t police, const struct nrm_buf *frame)
{
	for (uint64_t until = nrm_time_monotonic_ms() + TAKE_MS;
	     !peers_send(t->peers, police, nrm_buf_slice(frame));) {
		if (nrm_time_monotonic_ms() > until)
			die("the broker takes no more work");
		peers_turn(t->peers, TURN_MS);
	}
}

void traffic_open(struct traffic *t, const struct country *country, size_t n_police,
		  size_t n_shelters, size_t most)
{
	const size_t n = n_police + n_shelters;
	struct nrm_identity **agency = calloc(n, sizeof(struct nrm_identity *));
	const struct nrm_slice endpoint = nrm_directory_broker_endpoint(country->directory);
	char text[NRM_MAX_ENDPOINT + 1];

	*t = (struct traffic){.country = country,
			      .n_police = n_police,
			      .n_shelters = n_shelters,
			      .cases = calloc(n_police * TRAFFIC_CASES, sizeof(*t->cases)),
			      .fate = calloc(most, sizeof(*t->fate)),
			      .deaf = calloc(n_shelters, sizeof(*t->deaf))};
	memcpy(agency, country->police, n_police * sizeof(*agency));
	memcpy(agency + n_police, country->shelter, n_shelters * sizeof(*agency));
	snprintf(text, sizeof(text), "%.*s", (int)endpoint.len, (const char *)endpoint.data);
	t->peers = peers_open(country, agency, n, text, CREDIT, heard, t);
	free(agency);
	for (size_t i = 0; i < n_police; i++) {
		struct nrm_buf frame = {0};

		load_facts(country->police[i], &t->cases[i * TRAFFIC_CASES], TRAFFIC_CASES,
			   nrm_time_now_ms(), &frame);
		send(t, i, &frame);
		nrm_buf_done(&frame);
	}
	if (!traffic_until(t, &t->facts, n_police * 2 * TRAFFIC_CASES, FACTS_MS))
		die("of %zu facts %zu were recorded", n_police * 2 * TRAFFIC_CASES, t->facts);
}

void traffic_close(struct traffic *t)
{
	peers_close(t->peers);
	free(t->cases);
	free(t->fate);
	free(t->deaf);
}

void traffic_refer(struct traffic *t, size_t police, size_t shelter)
{
	struct nrm_envelope envelope[TRAFFIC_BATCH];
	struct nrm_buf frame = {0};
	struct nrm_arena arena;

	nrm_arena_init(&arena, NRM_MAX_FRAME_ARENA);
	for (size_t i = 0; i < TRAFFIC_BATCH; i++)
		envelope[i] = load_referral(t->country->police[police],
					    t->country->shelter[shelter],
					    &t->cases[police * TRAFFIC_CASES + i], LOAD_FIELDS,
					    (uint32_t)t->n++, nrm_time_now_ms(), &arena);
	load_submit(t->country->police[police], envelope, TRAFFIC_BATCH, true, &frame);
	send(t, police, &frame);
	nrm_buf_done(&frame);
	nrm_arena_done(&arena);
}
