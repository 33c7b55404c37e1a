/*
 * What oversight counts (requirements.md section 5): one table over kinds of event, and one pure function from a leaf and its
 * record to what it adds. The broker keeps the sums with every transaction; an auditor computes them anew from the records.
 * An indicator is one line of NRM_TALLIES and, when no other line counts in the same way, one function in tally.c.
 */
#ifndef NRM_TRAIL_TALLY_H
#define NRM_TRAIL_TALLY_H

#include <stdbool.h>

#include "proto/wire/leaf.h"

/*
 * Name, number (never changes: it stands in stored rows), code, what its details are (enum nrm_tally_detail), whether every
 * count must be zero, what it counts.
 */
/* clang-format off */
#define NRM_TALLIES(X) \
	X(FORWARDED, 1, "forwarded", BASIS, false, "messages forwarded, by ground") \
	X(WITHOUT_BASIS, 2, "forwarded_without_basis", NOTHING, true, "messages forwarded without a valid ground that need one") \
	X(CHILD_UNGUARDED, 3, "child_without_guardian", NOTHING, true, "referrals of a child forwarded without a guardian") \
	X(CHILD_UNASSESSED, 4, "child_without_assessment", NOTHING, true, "referrals of a child forwarded without a best-interests assessment") \
	X(EMERGENCY, 5, "emergency_uses", EMERGENCY, false, "messages forwarded on the emergency ground, by its reason") \
	X(REFUSED_RULE, 6, "refused_by_rule", RULE, false, "messages refused, by the rule that refused") \
	X(REFUSED_REASON, 7, "refused_by_reason", REASON, false, "messages refused, by the true reason") \
	X(HELD, 8, "held_by_reason", REASON, false, "messages held, by what was missing") \
	X(EVIDENCE_MISSING, 9, "return_evidence_missing", ASSESSMENT, false, "assessments that returns were held for") \
	X(STOPPED, 10, "stopped_at_delivery", REASON, false, "messages stopped between acceptance and delivery, by reason") \
	X(RETURNED, 11, "returned", NOTHING, false, "messages not delivered in time") \
	X(WITHHELD, 12, "withheld", REASON, false, "fields withheld from the recipient, by reason") \
	X(ACKNOWLEDGED, 13, "acknowledged", NOTHING, false, "messages acknowledged by the recipient") \
	X(ANSWERS, 14, "answers", ANSWER, false, "answers to referrals") \
	X(DECLINED, 15, "declined", DECLINE, false, "referrals declined, by reason") \
	X(RESPONSE_TIME, 16, "response_time", DURATION, false, "answers to referrals, by the time they took") \
	X(STEPS, 17, "steps", STEP, false, "steps reported, re-opened cases among them") \
	X(CONSENTS_GIVEN, 18, "consents_given", NOTHING, false, "consents recorded") \
	X(CONSENTS_WITHDRAWN, 19, "consents_withdrawn", NOTHING, false, "consents withdrawn") \
	X(DUTIES, 20, "duties", OBLIGATION, false, "duties that decisions raised") \
	X(NOTICES, 21, "notices", NOTICE, false, "notices, no suitable provider among them") \
	X(COMPLAINTS, 22, "complaints", NOTHING, false, "complaints brought") \
	X(NOTIFICATIONS, 23, "notifications", NOTHING, false, "statutory notifications") \
	X(ERASURES_ORDERED, 24, "erasures_ordered", NOTHING, false, "orders to erase") \
	X(ERASURES_CONFIRMED, 25, "erasures_confirmed", NOTHING, false, "orders to erase carried out in full") \
	X(ERASURES_KEPT, 26, "erasures_kept_by_law", NOTHING, false, "orders to erase of which a law keeps something") \
	X(ABROAD, 27, "cross_border_forwarded", COUNTRY, false, "referrals forwarded across a border, by the other country") \
	X(ABROAD_STOPPED, 28, "cross_border_stopped", COUNTRY, false, "referrals across a border refused or held, by the other country") \
	X(FORGOTTEN, 29, "cases_forgotten", NOTHING, false, "cases forgotten") \
	X(UNUSABLE, 30, "could_not_use", NOTHING, false, "messages that the recipient could not open or believe") \
	X(STATEMENTS, 31, "aggregate_statements", NOTHING, false, "monthly statements of agencies")
/* clang-format on */

#define NRM_X_(name, number, code, detail, zero, text) NRM_TALLY_##name = number,
enum nrm_tally { NRM_TALLY_ABSENT = 0, NRM_TALLIES(NRM_X_) NRM_TALLY_END_ };
#undef NRM_X_

/* What a detail is. */
enum nrm_tally_detail {
	NRM_DETAIL_NOTHING, /* 0 */
	NRM_DETAIL_BASIS,
	NRM_DETAIL_EMERGENCY,
	NRM_DETAIL_RULE, /* 1-20 */
	NRM_DETAIL_REASON,
	NRM_DETAIL_ASSESSMENT,
	NRM_DETAIL_ANSWER,
	NRM_DETAIL_DECLINE,
	NRM_DETAIL_DURATION, /* enum nrm_duration */
	NRM_DETAIL_STEP,
	NRM_DETAIL_OBLIGATION,
	NRM_DETAIL_NOTICE,
	NRM_DETAIL_COUNTRY /* two letters, the first times 256 */
};

/* Times to an answer: bounds are where policy's deadlines lie (P2). Upper bound in minutes. */
/* clang-format off */
#define NRM_DURATIONS(X) \
	X(HOUR, 1, "within_1h", 60) \
	X(FOUR_HOURS, 2, "within_4h", 240) \
	X(DAY, 3, "within_24h", 1440) \
	X(THREE_DAYS, 4, "within_72h", 4320) \
	X(WEEK, 5, "within_7d", 10080) \
	X(MONTH, 6, "within_30d", 43200) \
	X(LONGER, 7, "longer", UINT64_MAX)
/* clang-format on */
#define NRM_X_(name, number, code, minutes) NRM_DURATION_##name = number,
enum nrm_duration { NRM_DURATION_ABSENT = 0, NRM_DURATIONS(NRM_X_) NRM_DURATION_END_ };
#undef NRM_X_

/* The code of an indicator ("declined"), what it counts, whether every count must be zero, and what its details are. */
const char *nrm_tally_code(enum nrm_tally tally);
const char *nrm_tally_text(enum nrm_tally tally);
bool nrm_tally_must_be_zero(enum nrm_tally tally);
enum nrm_tally_detail nrm_tally_detail_of(enum nrm_tally tally);
/* The kind of code that a detail is, NRM_VOCABULARY_COUNT when it is none (nothing, rule, duration, country). */
enum nrm_vocabulary nrm_tally_vocabulary(enum nrm_tally_detail detail);

/* Months since January 1970 of a Unix time in minutes; and "2026-11", with its terminator. */
uint16_t nrm_month_of(uint64_t minute);
#define NRM_MONTH_TEXT_LEN 7
void nrm_month_format(uint16_t month, char out[static NRM_MONTH_TEXT_LEN + 1]);
/* The inverse; NRM_ERR_FORMAT. */
enum nrm_err nrm_month_parse(const char *text, uint16_t *ret_month) NRM_MUST_USE;

enum nrm_duration nrm_duration_of(uint64_t minutes);
const char *nrm_duration_code(enum nrm_duration duration);

/* One cell: how often something was, of which agency, about which service, in which month. */
struct nrm_tally_cell {
	uint16_t month;
	struct nrm_slice agency; /* participant id; empty for what is nobody's */
	enum nrm_tally tally;
	enum nrm_service service; /* 0: about none */
	uint16_t detail;
	uint64_t amount;
};
typedef enum nrm_err (*nrm_tally_add)(void *context, const struct nrm_tally_cell *cell);

/*
 * Tells `add` every cell that a leaf with oversight's view adds to. `country` is the broker's own, as detail; `answered` the minute
 * of the leaf that view->answers names, 0 when it names none. Returns the first error of `add`.
 */
enum nrm_err nrm_tally(const struct nrm_leaf *leaf, const struct nrm_view *view, uint16_t country,
		       uint64_t answered, nrm_tally_add add, void *context) NRM_MUST_USE;

#endif
