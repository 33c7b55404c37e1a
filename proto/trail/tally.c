#include "proto/trail/tally.h"

#include <stdio.h>
#include <time.h>

#include "proto/base/id.h"

/* --- the table --- */

#define NRM_X_(name, number, code, detail, zero, text) \
	[number] = {code, text, NRM_DETAIL_##detail, zero},
static const struct {
	const char *code, *text;
	enum nrm_tally_detail detail;
	bool zero;
} tallies[] = {NRM_TALLIES(NRM_X_)};
#undef NRM_X_

#define NRM_X_(name, number, code, minutes) [number] = {code, minutes},
static const struct {
	const char *code;
	uint64_t minutes;
} durations[] = {NRM_DURATIONS(NRM_X_)};
#undef NRM_X_

const char *nrm_tally_code(enum nrm_tally tally)
{
	return tallies[tally].code;
}

const char *nrm_tally_text(enum nrm_tally tally)
{
	return tallies[tally].text;
}

bool nrm_tally_must_be_zero(enum nrm_tally tally)
{
	return tallies[tally].zero;
}

enum nrm_tally_detail nrm_tally_detail_of(enum nrm_tally tally)
{
	return tallies[tally].detail;
}

enum nrm_vocabulary nrm_tally_vocabulary(enum nrm_tally_detail detail)
{
	static const enum nrm_vocabulary of[] = {
		[NRM_DETAIL_NOTHING] = NRM_VOCABULARY_COUNT,
		[NRM_DETAIL_BASIS] = NRM_VOCABULARY_BASIS,
		[NRM_DETAIL_EMERGENCY] = NRM_VOCABULARY_EMERGENCY,
		[NRM_DETAIL_RULE] = NRM_VOCABULARY_COUNT,
		[NRM_DETAIL_REASON] = NRM_VOCABULARY_REASON,
		[NRM_DETAIL_ASSESSMENT] = NRM_VOCABULARY_ASSESSMENT,
		[NRM_DETAIL_ANSWER] = NRM_VOCABULARY_ANSWER,
		[NRM_DETAIL_DECLINE] = NRM_VOCABULARY_DECLINE,
		[NRM_DETAIL_DURATION] = NRM_VOCABULARY_COUNT,
		[NRM_DETAIL_STEP] = NRM_VOCABULARY_STEP,
		[NRM_DETAIL_OBLIGATION] = NRM_VOCABULARY_OBLIGATION,
		[NRM_DETAIL_NOTICE] = NRM_VOCABULARY_NOTICE_KIND,
		[NRM_DETAIL_COUNTRY] = NRM_VOCABULARY_COUNT,
	};

	return of[detail];
}

/* --- months and durations --- */

uint16_t nrm_month_of(uint64_t minute)
{
	const time_t seconds = (time_t)(minute * 60);
	struct tm tm;

	if (minute > UINT32_MAX || !gmtime_r(&seconds, &tm)) /* after the year 10000 */
		return UINT16_MAX;
	return (uint16_t)((tm.tm_year - 70) * 12 + tm.tm_mon);
}

void nrm_month_format(uint16_t month, char out[static NRM_MONTH_TEXT_LEN + 1])
{
	snprintf(out, NRM_MONTH_TEXT_LEN + 1, "%04u-%02u", (1970u + month / 12) % 10000u,
		 month % 12u + 1);
}

enum nrm_err nrm_month_parse(const char *text, uint16_t *ret_month)
{
	unsigned digit[6];
	static const unsigned at[6] = {0, 1, 2, 3, 5, 6};

	if (strlen(text) != NRM_MONTH_TEXT_LEN || text[4] != '-')
		return NRM_ERR_FORMAT;
	for (int i = 0; i < 6; i++) {
		digit[i] = (unsigned)text[at[i]] - '0';
		if (digit[i] > 9)
			return NRM_ERR_FORMAT;
	}
	const unsigned year = digit[0] * 1000 + digit[1] * 100 + digit[2] * 10 + digit[3];
	const unsigned month = digit[4] * 10 + digit[5];
	if (year < 1970 || year > 7000 || month < 1 || month > 12)
		return NRM_ERR_FORMAT;
	*ret_month = (uint16_t)((year - 1970) * 12 + month - 1);
	return NRM_OK;
}

enum nrm_duration nrm_duration_of(uint64_t minutes)
{
	enum nrm_duration d = NRM_DURATION_HOUR;

	while (minutes > durations[d].minutes)
		d++;
	return d;
}

const char *nrm_duration_code(enum nrm_duration duration)
{
	return durations[duration].code;
}

/* --- what a leaf adds --- */

struct count {
	const struct nrm_leaf *leaf;
	const struct nrm_view *view;
	uint16_t month, country;
	uint64_t answered;
	nrm_tally_add add;
	void *context;
	enum nrm_err err; /* the first */
};

static void add(struct count *c, enum nrm_tally tally, struct nrm_slice agency, uint32_t detail,
		uint64_t amount)
{
	const struct nrm_tally_cell cell = {.month = c->month,
					    .agency = agency,
					    .tally = tally,
					    .service = c->leaf->service,
					    .detail = (uint16_t)detail,
					    .amount = amount};

	if (c->err == NRM_OK && amount != 0)
		c->err = c->add(c->context, &cell);
}

/* Of the sender, as most of it. */
static void add_sent(struct count *c, enum nrm_tally tally, uint32_t detail)
{
	add(c, tally, c->leaf->sender, detail, 1);
}

/* A cell for each code of a mask. */
static void add_each(struct count *c, enum nrm_tally tally, uint32_t codes)
{
	for (; codes; codes &= codes - 1)
		add_sent(c, tally, (uint32_t)__builtin_ctz(codes));
}

static uint16_t country_of(struct nrm_slice participant)
{
	return participant.len < 2 ? 0 : (uint16_t)(participant.data[0] << 8 | participant.data[1]);
}

/* Addressed to the broker itself: facts, and orders to it. */
static bool to_broker(const struct nrm_leaf *leaf)
{
	static const char ending[] = ".nrm";

	return leaf->recipient.len == 2 + sizeof(ending) - 1 &&
	       memcmp(leaf->recipient.data + 2, ending, sizeof(ending) - 1) == 0;
}

static bool is_ground(const struct nrm_view *view)
{
	switch (view->basis) {
	case NRM_BASIS_CONSENT:
		return view->consent_id.n > 0;
	case NRM_BASIS_EMERGENCY:
		return view->emergency != NRM_EMERGENCY_ABSENT;
	case NRM_BASIS_CHILD_PROTECTION:
		return view->child;
	case NRM_BASIS_LEGAL_DUTY:
		return true;
	default:
		return false;
	}
}

/* What must not be: counted at every decision to forward, first or anew. */
static void must_not_be(struct count *c)
{
	const struct nrm_view *view = c->view;

	if (nrm_view_asks_ground(view) && !view->groundless && !is_ground(view))
		add_sent(c, NRM_TALLY_WITHOUT_BASIS, 0);
	if (view->guardian == NRM_SAFEGUARD_MISSING)
		add_sent(c, NRM_TALLY_CHILD_UNGUARDED, 0);
	if (view->assessment == NRM_SAFEGUARD_MISSING)
		add_sent(c, NRM_TALLY_CHILD_UNASSESSED, 0);
}

static void abroad(struct count *c, enum nrm_tally tally)
{
	const uint16_t from = country_of(c->leaf->sender), to = country_of(c->leaf->recipient);

	if (c->leaf->kind == NRM_EVENT_REFERRAL && from != to)
		add_sent(c, tally, to == c->country ? from : to);
}

static void response(struct count *c)
{
	add_sent(c, NRM_TALLY_ANSWERS, c->view->answer);
	if (c->view->answer == NRM_ANSWER_DECLINE)
		add_sent(c, NRM_TALLY_DECLINED, c->view->decline);
	if (c->answered && c->answered <= c->leaf->minute)
		add_sent(c, NRM_TALLY_RESPONSE_TIME,
			 nrm_duration_of(c->leaf->minute - c->answered));
}

/* What a message that went on to an agency is besides. */
static void of_its_kind(struct count *c)
{
	switch (c->leaf->kind) {
	case NRM_EVENT_RESPONSE:
		response(c);
		break;
	case NRM_EVENT_UPDATE:
		add_sent(c, NRM_TALLY_STEPS, c->view->step);
		break;
	case NRM_EVENT_COMPLAINT:
		add_sent(c, NRM_TALLY_COMPLAINTS, 0);
		break;
	case NRM_EVENT_NOTIFICATION:
		add_sent(c, NRM_TALLY_NOTIFICATIONS, 0);
		break;
	case NRM_EVENT_NOTICE:
		add_sent(c, NRM_TALLY_NOTICES, c->view->notice);
		break;
	case NRM_EVENT_ERASURE_ORDER:
		add(c, NRM_TALLY_ERASURES_ORDERED, c->leaf->recipient, 0, 1);
		break;
	case NRM_EVENT_ERASURE_CONFIRMATION:
		add_sent(c,
			 c->view->kept_by_law ? NRM_TALLY_ERASURES_KEPT
					      : NRM_TALLY_ERASURES_CONFIRMED,
			 0);
		break;
	default:
		break;
	}
}

static void forwarded(struct count *c)
{
	const struct nrm_view *view = c->view;

	add_sent(c, NRM_TALLY_FORWARDED, view->basis ? view->basis : NRM_BASIS_NONE);
	if (view->basis == NRM_BASIS_EMERGENCY)
		add_sent(c, NRM_TALLY_EMERGENCY, view->emergency);
	for (size_t i = 0; i < sizeof(view->withheld) / sizeof(view->withheld[0]); i++)
		add(c, NRM_TALLY_WITHHELD, c->leaf->recipient, view->withheld[i].reason,
		    (uint64_t)__builtin_popcountll(view->withheld[i].fields));
	must_not_be(c);
	abroad(c, NRM_TALLY_ABROAD);
	of_its_kind(c);
}

/* The rule that ended the matter: the alert of rule 12 may stand beside it. */
static uint32_t deciding(uint32_t rules)
{
	return rules & (rules - 1) ? rules & ~(1u << 12) : rules;
}

static void decided(struct count *c)
{
	const struct nrm_view *view = c->view;

	add_each(c, NRM_TALLY_DUTIES, view->obligations);
	if (view->outcome == NRM_OUTCOME_REFUSE) {
		add_sent(c, NRM_TALLY_REFUSED_REASON, view->reason);
		add_each(c, NRM_TALLY_REFUSED_RULE, deciding(view->rules));
	} else if (view->outcome == NRM_OUTCOME_HOLD) {
		add_sent(c, NRM_TALLY_HELD, view->reason);
		add_each(c, NRM_TALLY_EVIDENCE_MISSING, view->missing);
	} else if (!to_broker(c->leaf)) {
		forwarded(c);
	} else if (c->leaf->kind == NRM_EVENT_CONSENT_GRANT) {
		add_sent(c, NRM_TALLY_CONSENTS_GIVEN, 0);
	} else if (c->leaf->kind == NRM_EVENT_WITHDRAWAL) {
		add_sent(c, NRM_TALLY_CONSENTS_WITHDRAWN, 0);
	}
	if (view->outcome != NRM_OUTCOME_FORWARD)
		abroad(c, NRM_TALLY_ABROAD_STOPPED);
}

enum nrm_err nrm_tally(const struct nrm_leaf *leaf, const struct nrm_view *view, uint16_t country,
		       uint64_t answered, nrm_tally_add add_cell, void *context)
{
	struct count c = {.leaf = leaf,
			  .view = view,
			  .month = nrm_month_of(leaf->minute),
			  .country = country,
			  .answered = answered,
			  .add = add_cell,
			  .context = context};

	switch (leaf->kind) {
	case NRM_EVENT_ACKNOWLEDGEMENT:
		add(&c,
		    leaf->outcome == NRM_OUTCOME_FORWARD ? NRM_TALLY_ACKNOWLEDGED
							 : NRM_TALLY_UNUSABLE,
		    leaf->recipient, 0, 1);
		break;
	case NRM_EVENT_REDECISION:
		if (view->outcome == NRM_OUTCOME_FORWARD)
			must_not_be(&c);
		else
			add_sent(&c, NRM_TALLY_STOPPED, view->reason);
		break;
	case NRM_EVENT_RETURN:
		add(&c, NRM_TALLY_RETURNED, leaf->recipient, 0, 1);
		break;
	case NRM_EVENT_AGGREGATE:
		add_sent(&c, NRM_TALLY_STATEMENTS, 0);
		break;
	case NRM_EVENT_FORGETTING:
		add_sent(&c, NRM_TALLY_FORGOTTEN, 0);
		break;
	default:
		if (leaf->kind <= NRM_EVENT_NOTICE)
			decided(&c);
		break;
	}
	return c.err;
}
