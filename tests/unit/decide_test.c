/* Rules 1-12, one by one: what each stops, and its twin that goes on. */
#include "tests/unit/decide_world.h"

static void nothing(struct world *w)
{
	(void)w;
}
static void suspend_recipient(struct world *w)
{
	w->party[HOSPITAL].active = false;
}
static void forget_recipient(struct world *w)
{
	w->party[HOSPITAL].known = false;
}
static void handle_out_of_range(struct world *w)
{
	w->message.sender = ALL;
}
static void withdrawal(struct world *w)
{
	w->message.type = NRM_MESSAGE_TYPE_WITHDRAWAL;
}
static void bare_withdrawal(struct world *w)
{
	withdrawal(w);
	w->message.fields = 0;
}
static void consent_grant(struct world *w)
{
	bare_withdrawal(w);
	w->message.type = NRM_MESSAGE_TYPE_CONSENT_GRANT;
}
static void no_type(struct world *w)
{
	bare_withdrawal(w);
	w->message.type = NRM_MESSAGE_TYPE_ABSENT;
}
static void strange_type(struct world *w)
{
	bare_withdrawal(w);
	w->message.type = NRM_MESSAGE_TYPE_END_;
}
static void exclude_recipient(struct world *w)
{
	w->card.excluded[w->card.n_excluded++] = HOSPITAL;
}
static void exclude_lawyer(struct world *w)
{
	w->card.excluded[w->card.n_excluded++] = LAWYER;
}
static void outsider(struct world *w)
{
	w->facts.outsider = true;
}
static void not_offered(struct world *w)
{
	w->party[HOSPITAL].offers = SERVICE(CHRONIC_CARE);
}
static void update_not_offered(struct world *w)
{
	not_offered(w);
	w->message.type = NRM_MESSAGE_TYPE_UPDATE;
}
static void to_enforcement(struct world *w)
{
	w->message.recipient = ENFORCEMENT;
}
static void to_police(struct world *w)
{
	w->message.recipient = POLICE;
	w->message.type = NRM_MESSAGE_TYPE_UPDATE;
}
static void answer_to_police(struct world *w)
{
	to_police(w);
	w->message.type = NRM_MESSAGE_TYPE_RESPONSE;
	w->message.answer = NRM_ANSWER_ACCEPT;
	w->message.in_reply = true;
	w->message.fields = 0;
}
static void unasked_answer(struct world *w)
{
	answer_to_police(w);
	w->message.in_reply = false;
}
static void answer_to_enforcement(struct world *w)
{
	answer_to_police(w);
	w->message.recipient = ENFORCEMENT;
}
static void contributed(struct world *w)
{
	to_police(w);
	w->message.sender = LAWYER;
	w->party[LAWYER].roles = ROLE(COORDINATOR);
	w->card.contributed = ROLE(HEALTH);
}
static void uncontributed(struct world *w)
{
	contributed(w);
	w->card.contributed = 0;
}
static void to_detention(struct world *w)
{
	w->message.recipient = HOLDING;
}
static void child_to_detention(struct world *w)
{
	to_detention(w);
	w->card.age_class = NRM_AGE_CLASS_CHILD;
}
static void update_to_detention(struct world *w)
{
	to_detention(w);
	w->message.type = NRM_MESSAGE_TYPE_UPDATE;
}
static void complaint(struct world *w)
{
	w->message.type = NRM_MESSAGE_TYPE_COMPLAINT;
	w->message.recipient = OMBUDSMAN;
	w->message.about = HOSPITAL;
}
static void complaint_about_itself(struct world *w)
{
	complaint(w);
	w->message.about = OMBUDSMAN;
}
static void complaint_to_hospital(struct world *w)
{
	complaint(w);
	w->message.recipient = HOSPITAL;
	w->message.about = POLICE;
}
static void decline(struct world *w, enum nrm_decline reason)
{
	w->message.type = NRM_MESSAGE_TYPE_RESPONSE;
	w->message.answer = NRM_ANSWER_DECLINE;
	w->message.decline = reason;
	w->message.fields = 0;
}
static void no_documents(struct world *w)
{
	decline(w, NRM_DECLINE_NO_DOCUMENTS);
	w->message.appeal = true;
}
static void status_no_documents(struct world *w)
{
	no_documents(w);
	w->message.service = NRM_SERVICE_RESIDENCE_PERMIT;
}
static void protected_ground(struct world *w)
{
	decline(w, NRM_DECLINE_PROTECTED_GROUND);
	w->message.service = NRM_SERVICE_RESIDENCE_PERMIT;
}
static void other_reason(struct world *w)
{
	decline(w, NRM_DECLINE_OTHER);
}
static void other_reason_with_appeal(struct world *w)
{
	other_reason(w);
	w->message.appeal = true;
}
static void no_capacity(struct world *w)
{
	decline(w, NRM_DECLINE_NO_CAPACITY);
}
static void status_no_capacity(struct world *w)
{
	no_capacity(w);
	w->message.service = NRM_SERVICE_RESIDENCE_PERMIT;
}
static void visit(struct world *w)
{
	w->message.contact_by = NRM_CHANNEL_VISIT;
	w->card.contact_stated = true;
	w->card.contact = 1u << NRM_CHANNEL_PHONE;
}
static void visit_allowed(struct world *w)
{
	visit(w);
	w->card.contact |= 1u << NRM_CHANNEL_VISIT;
}
static void strange_channel(struct world *w)
{
	w->message.contact_by = NRM_CHANNEL_END_;
}
static void to_embassy(struct world *w)
{
	w->message.recipient = EMBASSY;
}
static void to_embassy_wished(struct world *w)
{
	to_embassy(w);
	w->card.consulate_wished = true;
}
static void asylum_to_embassy(struct world *w)
{
	to_embassy_wished(w);
	w->card.asylum_seeker = true;
}
static void expulsion(struct world *w)
{
	w->message.type = NRM_MESSAGE_TYPE_NOTICE;
	w->message.notice = NRM_NOTICE_KIND_EXPULSION;
	w->message.fields = 0;
}
static void expulsion_to_lawyer(struct world *w)
{
	expulsion(w);
	w->message.recipient = LAWYER;
}
static void expulsion_in_time(struct world *w)
{
	expulsion(w);
	w->card.reflection_until = NOW;
}
static const struct change cases[] = {
	CASE(nothing, 20, OK),
	CASE(suspend_recipient, 1, UNKNOWN_PARTICIPANT),
	CASE(forget_recipient, 1, UNKNOWN_PARTICIPANT),
	CASE(handle_out_of_range, 1, UNKNOWN_PARTICIPANT),
	CASE(withdrawal, 2, FIELDS_NOT_ALLOWED),
	CASE(bare_withdrawal, 2, OK),
	CASE(consent_grant, 2, FIELDS_NOT_ALLOWED),
	CASE(no_type, 2, FIELDS_NOT_ALLOWED),
	CASE(strange_type, 2, FIELDS_NOT_ALLOWED),
	CASE(exclude_recipient, 3, EXCLUDED),
	CASE(outsider, 3, EXCLUDED),
	CASE(exclude_lawyer, 20, OK),
	CASE(not_offered, 4, NOT_OFFERED),
	CASE(update_not_offered, 20, OK),
	CASE(to_enforcement, 5, FIREWALL),
	CASE(to_police, 5, FIREWALL),
	CASE(answer_to_police, 20, OK),
	CASE(unasked_answer, 5, FIREWALL),
	CASE(answer_to_enforcement, 5, FIREWALL),
	CASE(contributed, 5, FIREWALL),
	CASE(uncontributed, 20, OK),
	CASE(to_detention, 6, DETENTION),
	CASE(child_to_detention, 6, CHILD_DETENTION),
	CASE(update_to_detention, 20, OK),
	CASE(complaint, 20, OK),
	CASE(complaint_about_itself, 7, COMPLAINT_ROUTE),
	CASE(complaint_to_hospital, 7, COMPLAINT_ROUTE),
	CASE(no_documents, 8, CONDITIONAL_HELP),
	CASE(status_no_documents, 20, OK),
	CASE(protected_ground, 8, DISCRIMINATORY),
	CASE(other_reason, 9, NO_APPEAL_ROUTE),
	CASE(other_reason_with_appeal, 20, OK),
	CASE(no_capacity, 20, OK),
	CASE(status_no_capacity, 9, NO_APPEAL_ROUTE),
	CASE(visit, 10, CONTACT_PREFERENCE),
	CASE(visit_allowed, 20, OK),
	CASE(strange_channel, 10, CONTACT_PREFERENCE),
	CASE(to_embassy, 11, CONSULATE_NOT_WISHED),
	CASE(to_embassy_wished, 20, OK),
	CASE(asylum_to_embassy, 11, CONSULATE_NOT_WISHED),
	CASE(expulsion, 12, REFLECTION_PERIOD),
	CASE(expulsion_to_lawyer, 20, OK),
	CASE(expulsion_in_time, 20, OK),
};

static void each_rule_and_its_twin(void **state)
{
	(void)state;
	check_changes(cases, sizeof(cases) / sizeof(cases[0]));
}

static void suspended(struct world *w)
{
	suspend_recipient(w);
	withdrawal(w);
}
static void withdrawal_of_an_outsider(struct world *w)
{
	outsider(w);
	bare_withdrawal(w);
}
static void outsider_not_offered(struct world *w)
{
	outsider(w);
	not_offered(w);
}
static void wall_not_offered(struct world *w)
{
	to_enforcement(w);
	w->party[ENFORCEMENT].offers = 0;
}
static void wall_and_detention(struct world *w)
{
	to_enforcement(w);
	w->party[ENFORCEMENT].detention = true;
}
static void wall_and_decline(struct world *w)
{
	no_documents(w);
	w->message.recipient = POLICE;
}
static void conditional_without_appeal(struct world *w)
{
	no_documents(w);
	w->message.appeal = false;
}
static void no_appeal_by_visit(struct world *w)
{
	other_reason(w);
	visit(w);
}
static void embassy_by_visit(struct world *w)
{
	to_embassy(w);
	visit(w);
}
static void expulsion_told_to_embassy(struct world *w)
{
	expulsion(w);
	to_embassy(w);
}
static void expulsion_for_a_wrong_purpose(struct world *w)
{
	expulsion(w);
	w->message.fields = FIELD(GIVEN_NAME);
	w->message.purpose = NRM_PURPOSE_RETURN;
}
static const struct change both[] = {
	CASE(suspended, 1, UNKNOWN_PARTICIPANT),
	CASE(withdrawal_of_an_outsider, 2, OK),
	CASE(outsider_not_offered, 3, EXCLUDED),
	CASE(wall_not_offered, 4, NOT_OFFERED),
	CASE(wall_and_detention, 5, FIREWALL),
	CASE(wall_and_decline, 5, FIREWALL),
	CASE(conditional_without_appeal, 8, CONDITIONAL_HELP),
	CASE(no_appeal_by_visit, 9, NO_APPEAL_ROUTE),
	CASE(embassy_by_visit, 10, CONTACT_PREFERENCE),
	CASE(expulsion_told_to_embassy, 11, CONSULATE_NOT_WISHED),
	CASE(expulsion_for_a_wrong_purpose, 12, REFLECTION_PERIOD),
};

static void of_two_that_fire_the_earlier_counts(void **state)
{
	(void)state;
	check_changes(both, sizeof(both) / sizeof(both[0]));
}

static void zeroed_inputs_refuse(void **state)
{
	(void)state;
	check_zeroed(cases, sizeof(cases) / sizeof(cases[0]));
}

static void an_alert_is_a_rule_that_fired(void **state)
{
	struct world w;

	(void)state;
	make(&w);
	expulsion_to_lawyer(&w);
	assert_int_equal(decide(&w).rules, 1u << 12 | 1u << 20);
	assert_int_equal(decide(&w).obligations, 1u << NRM_OBLIGATION_ALERT_EXPULSION);
	expulsion_in_time(&w);
	assert_int_equal(decide(&w).rules, 1u << 20);
	assert_int_equal(decide(&w).obligations, 0);
	make(&w);
	expulsion(&w); /* stopped: nobody is left to be alarmed */
	assert_int_equal(decide(&w).rules, 1u << 12);
	assert_int_equal(decide(&w).obligations, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_rule_and_its_twin),
		cmocka_unit_test(of_two_that_fire_the_earlier_counts),
		cmocka_unit_test(zeroed_inputs_refuse),
		cmocka_unit_test(an_alert_is_a_rule_that_fired),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
