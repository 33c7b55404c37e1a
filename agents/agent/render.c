#include "agents/agent/render.h"

#include <stdlib.h>

#include "proto/base/hex.h"
#include "proto/base/time.h"

json_t *nrm_render_hex(struct nrm_slice bytes)
{
	char text[129];

	if (bytes.len == 0 || bytes.len * 2 >= sizeof(text))
		return json_null();
	nrm_hex(bytes.data, bytes.len, text);
	return json_string(text);
}

json_t *nrm_render_text(struct nrm_slice text)
{
	return text.len ? json_stringn((const char *)text.data, text.len) : json_null();
}

json_t *nrm_render_time(uint64_t ms)
{
	char text[NRM_TIME_TEXT_LEN + 1];

	if (!ms)
		return json_null();
	nrm_time_format(ms, text);
	return json_string(text);
}

json_t *nrm_render_code(enum nrm_vocabulary kind, uint32_t code)
{
	const char *name = nrm_code_name(kind, code);

	return name ? json_string(name) : json_null();
}

json_t *nrm_render_mask(enum nrm_vocabulary kind, nrm_mask mask)
{
	json_t *list = json_array();

	for (uint32_t code = 1; code < 64 && list; code++)
		if (mask & nrm_bit(code))
			json_array_append_new(list, nrm_render_code(kind, code));
	return list;
}

json_t *nrm_render_codes(enum nrm_vocabulary kind, struct nrm_codes list, bool any)
{
	nrm_mask mask = 0;

	for (size_t i = 0; i < list.n; i++)
		mask |= nrm_bit(list.code[i]);
	json_t *names = nrm_render_mask(kind, mask);
	if (any)
		json_array_append_new(names, json_string("any"));
	return names;
}

json_t *nrm_render_consent(const struct nrm_consent_grant *g)
{
	json_t *recipients =
		nrm_render_codes(NRM_VOCABULARY_ROLE, g->recipient_role, g->any_recipient);
	json_t *data = nrm_render_codes(NRM_VOCABULARY_FIELD, g->field, g->any_field);

	for (size_t i = 0; i < g->recipient.n; i++)
		json_array_append_new(recipients, nrm_render_text(g->recipient.item[i]));
	for (size_t i = 0; i < g->category.n; i++)
		json_array_append_new(
			data, nrm_render_code(NRM_VOCABULARY_CATEGORY, g->category.code[i]));
	return json_pack(
		"{so so so so so so so sb}", "consent_id", nrm_render_hex(g->consent_id),
		"given_by", nrm_render_code(NRM_VOCABULARY_GIVEN_BY, g->given_by), "services",
		nrm_render_codes(NRM_VOCABULARY_SERVICE, g->service, g->any_service), "recipients",
		recipients, "data", data, "from", nrm_render_time(g->from_ms), "until",
		nrm_render_time(g->until_ms), "understood", g->understood);
}

static json_t *render_body(const struct nrm_statement *s)
{
	switch (s->type) {
	case NRM_MESSAGE_TYPE_REFERRAL:
		return json_pack(
			"{so so so}", "urgency",
			nrm_render_code(NRM_VOCABULARY_URGENCY, s->body.referral.urgency), "region",
			nrm_render_text(s->body.referral.region), "contact_by",
			nrm_render_code(NRM_VOCABULARY_CHANNEL, s->body.referral.contact_by));
	case NRM_MESSAGE_TYPE_RESPONSE:
		return json_pack("{so so so so so}", "in_reply_to",
				 nrm_render_hex(s->body.response.in_reply_to), "answer",
				 nrm_render_code(NRM_VOCABULARY_ANSWER, s->body.response.answer),
				 "decline_reason",
				 nrm_render_code(NRM_VOCABULARY_DECLINE, s->body.response.decline),
				 "appeal_to", nrm_render_text(s->body.response.appeal_to),
				 "ask_again", nrm_render_time(s->body.response.ask_again_at_ms));
	case NRM_MESSAGE_TYPE_CONSENT_GRANT:
		return nrm_render_consent(&s->body.consent_grant);
	case NRM_MESSAGE_TYPE_WITHDRAWAL:
		return json_pack("{so}", "consent_id", nrm_render_hex(s->body.withdrawal));
	case NRM_MESSAGE_TYPE_CASE_CARD:
		return json_pack("{sI}", "facts", (json_int_t)s->body.case_card.n);
	default:
		return json_object();
	}
}

json_t *nrm_render_statement(const struct nrm_statement *s)
{
	json_t *body = render_body(s);
	json_t *out = json_pack(
		"{so so so so so so so so so so so so so}", "message_id",
		nrm_render_hex(s->message_id), "case_id", nrm_render_hex(s->case_id), "type",
		nrm_render_code(NRM_VOCABULARY_MESSAGE_TYPE, s->type), "from",
		nrm_render_text(s->sender), "to", nrm_render_text(s->recipient), "service",
		nrm_render_code(NRM_VOCABULARY_SERVICE, s->service), "purpose",
		nrm_render_code(NRM_VOCABULARY_PURPOSE, s->purpose), "phase",
		nrm_render_code(NRM_VOCABULARY_PHASE, s->phase), "basis",
		nrm_render_code(NRM_VOCABULARY_BASIS, s->basis), "emergency",
		nrm_render_code(NRM_VOCABULARY_EMERGENCY, s->emergency), "issued",
		nrm_render_time(s->issued_at_ms), "expires", nrm_render_time(s->expires_at_ms),
		"replaces", nrm_render_hex(s->replaces));

	if (out && body)
		json_object_update(out, body);
	json_decref(body);
	return out;
}

json_t *nrm_render_withheld(nrm_mask secret, nrm_mask not_needed, nrm_mask not_consented)
{
	const struct {
		enum nrm_reason reason;
		nrm_mask fields;
	} groups[] = {{NRM_REASON_SECRET, secret},
		      {NRM_REASON_NOT_NEEDED, not_needed},
		      {NRM_REASON_NOT_CONSENTED, not_consented}};
	json_t *out = json_object();

	for (size_t i = 0; i < 3; i++)
		for (uint32_t f = 1; f < NRM_FIELD_END_; f++)
			if (groups[i].fields & nrm_bit(f))
				json_object_set_new(
					out, nrm_code_name(NRM_VOCABULARY_FIELD, f),
					nrm_render_code(NRM_VOCABULARY_REASON, groups[i].reason));
	return out;
}

/* In one word where a message stands. */
static const char *state_of(const struct nrm_fate *fate, bool to_broker)
{
	if (fate->stage == NRM_STAGE_SPOOLED)
		return "spooled";
	if (nrm_fate_is_refused(fate))
		return "refused";
	if (fate->returned)
		return "returned";
	if (fate->outcome == NRM_OUTCOME_HOLD)
		return "held";
	if (to_broker)
		return "recorded";
	return fate->ack ? "delivered" : "forwarded";
}

int nrm_render_fate(json_t *to, const struct nrm_fate *fate, bool to_broker)
{
	json_t *out = json_pack("{ss}", "state", state_of(fate, to_broker));

	if (fate->stage == NRM_STAGE_REFUSED)
		json_object_set_new(out, "refusal",
				    nrm_render_code(NRM_VOCABULARY_REFUSAL, fate->refusal));
	if (fate->stage == NRM_STAGE_DECIDED) {
		json_t *verdict = json_pack(
			"{so so so so so so sI so so so}", "outcome",
			nrm_render_code(NRM_VOCABULARY_OUTCOME, fate->outcome), "reason",
			nrm_render_code(NRM_VOCABULARY_REASON, fate->reason), "forwarded",
			nrm_render_mask(NRM_VOCABULARY_FIELD, fate->forwarded), "withheld",
			nrm_render_withheld(fate->secret, fate->not_needed, fate->not_consented),
			"obligations",
			nrm_render_mask(NRM_VOCABULARY_OBLIGATION, fate->obligations), "missing",
			nrm_render_mask(NRM_VOCABULARY_ASSESSMENT, fate->missing), "leaf",
			(json_int_t)fate->index, "decided", nrm_render_time(fate->decided_ms),
			"acknowledged", nrm_render_code(NRM_VOCABULARY_ACK, fate->ack),
			"acknowledged_at", nrm_render_time(fate->ack_ms));
		json_object_update(out, verdict);
		json_decref(verdict);
	}
	int failed = json_object_update(to, out);
	json_decref(out);
	return failed;
}

json_t *nrm_render_values(const struct nrm_values *values)
{
	json_t *out = json_object();

	for (uint32_t f = 1; f < NRM_FIELD_END_; f++) {
		struct nrm_slice value = values->of[f];

		if (!value.data)
			continue;
		json_t *text = json_stringn((const char *)value.data, value.len);
		if (!text) { /* bytes that are no text, as another program may send */
			char *hex = malloc(value.len * 2 + 1);

			if (hex)
				nrm_hex(value.data, value.len, hex);
			text = json_pack("{ss}", "hex", hex ? hex : "");
			if (hex)
				nrm_wipe(hex, value.len * 2);
			free(hex);
		}
		json_object_set_new(out, nrm_code_name(NRM_VOCABULARY_FIELD, f), text);
	}
	return out;
}
