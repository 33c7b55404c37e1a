#include "agents/cli/form.h"

#include <string.h>

#include "agents/cli/cli.h"
#include "proto/base/hex.h"
#include "proto/base/id.h"

const cyaml_schema_value_t nrm_form_word = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, 255)};

static enum nrm_err participant(struct nrm_yaml *yaml, const char *path, const char *text)
{
	return nrm_participant_id_ok(nrm_slice_str(text))
		       ? NRM_OK
		       : nrm_yaml_fail(yaml, path, "expected a participant's id like TH.shelter-1");
}

static enum nrm_err region(struct nrm_yaml *yaml, const char *path, const char *text)
{
	return nrm_region_ok(nrm_slice_str(text))
		       ? NRM_OK
		       : nrm_yaml_fail(yaml, path, "expected a region's code like TH-10");
}

static enum nrm_err country(struct nrm_yaml *yaml, const char *path, const char *text)
{
	return nrm_country_ok(nrm_slice_str(text))
		       ? NRM_OK
		       : nrm_yaml_fail(yaml, path, "expected a country of two letters like KH");
}

static enum nrm_err one_text(struct nrm_yaml *yaml, const struct nrm_form_member *m,
			     const char *text)
{
	uint8_t id[16];
	uint32_t code;
	uint64_t ms;

	switch (m->kind) {
	case NRM_FORM_TIME:
		return nrm_yaml_time(yaml, m->key, text, &ms);
	case NRM_FORM_ID:
		return nrm_unhex(text, id, sizeof(id))
			       ? nrm_yaml_fail(yaml, m->key,
					       "expected an id of 32 hexadecimal digits")
			       : NRM_OK;
	case NRM_FORM_PARTICIPANT:
		return participant(yaml, m->key, text);
	case NRM_FORM_REGION:
		return region(yaml, m->key, text);
	case NRM_FORM_CODE:
		return nrm_yaml_code(yaml, m->key, m->vocabulary, text, &code);
	default:
		return NRM_OK;
	}
}

/* One item of a list: what `also` says, else a code. */
static enum nrm_err one_item(struct nrm_yaml *yaml, const char *path,
			     const struct nrm_form_member *m, const char *text)
{
	uint32_t code;

	if ((m->also & NRM_ALSO_ANY) && strcmp(text, "any") == 0)
		return NRM_OK;
	if (m->also & NRM_ONLY_COUNTRIES)
		return country(yaml, path, text);
	if ((m->also & NRM_ONLY_PARTICIPANTS) ||
	    ((m->also & NRM_ALSO_PARTICIPANTS) && strchr(text, '.')))
		return participant(yaml, path, text);
	if ((m->also & NRM_ALSO_CATEGORIES) &&
	    nrm_code_number(NRM_VOCABULARY_CATEGORY, text, strlen(text)))
		return NRM_OK;
	return nrm_yaml_code(yaml, path, m->vocabulary, text, &code);
}

static enum nrm_err fill_list(struct nrm_yaml *yaml, const struct nrm_form_member *m,
			      const struct nrm_form_list *list, json_t *request)
{
	char item[NRM_YAML_PATH_LEN];
	uint32_t line, column;

	if (nrm_yaml_position(yaml, m->key, &line, &column) != NRM_OK)
		return NRM_OK; /* left out, which is not the same as empty */
	json_t *items = json_array();
	enum nrm_err err = NRM_OK;
	for (unsigned i = 0; i < list->count && err == NRM_OK; i++) {
		snprintf(item, sizeof(item), "%s[%u]", m->key, i);
		err = one_item(yaml, item, m, list->item[i]);
		json_array_append_new(items, json_string(list->item[i]));
	}
	json_object_set_new(request, m->key, items);
	return err;
}

static enum nrm_err fill_one(struct nrm_yaml *yaml, const struct nrm_form_member *m, const void *at,
			     json_t *request)
{
	const char *text;

	if (m->kind == NRM_FORM_CODES)
		return fill_list(yaml, m, at, request);
	if (m->kind == NRM_FORM_YES || m->kind == NRM_FORM_NUMBER) {
		const void *value = *(const void *const *)at;

		if (value)
			json_object_set_new(request, m->key,
					    m->kind == NRM_FORM_YES
						    ? json_boolean(*(const bool *)value)
						    : json_integer(*(const uint32_t *)value));
		return NRM_OK;
	}
	text = *(char *const *)at;
	if (!text)
		return NRM_OK;
	enum nrm_err err = one_text(yaml, m, text);
	json_t *value = json_string(text);
	if (err == NRM_OK && !value)
		err = nrm_yaml_fail(yaml, m->key, "expected text in UTF-8");
	json_object_set_new(request, m->key, value);
	return err;
}

enum nrm_err nrm_form_fill(struct nrm_yaml *yaml, const struct nrm_form_member *member,
			   const void *text, json_t *request)
{
	enum nrm_err err = NRM_OK;

	for (; member->key && err == NRM_OK; member++)
		err = fill_one(yaml, member, (const char *)text + member->offset, request);
	return err;
}

json_t *nrm_form_read(const char *path, const struct nrm_form *form)
{
	json_t *request = json_pack("{ss}", "op", form->op);
	const cyaml_schema_value_t *schema = form->schema;
	uint32_t line, column;
	struct nrm_yaml yaml;
	void *text = NULL;

	nrm_yaml_init(&yaml);
	enum nrm_err err = nrm_yaml_load_file(&yaml, path);
	if (err == NRM_OK && form->path &&
	    nrm_yaml_position(&yaml, form->path, &line, &column) == NRM_OK)
		schema = form->other;
	if (err == NRM_OK)
		err = nrm_yaml_decode(&yaml, schema, &text);
	if (err == NRM_OK)
		err = form->request(&yaml, text, request);
	if (err) {
		nrm_cli_fail("%s", nrm_yaml_error(&yaml));
		json_decref(request);
		request = NULL;
	}
	nrm_yaml_free_decoded(schema, text);
	nrm_yaml_done(&yaml);
	return request;
}
