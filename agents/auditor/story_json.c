/* A leaf as one JSON object on one line; what is absent is left out. */
#include <jansson.h>
#include <string.h>

#include "agents/auditor/story.h"
#include "proto/base/hex.h"
#include "proto/base/time.h"

static void set_code(json_t *object, const char *key, enum nrm_vocabulary kind, uint32_t number)
{
	const char *name = number ? nrm_code_name(kind, number) : NULL;

	if (name)
		json_object_set_new(object, key, json_string(name));
}

static void set_text(json_t *object, const char *key, struct nrm_slice text)
{
	if (text.len)
		json_object_set_new(object, key, json_stringn((const char *)text.data, text.len));
}

static json_t *hex(struct nrm_slice bytes)
{
	char text[2 * NRM_HASH_LEN + 1] = "";

	if (bytes.len <= NRM_HASH_LEN)
		nrm_hex(bytes.data, bytes.len, text);
	return json_string(text);
}

static void set_hex(json_t *object, const char *key, struct nrm_slice bytes)
{
	if (bytes.len)
		json_object_set_new(object, key, hex(bytes));
}

static void set_time(json_t *object, const char *key, uint64_t ms)
{
	char text[NRM_TIME_TEXT_LEN + 1];

	nrm_time_format(ms, text);
	json_object_set_new(object, key, json_string(text));
}

static json_t *codes(enum nrm_vocabulary kind, nrm_mask mask)
{
	json_t *list = json_array();

	for (uint32_t i = 1; i < 64; i++) {
		if (mask & nrm_bit(i))
			json_array_append_new(list, json_string(nrm_code_name(kind, i)));
	}
	return list;
}

static json_t *numbers(uint32_t mask)
{
	json_t *list = json_array();

	for (int i = 1; i < 32; i++) {
		if (mask >> i & 1)
			json_array_append_new(list, json_integer(i));
	}
	return list;
}

/* {"offence_record": "SECRET", …} */
static json_t *withheld(const struct nrm_view *view)
{
	json_t *object = json_object();

	for (size_t i = 0; i < sizeof(view->withheld) / sizeof(view->withheld[0]); i++) {
		for (uint32_t field = 1; view->withheld[i].reason && field < 64; field++) {
			if (view->withheld[i].fields & nrm_bit(field))
				set_code(object, nrm_code_name(NRM_VOCABULARY_FIELD, field),
					 NRM_VOCABULARY_REASON, view->withheld[i].reason);
		}
	}
	return object;
}

static json_t *oversight(const struct nrm_story_leaf *told, bool case_ids)
{
	const struct nrm_view *view = told->oversight;
	json_t *o = json_object();

	if (told->slot >= 0)
		json_object_set_new(o, "case_number", json_integer(told->slot));
	if (case_ids)
		set_hex(o, "case_id", view->case_id);
	set_hex(o, "message_id", view->message_id);
	set_time(o, "time", view->time_ms);
	set_code(o, "type", NRM_VOCABULARY_MESSAGE_TYPE, view->type);
	set_code(o, "basis", NRM_VOCABULARY_BASIS, view->basis);
	set_code(o, "emergency", NRM_VOCABULARY_EMERGENCY, view->emergency);
	set_code(o, "reason", NRM_VOCABULARY_REASON, view->reason);
	json_object_set_new(o, "forwarded", codes(NRM_VOCABULARY_FIELD, view->forwarded));
	json_object_set_new(o, "withheld", withheld(view));
	json_object_set_new(o, "missing", codes(NRM_VOCABULARY_ASSESSMENT, view->missing));
	json_object_set_new(o, "obligations", codes(NRM_VOCABULARY_OBLIGATION, view->obligations));
	json_object_set_new(o, "rules", numbers(view->rules));
	json_t *consents = json_array();
	for (size_t i = 0; i < view->consent_id.n; i++)
		json_array_append_new(consents, hex(view->consent_id.item[i]));
	json_object_set_new(o, "consents", consents);
	set_hex(o, "statement_digest", view->statement_digest);
	if (view->earlier)
		json_object_set_new(o, "earlier", json_integer((json_int_t)view->earlier - 1));
	if (told->acknowledged)
		json_object_set_new(o, "acknowledged_in",
				    json_integer((json_int_t)told->acknowledged - 1));
	set_code(o, "acknowledgement", NRM_VOCABULARY_ACK, told->ack);
	set_hex(o, "document_digest", view->document_digest);
	if (view->document_version)
		json_object_set_new(o, "document_version",
				    json_integer((json_int_t)view->document_version));
	set_text(o, "subject", view->subject);
	return o;
}

enum nrm_err nrm_story_json(const struct nrm_story_leaf *told, bool case_ids, FILE *out)
{
	const struct nrm_leaf *leaf = &told->leaf;
	json_t *o = json_object();

	json_object_set_new(o, "index", json_integer((json_int_t)told->index));
	set_time(o, "time", leaf->minute * 60000);
	set_code(o, "kind", NRM_VOCABULARY_EVENT, leaf->kind);
	set_text(o, "sender", leaf->sender);
	set_text(o, "recipient", leaf->recipient);
	set_code(o, "service", NRM_VOCABULARY_SERVICE, leaf->service);
	if (leaf->reason) /* only what was decided on has an outcome */
		json_object_set_new(
			o, "outcome",
			json_string(nrm_code_name(NRM_VOCABULARY_OUTCOME, leaf->outcome)));
	set_code(o, "reason", NRM_VOCABULARY_REASON, leaf->reason);
	set_hex(o, "policy_digest", leaf->policy_digest);
	set_hex(o, "directory_digest", leaf->directory_digest);
	if (told->oversight)
		json_object_set_new(o, "oversight", oversight(told, case_ids));
	char *line = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	if (!line)
		return NRM_ERR_NOMEM;
	fprintf(out, "%s\n", line);
	free(line);
	return NRM_OK;
}
