#include "agents/page/query.h"

#include <stdio.h>
#include <stdlib.h>

#include "proto/base/hex.h"
#include "proto/base/time.h"
#include "proto/base/utf8.h"

#define MINUTES_A_DAY 1440u

/* --- what there is --- */

#define PARAMETERS(X)                 \
	X(FROM, "from")               \
	X(UNTIL, "until")             \
	X(PARTICIPANT, "participant") \
	X(SENDER, "sender")           \
	X(RECIPIENT, "recipient")     \
	X(SERVICE, "service")         \
	X(OUTCOME, "outcome")         \
	X(REASON, "reason")           \
	X(KIND, "kind")               \
	X(RULE, "rule")               \
	X(TRUE_REASON, "true_reason") \
	X(WITHHELD, "withheld")       \
	X(ROLE, "role")               \
	X(CASE, "case")               \
	X(ATTENTION, "attention")     \
	X(BEFORE, "before")           \
	X(LIMIT, "limit")             \
	X(CSV, "csv")                 \
	X(BY, "by")                   \
	X(LANG, "lang")               \
	X(Q, "q")
#define NRM_X_(name, code) P_##name,
enum parameter { PARAMETERS(NRM_X_) P_END };
#undef NRM_X_
#define NRM_X_(name, code) code,
static const char *const parameter_names[] = {PARAMETERS(NRM_X_)};
#undef NRM_X_

#define HAS(name) (1u << P_##name)
#define A_TIME	  (HAS(FROM) | HAS(UNTIL))
#define A_PICTURE (A_TIME | HAS(CSV))

enum tail { NO_TAIL, A_LEAF, A_CASE };

static const struct {
	const char *name; /* below /api/ */
	enum tail tail;
	const char *end; /* after the tail */
	uint32_t may;	 /* parameters that it knows */
} paths[NRM_PAGE_PATHS] = {
	[NRM_PAGE_WORDS] = {"words", NO_TAIL, "", HAS(LANG)},
	[NRM_PAGE_STATUS] = {"status", NO_TAIL, "", 0},
	[NRM_PAGE_ATTENTION] = {"attention", NO_TAIL, "", 0},
	[NRM_PAGE_LEAVES] = {"leaves", NO_TAIL, "",
			     A_TIME | HAS(PARTICIPANT) | HAS(SENDER) | HAS(RECIPIENT) |
				     HAS(SERVICE) | HAS(OUTCOME) | HAS(REASON) | HAS(KIND) |
				     HAS(RULE) | HAS(TRUE_REASON) | HAS(WITHHELD) | HAS(ROLE) |
				     HAS(CASE) | HAS(ATTENTION) | HAS(BEFORE) | HAS(LIMIT)},
	[NRM_PAGE_LEAF] = {"leaf/", A_LEAF, "", 0},
	[NRM_PAGE_PROOF] = {"leaf/", A_LEAF, "/proof", 0},
	[NRM_PAGE_CASE] = {"case/", A_CASE, "", 0},
	[NRM_PAGE_PARTICIPANTS] = {"participants", NO_TAIL, "", HAS(Q)},
	[NRM_PAGE_FLOWS] = {"flows", NO_TAIL, "", A_PICTURE},
	[NRM_PAGE_VOLUMES] = {"volumes", NO_TAIL, "", A_PICTURE},
	[NRM_PAGE_RESPONSE_TIMES] = {"response_times", NO_TAIL, "", A_PICTURE},
	[NRM_PAGE_WITHHELD] = {"withheld", NO_TAIL, "", A_PICTURE},
	[NRM_PAGE_INDICATORS] = {"indicators", NO_TAIL, "", A_PICTURE | HAS(BY)},
};

#define NRM_X_(name, number, code) [number] = code,
static const char *const attentions[] = {NRM_ATTENTIONS(NRM_X_)};
#undef NRM_X_

const char *nrm_attention_name(enum nrm_attention kind)
{
	return kind > NRM_ATTENTION_ABSENT && kind < NRM_ATTENTION_END_ ? attentions[kind] : NULL;
}

/* --- values --- */

static bool read_number(struct nrm_slice text, uint64_t most, uint64_t *ret_number)
{
	uint64_t number = 0;

	if (text.len == 0 || text.len > 19 || (text.len > 1 && text.data[0] == '0'))
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
		number = 10 * number + (text.data[i] - '0');
	}
	if (number > most)
		return false;
	*ret_number = number;
	return true;
}

/* 32 hexadecimal digits, or the same with the dashes of a UUID. */
static bool read_id(struct nrm_slice text, uint8_t id[static NRM_CASE_ID_LEN])
{
	char digits[2 * NRM_CASE_ID_LEN + 1];
	const bool dashes = text.len == 36;
	size_t n = 0;

	if (text.len != 32 && !dashes)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		const bool dash = dashes && (i == 8 || i == 13 || i == 18 || i == 23);
		if (dash != (text.data[i] == '-') || text.data[i] == 0)
			return false;
		if (!dash)
			digits[n++] = (char)text.data[i];
	}
	digits[n] = '\0';
	return nrm_unhex(digits, id, NRM_CASE_ID_LEN) == NRM_OK;
}

/*
 * "2026-11", "2026-11-23", "2026-11-23T04:05Z" (seconds may follow): the minute it begins and the one after it ends, which for a
 * time is the same: until a time is up to it, until a day or a month is to its end.
 */
static bool read_time(struct nrm_slice text, uint64_t *ret_first, uint64_t *ret_end)
{
	char whole[NRM_TIME_TEXT_LEN + 1] = "";
	uint64_t first, end;

	if (text.len == 7 || text.len == 10)
		snprintf(whole, sizeof(whole), "%.*s%s", (int)text.len, (const char *)text.data,
			 &"YYYY-MM-01T00:00:00Z"[text.len]);
	else if (text.len == 17 && text.data[16] == 'Z')
		snprintf(whole, sizeof(whole), "%.16s:00Z", (const char *)text.data);
	else if (text.len == 20 || text.len == 24)
		snprintf(whole, sizeof(whole), "%.*s", (int)text.len, (const char *)text.data);
	if (memchr(text.data, 0, text.len) || nrm_time_parse(whole, &first) != NRM_OK)
		return false;
	first /= 60000;
	end = first + (text.len == 10 ? MINUTES_A_DAY : 0);
	if (text.len == 7) { /* the first day of the month that is there 32 days later */
		nrm_time_format((first + 32 * MINUTES_A_DAY) * 60000, whole);
		whole[8] = '0';
		whole[9] = '1';
		if (nrm_time_parse(whole, &end) != NRM_OK)
			return false;
		end /= 60000;
	}
	*ret_first = first;
	*ret_end = end;
	return true;
}

static bool take_time(struct nrm_page_query *q, enum parameter parameter, struct nrm_slice value)
{
	uint64_t first, end;

	if (value.len < 7 || !read_time(value, &first, &end))
		return false;
	if (parameter == P_FROM) {
		q->from_minute = first;
		q->from_month = nrm_month_of(first);
	} else {
		q->until_minute = end;
		q->until_month = nrm_month_of(first);
	}
	return true;
}

static bool take_party(char out[static NRM_MAX_ID + 1], struct nrm_slice value)
{
	if (!nrm_participant_id_ok(value))
		return false;
	memcpy(out, value.data, value.len);
	return true;
}

static bool take_code(enum nrm_vocabulary kind, struct nrm_slice value, uint32_t *ret_code)
{
	*ret_code = nrm_code_number(kind, (const char *)value.data, value.len);
	return *ret_code != 0;
}

static bool take_outcome(struct nrm_page_query *q, struct nrm_slice value)
{
	uint32_t code = NRM_OUTCOME_REFUSE;

	q->has_outcome = true;
	if (!nrm_slice_equal(value, nrm_slice_str(nrm_code_name(NRM_VOCABULARY_OUTCOME, 0))) &&
	    !take_code(NRM_VOCABULARY_OUTCOME, value, &code))
		return false;
	q->outcome = (enum nrm_outcome)code;
	return true;
}

/* The place of a word in a table of `n`, `n` when it is none of them. */
static uint32_t place(struct nrm_slice value, const char *const *words, uint32_t n)
{
	uint32_t i = 0;

	while (i < n && (!words[i] || !nrm_slice_equal(value, nrm_slice_str(words[i]))))
		i++;
	return i;
}

static bool take_text(char *out, size_t size, struct nrm_slice value)
{
	if (value.len >= size || !nrm_utf8_line_ok(value))
		return false;
	memcpy(out, value.data, value.len);
	return true;
}

static bool take_value(struct nrm_page_query *q, enum parameter parameter, struct nrm_slice value)
{
	static const char *const by[] = {"month", "agency", "service", "role"};
	uint64_t number = 0;
	uint32_t code = 0;
	bool good;

	switch (parameter) {
	case P_FROM:
	case P_UNTIL:
		return take_time(q, parameter, value);
	case P_PARTICIPANT:
		return take_party(q->participant, value);
	case P_SENDER:
		return take_party(q->sender, value);
	case P_RECIPIENT:
		return take_party(q->recipient, value);
	case P_SERVICE:
		good = take_code(NRM_VOCABULARY_SERVICE, value, &code);
		q->service = (enum nrm_service)code;
		return good;
	case P_OUTCOME:
		return take_outcome(q, value);
	case P_REASON:
		good = take_code(NRM_VOCABULARY_REASON, value, &code);
		q->reason = (enum nrm_reason)code;
		return good;
	case P_KIND:
		good = take_code(NRM_VOCABULARY_EVENT, value, &code);
		q->kind = (enum nrm_event)code;
		return good;
	case P_RULE:
		good = read_number(value, 20, &number) && number > 0;
		q->rule = (uint32_t)number;
		return good;
	case P_TRUE_REASON:
		good = take_code(NRM_VOCABULARY_REASON, value, &code);
		q->true_reason = (enum nrm_reason)code;
		return good;
	case P_WITHHELD:
		good = take_code(NRM_VOCABULARY_REASON, value, &code);
		q->withheld = (enum nrm_reason)code;
		return good;
	case P_ROLE:
		good = take_code(NRM_VOCABULARY_ROLE, value, &code);
		q->role = (enum nrm_role)code;
		return good;
	case P_CASE:
		q->has_case = true;
		return read_id(value, q->case_id);
	case P_ATTENTION:
		q->attention = place(value, attentions, NRM_ATTENTION_END_);
		return q->attention < NRM_ATTENTION_END_;
	case P_BEFORE:
		q->has_before = true;
		return read_number(value, INT64_MAX, &q->before);
	case P_LIMIT:
		good = read_number(value, NRM_MAX_PAGE_LIST, &number) && number > 0;
		q->limit = (uint32_t)number;
		return good;
	case P_CSV:
		q->csv = true;
		return value.len == 0 || nrm_slice_equal(value, nrm_slice_str("1"));
	case P_BY:
		q->by = place(value, by, NRM_BY_END_);
		return q->by < NRM_BY_END_;
	case P_LANG:
		return take_text(q->language, sizeof(q->language), value);
	case P_Q:
		return take_text(q->text, sizeof(q->text), value);
	case P_END:
		break;
	}
	return false;
}

static const char *expected(enum parameter parameter)
{
	switch (parameter) {
	case P_FROM:
	case P_UNTIL:
		return "a month (2026-11), a day (2026-11-23) or a time (2026-11-23T04:05Z)";
	case P_PARTICIPANT:
	case P_SENDER:
	case P_RECIPIENT:
		return "a participant's id: XA.police";
	case P_RULE:
		return "the number of a rule, 1 to 20";
	case P_CASE:
		return "the 32 hexadecimal digits of a case id";
	case P_ATTENTION:
		return "refusals, emergency_unreviewed, unacknowledged, unanswered or "
		       "erasures_unanswered";
	case P_BEFORE:
		return "the number of a leaf";
	case P_LIMIT:
		return "a number, 1 to 500";
	case P_CSV:
		return "nothing";
	case P_BY:
		return "month, agency, service or role";
	case P_LANG:
	case P_Q:
		return "at most a few words, in UTF-8";
	default:
		return "a code of the vocabulary";
	}
}

/* --- paths --- */

/* The tail of a path, up to what ends it; false when the path is another one. */
static bool tail_of(const char *path, enum nrm_page_path which, struct nrm_slice *ret_tail)
{
	const size_t begin = strlen(paths[which].name), end = strlen(paths[which].end);
	const size_t len = strlen(path);

	if (strncmp(path, paths[which].name, begin) != 0 || len < begin + end ||
	    strcmp(path + len - end, paths[which].end) != 0)
		return false;
	*ret_tail = nrm_slice(path + begin, len - begin - end);
	return paths[which].tail == NO_TAIL
		       ? ret_tail->len == 0
		       : ret_tail->len > 0 && !memchr(ret_tail->data, '/', ret_tail->len);
}

enum nrm_err nrm_query_begin(const char *path, struct nrm_page_query *ret_query,
			     struct nrm_page_failure *failure)
{
	struct nrm_page_query q = {.path = NRM_PAGE_WORDS};
	struct nrm_slice tail = {0};
	const bool api = strncmp(path, "/api/", 5) == 0;

	while (api && q.path < NRM_PAGE_PATHS && !tail_of(path + 5, q.path, &tail))
		q.path++;
	if (!api || q.path == NRM_PAGE_PATHS) {
		nrm_page_fail(failure, nrm_slice_str(path), "a path of agents/page/README.md",
			      "there is no such page");
		return NRM_ERR_NOT_FOUND;
	}
	if (paths[q.path].tail == A_LEAF && !read_number(tail, INT64_MAX, &q.leaf)) {
		nrm_page_fail(failure, tail, expected(P_BEFORE), "the path names no leaf");
		return NRM_ERR_FORMAT;
	}
	if (paths[q.path].tail == A_CASE && !read_id(tail, q.case_id)) {
		nrm_page_fail(failure, tail, expected(P_CASE), "the path names no case");
		return NRM_ERR_FORMAT;
	}
	*ret_query = q;
	return NRM_OK;
}

enum nrm_err nrm_query_take(struct nrm_page_query *query, struct nrm_slice name,
			    struct nrm_slice value, struct nrm_page_failure *failure)
{
	const uint32_t p = place(name, parameter_names, P_END);

	if (p == P_END || !(paths[query->path].may >> p & 1)) {
		nrm_page_fail(failure, name, "a parameter of this path",
			      "there is no such parameter here");
		return NRM_ERR_FORMAT;
	}
	if (query->given >> p & 1) {
		nrm_page_fail(failure, value, "one value", "parameter %s: it is given twice",
			      parameter_names[p]);
		return NRM_ERR_FORMAT;
	}
	query->given |= 1u << p;
	if (value.len == 0 && p != P_CSV) /* a form's empty field: not asked for */
		return NRM_OK;
	if (!take_value(query, (enum parameter)p, value)) {
		nrm_page_fail(failure, value, expected((enum parameter)p), "parameter %s",
			      parameter_names[p]);
		return NRM_ERR_FORMAT;
	}
	return NRM_OK;
}

enum nrm_err nrm_query_end(struct nrm_page_query *query, struct nrm_page_failure *failure)
{
	if (query->until_minute && query->until_minute <= query->from_minute) {
		nrm_page_fail(failure, nrm_slice_str("an end before it"), "a time after from",
			      "parameter until");
		return NRM_ERR_FORMAT;
	}
	if (query->limit == 0)
		query->limit = 50;
	return NRM_OK;
}
