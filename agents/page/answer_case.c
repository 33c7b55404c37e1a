/* One case, message by message: what nrm audit case tells, as JSON. */
#include "agents/auditor/person.h"
#include "agents/page/answer.h"
#include "proto/base/hex.h"

static json_t *message_json(const struct nrm_reading *r, const struct nrm_person_message *m)
{
	static const enum nrm_reason reasons[3] = {NRM_REASON_SECRET, NRM_REASON_NOT_NEEDED,
						   NRM_REASON_NOT_CONSENTED};
	json_t *o = json_pack("{s:I, s:I}", "leaf", (json_int_t)m->leaf, "latest",
			      (json_int_t)m->latest);

	nrm_json_second(o, "at", m->time_ms);
	nrm_json_code(o, "type", NRM_VOCABULARY_MESSAGE_TYPE, m->type);
	nrm_json_party(r, o, "sender", m->sender);
	nrm_json_party(r, o, "recipient", m->recipient);
	nrm_json_code(o, "service", NRM_VOCABULARY_SERVICE, m->service);
	json_object_set_new(o, "outcome",
			    json_string(nrm_code_name(NRM_VOCABULARY_OUTCOME, m->outcome)));
	nrm_json_code(o, "reason", NRM_VOCABULARY_REASON, m->reason);
	nrm_json_code(o, "basis", NRM_VOCABULARY_BASIS, m->basis);
	nrm_json_code(o, "emergency", NRM_VOCABULARY_EMERGENCY, m->emergency);
	json_object_set_new(o, "forwarded", nrm_json_codes(NRM_VOCABULARY_FIELD, m->forwarded));
	json_object_set_new(o, "withheld", nrm_json_withheld(reasons, m->withheld, 3));
	json_object_set_new(o, "consents", nrm_json_hexes(&m->consent_id));
	json_object_set_new(o, "acknowledged", json_null());
	json_object_set_new(o, "ack", json_null());
	if (m->ack) {
		nrm_json_second(o, "acknowledged", m->acknowledged_ms);
		nrm_json_code(o, "ack", NRM_VOCABULARY_ACK, m->ack);
	}
	return o;
}

static json_t *recipient_json(const struct nrm_reading *r, const struct nrm_person_recipient *p)
{
	json_t *o = json_object();

	nrm_json_party(r, o, "id", p->id);
	json_object_set_new(o, "received", nrm_json_codes(NRM_VOCABULARY_FIELD, p->received));
	json_object_set_new(o, "passed_on", nrm_json_codes(NRM_VOCABULARY_FIELD, p->passed_on));
	return o;
}

static json_t *case_json(const struct nrm_reading *r, const struct nrm_person_record *record)
{
	json_t *messages = json_array(), *recipients = json_array();
	char id[2 * NRM_CASE_ID_LEN + 1];

	for (size_t i = 0; i < record->n; i++)
		json_array_append_new(messages, message_json(r, &record->message[i]));
	for (size_t i = 0; i < record->n_recipients; i++)
		json_array_append_new(recipients, recipient_json(r, &record->recipient[i]));
	nrm_hex(record->case_id, NRM_CASE_ID_LEN, id);
	return json_pack("{s:s, s:o, s:o}", "case", id, "messages", messages, "recipients",
			 recipients);
}

void nrm_answer_case(struct nrm_reading *r, const struct nrm_page_query *q, struct nrm_reply *reply)
{
	struct nrm_page_failure failure;
	struct nrm_person_record record;

	if (!nrm_reply_open(reply, r, false))
		return;
	const enum nrm_err err =
		nrm_person_read(r->store, r->index.keys, q->case_id, NULL, &record);
	if (err == NRM_ERR_NOT_FOUND) {
		nrm_page_fail(&failure, nrm_slice_str("none, or one that was forgotten"),
			      "the id of a case", "there is no such case");
		nrm_reply_failure(reply, 404, &failure);
	} else if (err != NRM_OK) {
		nrm_reply_error(reply, err);
	} else {
		nrm_reply_json(reply, case_json(r, &record));
		nrm_person_done(&record);
	}
}
