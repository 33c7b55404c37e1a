#include "agents/agent/aggregate.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "agents/agent/message.h"
#include "agents/agent/spool.h"
#include "proto/base/limits.h"
#include "proto/base/time.h"
#include "proto/trail/tally.h"

#define ADULT_YEARS 18u

/* A case that asked for a service; codes by kind - 1, zero where the referral did not have the field. */
struct asked {
	uint8_t case_id[NRM_CASE_ID_LEN];
	enum nrm_service service;
	uint8_t code[NRM_AGGREGATE_END_ - 1];
};

/* --- what a value says --- */

/* The code that is spelled like this, whatever its case, with spaces for underscores; else "unknown". */
static uint8_t code_of(enum nrm_aggregate_kind kind, struct nrm_slice value)
{
	const uint32_t n = nrm_aggregate_codes(kind);

	for (uint32_t code = 1; code <= n; code++) {
		const char *name = nrm_aggregate_code(kind, code);
		size_t i = 0;

		if (strlen(name) != value.len)
			continue;
		while (i < value.len && (tolower(value.data[i]) == name[i] ||
					 (value.data[i] == ' ' && name[i] == '_')))
			i++;
		if (i == value.len)
			return (uint8_t)code;
	}
	return (uint8_t)n;
}

/* Digits alone, at most three; else UINT32_MAX. */
static uint32_t years_of(struct nrm_slice value)
{
	uint32_t years = 0;

	if (value.len == 0 || value.len > 3)
		return UINT32_MAX;
	for (size_t i = 0; i < value.len; i++) {
		if (value.data[i] < '0' || value.data[i] > '9')
			return UINT32_MAX;
		years = years * 10 + value.data[i] - '0';
	}
	return years;
}

/* Whole years from a date of birth (2009-05-01) to a time; UINT32_MAX for anything else. */
static uint32_t years_since(struct nrm_slice value, uint64_t now_ms)
{
	char born[NRM_TIME_TEXT_LEN + 1] = "", now[NRM_TIME_TEXT_LEN + 1];
	uint64_t ms;

	if (value.len != 10)
		return UINT32_MAX;
	snprintf(born, sizeof(born), "%.10sT00:00:00Z", (const char *)value.data);
	if (nrm_time_parse(born, &ms) != NRM_OK || ms > now_ms)
		return UINT32_MAX;
	nrm_time_format(now_ms, now);
	const uint32_t years = (uint32_t)(strtoul(now, NULL, 10) - strtoul(born, NULL, 10));
	return years - (memcmp(now + 4, born + 4, 6) < 0);
}

static uint8_t age_of(const struct nrm_values *values, uint64_t now_ms)
{
	uint32_t years = years_of(values->of[NRM_FIELD_AGE_YEARS]);

	if (years == UINT32_MAX)
		years = years_since(values->of[NRM_FIELD_BIRTH_DATE], now_ms);
	return years == UINT32_MAX ? 3 : years < ADULT_YEARS ? 1 : 2;
}

/* --- what was received --- */

static enum nrm_err look_at(const struct nrm_identity *identity, const struct nrm_received *in,
			    struct nrm_arena *arena, struct nrm_buf *cases)
{
	struct nrm_statement st;
	struct nrm_values values;
	struct nrm_buf store = {0};
	struct asked asked = {.service = NRM_SERVICE_ABSENT};

	enum nrm_err err = nrm_message_open(identity, in->envelope, arena, &store, &st, &values);
	if (err == NRM_OK && st.type == NRM_MESSAGE_TYPE_REFERRAL) {
		memcpy(asked.case_id, st.case_id.data, NRM_CASE_ID_LEN);
		asked.service = st.service;
		asked.code[NRM_AGGREGATE_SEX - 1] =
			code_of(NRM_AGGREGATE_SEX, values.of[NRM_FIELD_GENDER]);
		asked.code[NRM_AGGREGATE_AGE - 1] = age_of(&values, in->received_ms);
		asked.code[NRM_AGGREGATE_FORM - 1] =
			code_of(NRM_AGGREGATE_FORM, values.of[NRM_FIELD_EXPLOITATION_FORM]);
		nrm_buf_put(cases, &asked, sizeof(asked));
	}
	nrm_buf_wipe(&store);
	return err == NRM_OK || err == NRM_ERR_NOMEM
		       ? cases->err != NRM_OK ? cases->err : err
		       : NRM_OK; /* what cannot be opened tells nothing */
}

static enum nrm_err gather(struct nrm_txn *txn, const struct nrm_identity *identity, uint16_t month,
			   struct nrm_buf *cases)
{
	struct nrm_slice key, row;
	struct nrm_cursor *cursor;
	struct nrm_arena arena;
	enum nrm_err err = nrm_cursor_open(txn, NRM_SPOOL_INBOX, &cursor);

	if (err != NRM_OK)
		return err;
	nrm_arena_init(&arena, NRM_MAX_FRAME_ARENA);
	for (err = nrm_cursor_seek(cursor, nrm_slice(NULL, 0), &key, &row); err == NRM_OK;) {
		struct nrm_received in;

		nrm_arena_reset(&arena);
		err = nrm_inbox_read(row, &in);
		if (err == NRM_OK && in.status == NRM_ACK_OK &&
		    nrm_month_of(in.received_ms / 60000) == month)
			err = look_at(identity, &in, &arena, cases);
		if (err == NRM_OK)
			err = nrm_cursor_next(cursor, &key, &row);
	}
	nrm_cursor_close(cursor);
	nrm_arena_done(&arena);
	return err == NRM_ERR_NOT_FOUND ? NRM_OK : err;
}

/* --- counts --- */

static int compare(const void *a, const void *b)
{
	const struct asked *x = a, *y = b;

	if (x->service != y->service)
		return x->service < y->service ? -1 : 1;
	return memcmp(x->case_id, y->case_id, NRM_CASE_ID_LEN);
}

/* The code of a run of one case's referrals: the first that is known. */
static uint8_t known(const struct asked *asked, size_t n, enum nrm_aggregate_kind kind)
{
	const uint8_t unknown = (uint8_t)nrm_aggregate_codes(kind);

	for (size_t i = 0; i < n; i++)
		if (asked[i].code[kind - 1] != unknown)
			return asked[i].code[kind - 1];
	return unknown;
}

static void count(const struct asked *asked, size_t n, struct nrm_aggregate_group *group,
		  size_t *ret_groups)
{
	struct nrm_aggregate_group *g = group;
	size_t same;

	for (size_t i = 0; i < n; i += same) {
		for (same = 1; i + same < n && compare(&asked[i], &asked[i + same]) == 0; same++)
			;
		if (i == 0 || asked[i].service != asked[i - 1].service) {
			g = i == 0 ? group : g + 3;
			for (int kind = NRM_AGGREGATE_SEX; kind < NRM_AGGREGATE_END_; kind++)
				g[kind - 1] = (struct nrm_aggregate_group){
					.service = asked[i].service,
					.kind = (enum nrm_aggregate_kind)kind};
		}
		for (int kind = NRM_AGGREGATE_SEX; kind < NRM_AGGREGATE_END_; kind++)
			g[kind - 1]
				.count[known(&asked[i], same, (enum nrm_aggregate_kind)kind) - 1]++;
	}
	*ret_groups = n ? (size_t)(g + 3 - group) : 0;
	for (size_t i = 0; i < *ret_groups; i++)
		nrm_aggregate_withhold(&group[i]);
}

enum nrm_err nrm_aggregate_count(struct nrm_txn *txn, const struct nrm_identity *identity,
				 uint16_t month, struct nrm_arena *arena,
				 struct nrm_aggregate *ret_aggregate)
{
	struct nrm_aggregate_group *group =
		nrm_arena_alloc(arena, NRM_AGGREGATE_GROUPS * sizeof(*group));
	struct nrm_aggregate aggregate = {
		.agency = nrm_slice_str(identity->id), .month = month, .group = group};
	struct nrm_buf cases = {0};
	enum nrm_err err = group ? gather(txn, identity, month, &cases) : NRM_ERR_LIMIT;

	if (err == NRM_OK && cases.len) {
		struct asked *asked = (struct asked *)(void *)cases.data;
		const size_t n = cases.len / sizeof(*asked);

		qsort(asked, n, sizeof(*asked), compare);
		count(asked, n, group, &aggregate.n_groups);
	}
	nrm_buf_wipe(&cases);
	if (err == NRM_OK)
		*ret_aggregate = aggregate;
	return err;
}

/* --- rows of NRM_SPOOL_META: u8 state, u8 refusal, u64 leaf, u32 length, document, signature --- */

#define NAME	 "aggregate "
#define NAME_LEN (sizeof(NAME) - 1 + NRM_MONTH_TEXT_LEN)

static void name_of(uint16_t month, char name[static NAME_LEN + 1])
{
	memcpy(name, NAME, sizeof(NAME) - 1);
	nrm_month_format(month, name + sizeof(NAME) - 1);
}

enum nrm_err nrm_aggregate_put(struct nrm_txn *txn, const struct nrm_kept_aggregate *kept)
{
	char name[NAME_LEN + 1];
	struct nrm_buf row = {0};

	name_of(kept->month, name);
	nrm_buf_put_u8(&row, (uint8_t)kept->state);
	nrm_buf_put_u8(&row, (uint8_t)kept->refusal);
	nrm_buf_put_u64(&row, kept->leaf);
	nrm_buf_put_u32(&row, (uint32_t)kept->document.document.len);
	nrm_buf_put(&row, kept->document.document.data, kept->document.document.len);
	nrm_buf_put(&row, kept->document.signature.data, kept->document.signature.len);
	enum nrm_err err = row.err != NRM_OK ? row.err
					     : nrm_meta_put(txn, name, nrm_buf_slice(&row));
	nrm_buf_done(&row);
	return err;
}

static enum nrm_err read_row(struct nrm_slice row, struct nrm_kept_aggregate *kept)
{
	struct nrm_reader r = nrm_reader(row);

	kept->state = nrm_take_u8(&r);
	kept->refusal = nrm_take_u8(&r);
	kept->leaf = nrm_take_u64(&r);
	kept->document.document = nrm_take(&r, nrm_take_u32(&r));
	kept->document.signature = nrm_take(&r, NRM_SIGNATURE_LEN);
	return nrm_reader_end(&r) == NRM_OK ? NRM_OK : NRM_ERR_CORRUPT;
}

enum nrm_err nrm_aggregate_get(struct nrm_txn *txn, uint16_t month,
			       struct nrm_kept_aggregate *ret_kept)
{
	struct nrm_kept_aggregate kept = {.month = month};
	char name[NAME_LEN + 1];
	struct nrm_slice row;

	name_of(month, name);
	enum nrm_err err = nrm_meta_get(txn, name, &row);
	if (err == NRM_OK)
		err = read_row(row, &kept);
	if (err == NRM_OK)
		*ret_kept = kept;
	return err;
}

enum nrm_err nrm_aggregate_next(struct nrm_txn *txn, uint16_t from,
				struct nrm_kept_aggregate *ret_kept)
{
	char name[NAME_LEN + 1], text[NRM_MONTH_TEXT_LEN + 1] = "";
	struct nrm_kept_aggregate kept = {.month = from};
	struct nrm_slice key, row;
	struct nrm_cursor *cursor;

	name_of(from, name);
	enum nrm_err err = nrm_cursor_open(txn, NRM_SPOOL_META, &cursor);
	if (err != NRM_OK)
		return err;
	for (err = nrm_cursor_seek(cursor, nrm_slice(name, NAME_LEN), &key, &row); err == NRM_OK;
	     err = nrm_cursor_next(cursor, &key, &row)) {
		if (key.len != NAME_LEN || memcmp(key.data, NAME, sizeof(NAME) - 1) != 0) {
			err = NRM_ERR_NOT_FOUND;
			break;
		}
		memcpy(text, key.data + sizeof(NAME) - 1, NRM_MONTH_TEXT_LEN);
		err = nrm_month_parse(text, &kept.month);
		if (err == NRM_OK)
			err = read_row(row, &kept);
		if (err != NRM_OK || kept.state == NRM_AGGREGATE_SPOOLED)
			break;
	}
	nrm_cursor_close(cursor);
	if (err == NRM_OK)
		*ret_kept = kept;
	return err;
}
