/* What pictures show, as numbers: flows of referrals and volumes by day, out of columns. */
#include <stdio.h>
#include <stdlib.h>

#include "agents/page/answer.h"

/* Agencies with referrals to each other, by a hash of the two; open addressing. */
struct flow {
	uint32_t pair; /* sender, recipient; 0: free */
	uint32_t count;
};

struct flows {
	struct flow *flow;
	uint32_t room, n; /* room: a power of two */
	bool failed;
};

static uint32_t place(const struct flows *f, uint32_t pair)
{
	uint32_t at = (pair * 2654435761u) & (f->room - 1);

	while (f->flow[at].pair && f->flow[at].pair != pair)
		at = (at + 1) & (f->room - 1);
	return at;
}

static bool grow(struct flows *f)
{
	struct flows bigger = {.room = f->room ? 2 * f->room : 1024};

	bigger.flow = calloc(bigger.room, sizeof(*bigger.flow));
	if (!bigger.flow)
		return false;
	for (uint32_t i = 0; i < f->room; i++)
		if (f->flow[i].pair)
			bigger.flow[place(&bigger, f->flow[i].pair)] = f->flow[i];
	bigger.n = f->n;
	free(f->flow);
	*f = bigger;
	return true;
}

static bool count_flow(void *context, const struct nrm_column_chunk *chunk, uint32_t at,
		       uint64_t index)
{
	struct flows *f = context;
	const uint32_t pair = (uint32_t)chunk->sender[at] << 16 | chunk->recipient[at];

	(void)index;
	if (2 * f->n >= f->room && !grow(f)) {
		f->failed = true;
		return false;
	}
	struct flow *flow = &f->flow[place(f, pair)];
	f->n += flow->pair == 0;
	flow->pair = pair;
	flow->count++;
	return true;
}

/* The largest first, then by number: the order does not depend on the table. */
static int by_count(const void *a, const void *b)
{
	const struct flow *x = a, *y = b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return (x->pair > y->pair) - (x->pair < y->pair);
}

static json_t *flow_json(const struct nrm_reading *r, const struct flow *flow)
{
	const struct nrm_parties *parties = &r->index.columns.parties;
	json_t *o = json_object();

	nrm_json_party(r, o, "sender", nrm_slice_str(nrm_parties_id(parties, flow->pair >> 16)));
	nrm_json_party(r, o, "recipient",
		       nrm_slice_str(nrm_parties_id(parties, flow->pair & 0xffff)));
	json_object_set_new(o, "count", json_integer(flow->count));
	return o;
}

static void flow_csv(const struct nrm_reading *r, const struct flow *flow, FILE *out)
{
	const struct nrm_parties *parties = &r->index.columns.parties;
	const uint16_t number[] = {(uint16_t)(flow->pair >> 16), (uint16_t)flow->pair};

	for (int i = 0; i < 2; i++) {
		const struct nrm_slice id = nrm_slice_str(nrm_parties_id(parties, number[i]));
		const struct nrm_participant_entry *p = nrm_index_participant(&r->index, id);
		nrm_csv_text(out, id, ',');
		nrm_csv_text(out, p && p->name.len ? p->name : id, ',');
	}
	fprintf(out, "%u\n", flow->count);
}

static void tell_flows(const struct nrm_reading *r, const struct flows *f, bool as_csv,
		       struct nrm_reply *reply)
{
	struct nrm_csv csv;
	json_t *list;

	if (as_csv) {
		FILE *out = nrm_reply_csv(reply, &csv);
		if (!out)
			return;
		fputs("sender,sender_name,recipient,recipient_name,count\n", out);
		for (uint32_t i = 0; i < f->n; i++)
			flow_csv(r, &f->flow[i], out);
		nrm_reply_csv_end(reply, &csv);
		return;
	}
	list = json_array();
	for (uint32_t i = 0; i < f->n; i++)
		json_array_append_new(list, flow_json(r, &f->flow[i]));
	nrm_reply_json(reply, json_pack("{s:o}", "flows", list));
}

void nrm_answer_flows(struct nrm_reading *r, const struct nrm_page_query *q,
		      struct nrm_reply *reply)
{
	struct nrm_column_filter filter;
	struct flows flows = {.n = 0};

	nrm_answer_filter(r, q, &filter);
	filter.kind = NRM_EVENT_REFERRAL;
	filter.has_outcome = true;
	filter.outcome = NRM_OUTCOME_FORWARD;
	nrm_columns_scan(&r->index.columns, &filter, count_flow, &flows);
	if (flows.failed) {
		nrm_reply_error(reply, NRM_ERR_NOMEM);
	} else {
		if (flows.n)
			qsort(flows.flow, flows.room, sizeof(*flows.flow), by_count);
		tell_flows(r, &flows, q->csv, reply);
	}
	free(flows.flow);
}

/* --- volumes --- */

struct day {
	uint32_t day; /* since 1970 */
	uint32_t outcome[3], other;
};

struct days {
	struct day *day; /* the newest first */
	size_t n, room;
	bool failed;
};

static bool count_day(void *context, const struct nrm_column_chunk *chunk, uint32_t at,
		      uint64_t index)
{
	struct days *d = context;
	const uint32_t day = chunk->minute[at] / 1440;
	const uint8_t kind = chunk->kind[at], outcome = chunk->marks[at] & NRM_MARK_OUTCOME;
	const bool decision = kind && (kind <= NRM_EVENT_NOTICE || kind == NRM_EVENT_REDECISION);

	(void)index;
	if (d->n == 0 || d->day[d->n - 1].day != day) {
		if (d->n == d->room) {
			const size_t room = d->room ? 2 * d->room : 1024;
			struct day *grown = realloc(d->day, room * sizeof(*grown));
			d->failed = !grown;
			if (!grown)
				return false;
			d->day = grown;
			d->room = room;
		}
		d->day[d->n++] = (struct day){.day = day};
	}
	if (decision && chunk->reason[at] && outcome <= NRM_OUTCOME_HOLD)
		d->day[d->n - 1].outcome[outcome]++;
	else
		d->day[d->n - 1].other++;
	return true;
}

static json_t *day_json(const struct day *d)
{
	json_t *o = json_object();

	nrm_json_day(o, "day", (uint64_t)d->day * 1440);
	json_object_set_new(o, "forward", json_integer(d->outcome[NRM_OUTCOME_FORWARD]));
	json_object_set_new(o, "hold", json_integer(d->outcome[NRM_OUTCOME_HOLD]));
	json_object_set_new(o, "refuse", json_integer(d->outcome[NRM_OUTCOME_REFUSE]));
	json_object_set_new(o, "other", json_integer(d->other));
	return o;
}

static void tell_days(const struct days *d, bool as_csv, struct nrm_reply *reply)
{
	struct nrm_csv csv;
	FILE *out = NULL;
	json_t *list = json_array();

	if (as_csv && !(out = nrm_reply_csv(reply, &csv))) {
		json_decref(list);
		return;
	}
	if (out)
		fputs("day,forward,hold,refuse,other\n", out);
	for (size_t i = d->n; i-- > 0;) {
		json_t *o = day_json(&d->day[i]);
		if (out)
			fprintf(out, "%s,%u,%u,%u,%u\n",
				json_string_value(json_object_get(o, "day")),
				d->day[i].outcome[NRM_OUTCOME_FORWARD],
				d->day[i].outcome[NRM_OUTCOME_HOLD],
				d->day[i].outcome[NRM_OUTCOME_REFUSE], d->day[i].other);
		json_array_append_new(list, o);
	}
	if (out) {
		json_decref(list);
		nrm_reply_csv_end(reply, &csv);
	} else {
		nrm_reply_json(reply, json_pack("{s:o}", "days", list));
	}
}

void nrm_answer_volumes(struct nrm_reading *r, const struct nrm_page_query *q,
			struct nrm_reply *reply)
{
	struct nrm_column_filter filter;
	struct days days = {.n = 0};

	nrm_answer_filter(r, q, &filter);
	nrm_columns_scan(&r->index.columns, &filter, count_day, &days);
	if (days.failed)
		nrm_reply_error(reply, NRM_ERR_NOMEM);
	else
		tell_days(&days, q->csv, reply);
	free(days.day);
}
