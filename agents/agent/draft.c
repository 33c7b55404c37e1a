#include "agents/agent/draft.h"

#include "proto/base/limits.h"

const char *const nrm_referral_keys[] = {
	"op",	       "wait",	  "to",	      "service",    "purpose",
	"case",	       "urgency", "region",   "basis",	    "emergency",
	"fields",      "phase",	  "replaces", "contact_by", "statement_on_file",
	"linked_case", NULL};
const char *const nrm_response_keys[] = {"op",	      "wait",	   "message_id", "reason",
					 "appeal_to", "ask_again", NULL};

/* fields: {code: value, …} */
static void read_fields(struct nrm_request *r, struct nrm_values *values)
{
	const json_t *fields = json_object_get(r->object, "fields");
	const char *name;
	json_t *value;

	if (fields && !json_is_object(fields)) {
		nrm_request_fail(r, "fields: expected a map of field names to values");
		return;
	}
	json_object_foreach((json_t *)fields, name, value)
	{
		uint32_t f = nrm_code_number(NRM_VOCABULARY_FIELD, name, strlen(name));

		if (!f)
			nrm_request_fail(r, "fields.%.40s: no such field", name);
		else if (!json_is_string(value))
			nrm_request_fail(r, "fields.%s: expected a text", name);
		else if (json_string_length(value) > NRM_MAX_PLAINTEXT)
			nrm_request_fail(r, "fields.%s: longer than %u bytes", name,
					 NRM_MAX_PLAINTEXT);
		else
			values->of[f] =
				nrm_slice(json_string_value(value), json_string_length(value));
	}
}

void nrm_draft_referral(struct nrm_request *r, struct nrm_draft *draft)
{
	struct nrm_statement *s = &draft->statement;

	s->type = NRM_MESSAGE_TYPE_REFERRAL;
	s->recipient = nrm_request_participant(r, "to", true);
	s->service = nrm_request_code(r, "service", NRM_VOCABULARY_SERVICE, true);
	s->purpose = nrm_request_code(r, "purpose", NRM_VOCABULARY_PURPOSE, true);
	s->phase = nrm_request_code(r, "phase", NRM_VOCABULARY_PHASE, false);
	s->basis = nrm_request_code(r, "basis", NRM_VOCABULARY_BASIS, true);
	s->emergency = nrm_request_code(r, "emergency", NRM_VOCABULARY_EMERGENCY,
					s->basis == NRM_BASIS_EMERGENCY);
	if (s->emergency && s->basis != NRM_BASIS_EMERGENCY)
		nrm_request_fail(r, "emergency: only with the basis emergency");
	s->replaces = nrm_request_id(r, "replaces", false);
	struct nrm_referral *body = &s->body.referral;
	body->urgency = nrm_request_code(r, "urgency", NRM_VOCABULARY_URGENCY, true);
	body->region = nrm_slice_str(nrm_request_text(r, "region", false));
	if (!nrm_region_ok(body->region))
		nrm_request_fail(r, "region: expected a code like TH-10");
	body->contact_by = nrm_request_code(r, "contact_by", NRM_VOCABULARY_CHANNEL, false);
	body->statement_on_file = nrm_request_id(r, "statement_on_file", false);
	body->linked_case = nrm_request_id(r, "linked_case", false);
	draft->case_name = nrm_request_text(r, "case", true);
	read_fields(r, &draft->values);
}

void nrm_draft_response(struct nrm_request *r, const struct nrm_statement *referral,
			enum nrm_answer answer, struct nrm_draft *draft)
{
	struct nrm_statement *s = &draft->statement;

	s->type = NRM_MESSAGE_TYPE_RESPONSE;
	s->recipient = referral->sender;
	s->case_id = referral->case_id;
	s->service = referral->service;
	s->purpose = referral->purpose;
	s->phase = referral->phase;
	s->basis = NRM_BASIS_NONE;
	struct nrm_response *body = &s->body.response;
	body->in_reply_to = referral->message_id;
	body->answer = answer;
	body->decline =
		nrm_request_code(r, "reason", NRM_VOCABULARY_DECLINE, answer == NRM_ANSWER_DECLINE);
	body->appeal_to = nrm_request_participant(r, "appeal_to", false);
	body->ask_again_at_ms = nrm_request_time(r, "ask_again");
	if (answer != NRM_ANSWER_DECLINE &&
	    (body->decline || body->appeal_to.len || body->ask_again_at_ms))
		nrm_request_fail(r, "reason, appeal_to and ask_again are for a decline");
}
