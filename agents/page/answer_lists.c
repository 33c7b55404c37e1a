/* Lists: leaves by any filter, what needs attention, participants. */
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "agents/page/answer.h"
#include "proto/base/limits.h"
#include "proto/base/time.h"

#define DAY	       1440u /* minutes */
#define REFUSED_SINCE  (30u * DAY)
#define ACKNOWLEDGE_BY DAY
#define ANSWER_BY      (3u * DAY)
#define ERASE_BY       (7u * DAY)

/* --- filters --- */

/* The number of a participant in columns; one that nobody has where no leaf names it. */
static void set_number(const struct nrm_reading *r, const char *id, bool *ret_has,
		       uint16_t *ret_number)
{
	*ret_has = id[0] != '\0';
	if (*ret_has)
		*ret_number = nrm_parties_find(&r->index.columns.parties, nrm_slice_str(id));
}

void nrm_answer_filter(const struct nrm_reading *r, const struct nrm_page_query *q,
		       struct nrm_column_filter *ret_filter)
{
	struct nrm_column_filter f = {
		.from_minute = q->from_minute,
		.until_minute = q->until_minute,
		.service = q->service,
		.has_outcome = q->has_outcome,
		.outcome = q->outcome,
		.reason = q->reason,
		.kind = q->kind,
		.from = q->has_before && q->before == 0 ? UINT64_MAX : 0, /* none is before it */
		.before = q->before,
	};

	set_number(r, q->participant, &f.has_participant, &f.participant);
	set_number(r, q->sender, &f.has_sender, &f.sender);
	set_number(r, q->recipient, &f.has_recipient, &f.recipient);
	*ret_filter = f;
}

/* Whether a leaf has to be read to know who it is about: columns ran out of numbers. */
static bool nameless(const struct nrm_reading *r, const struct nrm_column_filter *f)
{
	return r->index.columns.parties.n == NRM_PARTY_OTHERS &&
	       ((f->has_participant && f->participant == NRM_PARTY_OTHERS) ||
		(f->has_sender && f->sender == NRM_PARTY_OTHERS) ||
		(f->has_recipient && f->recipient == NRM_PARTY_OTHERS));
}

bool nrm_attention_asks_records(enum nrm_attention kind)
{
	return kind > NRM_ATTENTION_REFUSALS;
}

void nrm_attention_filter(enum nrm_attention kind, uint64_t now_ms,
			  struct nrm_column_filter *filter)
{
	const uint64_t now = now_ms / 60000;
	static const struct {
		uint8_t of, marks;
		uint32_t after; /* minutes that it may take */
	} waits[NRM_ATTENTION_END_] = {
		[NRM_ATTENTION_EMERGENCY_UNREVIEWED] = {NRM_MARK_EMERGENCY | NRM_MARK_REPLACED,
							NRM_MARK_EMERGENCY, 0},
		[NRM_ATTENTION_UNACKNOWLEDGED] = {NRM_MARK_DELIVERABLE | NRM_MARK_ACKNOWLEDGED |
							  NRM_MARK_REPLACED,
						  NRM_MARK_DELIVERABLE, ACKNOWLEDGE_BY},
		[NRM_ATTENTION_UNANSWERED] = {NRM_MARK_AWAITS_ANSWER | NRM_MARK_REPLACED,
					      NRM_MARK_AWAITS_ANSWER, ANSWER_BY},
		[NRM_ATTENTION_ERASURES_UNANSWERED] = {NRM_MARK_AWAITS_ERASURE | NRM_MARK_REPLACED,
						       NRM_MARK_AWAITS_ERASURE, ERASE_BY},
	};

	if (kind == NRM_ATTENTION_REFUSALS) {
		const uint64_t since = (now - REFUSED_SINCE) / DAY * DAY;
		filter->has_outcome = true;
		filter->outcome = NRM_OUTCOME_REFUSE;
		if (filter->from_minute < since)
			filter->from_minute = since;
		return;
	}
	filter->of_marks = waits[kind].of;
	filter->marks = waits[kind].marks;
	if (waits[kind].after &&
	    (!filter->until_minute || filter->until_minute > now - waits[kind].after))
		filter->until_minute = now - waits[kind].after;
}

/* --- leaves --- */

static bool asks_records(const struct nrm_page_query *q)
{
	return q->rule || q->true_reason || q->withheld || q->has_case ||
	       nrm_attention_asks_records(q->attention);
}

struct listing {
	struct nrm_reading *r;
	const struct nrm_page_query *q;
	json_t *list;
	uint64_t *index; /* [limit + 1], of those that pass by columns */
	size_t n;
	bool records;	      /* each has to be read to know whether it passes */
	uint64_t deadline_ms; /* for that */
	uint64_t last;	      /* visited */
	bool stopped;	      /* before the end */
	enum nrm_err err;
};

static bool take_index(void *context, const struct nrm_column_chunk *chunk, uint32_t at,
		       uint64_t index)
{
	struct listing *l = context;

	(void)chunk;
	(void)at;
	l->index[l->n++] = index;
	return l->n <= l->q->limit;
}

static bool read_record(void *context, const struct nrm_column_chunk *chunk, uint32_t at,
			uint64_t index)
{
	struct listing *l = context;
	json_t *leaf;

	(void)chunk;
	(void)at;
	l->last = index;
	l->err = nrm_page_leaf(l->r, index, l->q, false, &leaf);
	if (l->err == NRM_OK && leaf)
		json_array_append_new(l->list, leaf);
	l->stopped = l->err != NRM_OK || json_array_size(l->list) >= l->q->limit ||
		     nrm_time_monotonic_ms() >= l->deadline_ms;
	return !l->stopped;
}

/* The slot of the case that is asked for; one that no leaf has where there is none. */
static enum nrm_err find_case(struct nrm_reading *r, const struct nrm_page_query *q,
			      struct nrm_column_filter *filter)
{
	enum nrm_err err = NRM_OK;

	filter->has_case = q->has_case;
	if (q->has_case)
		err = nrm_case_slot(&r->index.reader, r->index.keys, q->case_id, NULL,
				    &filter->slot);
	if (err == NRM_ERR_NOT_FOUND)
		filter->slot = UINT32_MAX - 1;
	return err == NRM_ERR_NOT_FOUND ? NRM_OK : err;
}

static void write_list(struct listing *l, const struct nrm_column_filter *filter)
{
	nrm_columns_scan(&l->r->index.columns, filter, take_index, l);
	for (size_t i = 0; l->err == NRM_OK && i < l->n && i < l->q->limit; i++) {
		json_t *leaf;
		l->err = nrm_page_leaf(l->r, l->index[i], l->q, false, &leaf);
		if (l->err == NRM_OK && leaf)
			json_array_append_new(l->list, leaf);
		l->last = l->index[i];
	}
	l->stopped = l->n > l->q->limit;
}

static json_t *scanned_json(const struct listing *l)
{
	const uint64_t of = l->r->index.columns.n;
	const uint64_t done = l->stopped ? of - l->last : of;

	return json_pack("{s:I, s:I}", "done", (json_int_t)done, "of", (json_int_t)of);
}

static void make_list(struct listing *l, const struct nrm_column_filter *filter,
		      struct nrm_reply *reply)
{
	struct nrm_column_filter all = *filter;
	const struct nrm_columns *c = &l->r->index.columns;

	all.from = all.before = 0;
	if (l->records)
		nrm_columns_scan(c, filter, read_record, l);
	else
		write_list(l, filter);
	if (l->err != NRM_OK) {
		json_decref(l->list);
		nrm_reply_error(reply, l->err);
		return;
	}
	nrm_reply_json(reply,
		       json_pack("{s:o, s:o, s:o, s:o}", "leaves", l->list, "before",
				 l->stopped ? json_integer((json_int_t)l->last) : json_null(),
				 "scanned", l->records ? scanned_json(l) : json_null(), "total",
				 l->records
					 ? json_null()
					 : json_integer((json_int_t)nrm_columns_count(c, &all))));
}

void nrm_answer_leaves(struct nrm_reading *r, const struct nrm_page_query *q,
		       struct nrm_reply *reply)
{
	struct listing l = {.r = r, .q = q};
	struct nrm_column_filter filter;

	if (asks_records(q) && !nrm_reply_open(reply, r, true))
		return;
	nrm_answer_filter(r, q, &filter);
	if (q->attention)
		nrm_attention_filter(q->attention, nrm_time_now_ms(), &filter);
	const enum nrm_err err = find_case(r, q, &filter);
	if (err != NRM_OK) {
		nrm_reply_error(reply, err);
		return;
	}
	l.records = q->rule || q->true_reason || q->withheld || q->role || nameless(r, &filter);
	l.deadline_ms = nrm_time_monotonic_ms() + NRM_MAX_PAGE_SCAN_MS;
	l.list = json_array();
	l.index = calloc(q->limit + 1, sizeof(*l.index));
	if (!l.index || !l.list) {
		json_decref(l.list);
		nrm_reply_error(reply, NRM_ERR_NOMEM);
	} else {
		make_list(&l, &filter, reply);
	}
	free(l.index);
}

/* --- attention --- */

struct waiting {
	uint64_t n, oldest; /* minute */
};

static bool count_waiting(void *context, const struct nrm_column_chunk *chunk, uint32_t at,
			  uint64_t index)
{
	struct waiting *w = context;

	(void)index;
	w->n++;
	w->oldest = chunk->minute[at]; /* the newest comes first */
	return true;
}

static json_t *attention_json(const struct nrm_reading *r, enum nrm_attention kind, uint64_t now_ms)
{
	const bool known = !nrm_attention_asks_records(kind) || r->index.cases_known;
	struct nrm_column_filter filter = {.until_minute = 0};
	struct waiting waiting = {.n = 0};
	char day[NRM_TIME_TEXT_LEN + 1];
	json_t *o = json_pack("{s:s}", "kind", nrm_attention_name(kind));

	nrm_attention_filter(kind, now_ms, &filter);
	if (known)
		nrm_columns_scan(&r->index.columns, &filter, count_waiting, &waiting);
	json_object_set_new(o, "count", known ? json_integer((json_int_t)waiting.n) : json_null());
	json_object_set_new(o, "since", json_null());
	if (waiting.n)
		nrm_json_day(o, "since", waiting.oldest);
	nrm_time_format(filter.from_minute * 60000, day);
	json_object_set_new(o, "list",
			    kind == NRM_ATTENTION_REFUSALS
				    ? json_sprintf("outcome=refuse&from=%.10s", day)
				    : json_sprintf("attention=%s", nrm_attention_name(kind)));
	return o;
}

void nrm_answer_attention(struct nrm_reading *r, const struct nrm_page_query *q,
			  struct nrm_reply *reply)
{
	const uint64_t now_ms = nrm_time_now_ms();
	json_t *items = json_array();

	(void)q;
	for (int kind = 1; kind < NRM_ATTENTION_END_; kind++)
		json_array_append_new(items, attention_json(r, (enum nrm_attention)kind, now_ms));
	nrm_reply_json(reply, json_pack("{s:I, s:o}", "as_of", (json_int_t)r->index.columns.n,
					"items", items));
}

/* --- participants --- */

static bool contains(struct nrm_slice text, const char *part)
{
	const size_t len = strlen(part);

	for (size_t i = 0; i + len <= text.len; i++)
		if (strncasecmp((const char *)text.data + i, part, len) == 0)
			return true;
	return false;
}

void nrm_answer_participants(struct nrm_reading *r, const struct nrm_page_query *q,
			     struct nrm_reply *reply)
{
	const struct nrm_directory_body *d = &r->index.directory;
	const struct nrm_parties *parties = &r->index.columns.parties;
	json_t *list = json_array();

	for (size_t i = 0; i < d->n_participants && json_array_size(list) < NRM_MAX_PAGE_LIST;
	     i++) {
		const struct nrm_participant_entry *p = &d->participant[i];
		if (!contains(p->id, q->text) && !contains(p->name, q->text))
			continue;
		json_t *o = json_object();
		nrm_json_text(o, "id", p->id);
		nrm_json_text(o, "name", p->name);
		if (p->role.n)
			nrm_json_code(o, "role", NRM_VOCABULARY_ROLE, p->role.code[0]);
		json_array_append_new(list, o);
	}
	/* those of old, which the newest directory does not name */
	for (uint32_t i = 1; i < parties->n && json_array_size(list) < NRM_MAX_PAGE_LIST; i++) {
		const struct nrm_slice id = nrm_slice_str(parties->id[i]);
		if (contains(id, q->text) && !nrm_index_participant(&r->index, id))
			json_array_append_new(list,
					      json_pack("{s:s, s:s, s:n}", "id", parties->id[i],
							"name", parties->id[i], "role"));
	}
	nrm_reply_json(reply, json_pack("{s:o}", "participants", list));
}
