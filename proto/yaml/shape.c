/*
 * The tree against a libcyaml schema, and decoding. libcyaml checks too, but it takes any unknown
 * word for `true`, `12x` for 12 and 010 for 8, and its errors come as a log: so the shape is
 * checked here first, and an error of libcyaml's own is left for what neither pass foresaw.
 */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "proto/yaml/node.h"

static const char *const kind_names[] = {
	[NRM_YAML_TEXT] = "a single value",
	[NRM_YAML_LIST] = "a list",
	[NRM_YAML_MAPPING] = "a mapping",
};

static enum nrm_err want_kind(struct nrm_yaml *yaml, const struct nrm_yaml_node *node,
			      enum nrm_yaml_kind kind)
{
	if (node->kind == kind)
		return NRM_OK;
	return nrm_yaml_reject(
		yaml, NRM_ERR_FORMAT, node, "expected %s, found %s", kind_names[kind],
		node->kind == NRM_YAML_TEXT && !*node->text ? "nothing" : kind_names[node->kind]);
}

/* Decimal digits without leading zeros, after a minus where `negative` allows one. */
static bool decimal(const char *text, bool negative)
{
	text += negative && *text == '-';
	size_t digits = strspn(text, "0123456789");

	return digits > 0 && text[digits] == '\0' && (text[0] != '0' || digits == 1);
}

static enum nrm_err check_int(struct nrm_yaml *yaml, const struct nrm_yaml_node *node,
			      const cyaml_schema_value_t *schema)
{
	int64_t max = (int64_t)(UINT64_MAX >> (64 - 8 * schema->data_size) >> 1);

	errno = 0;
	int64_t v = decimal(node->text, true) ? strtoll(node->text, NULL, 10) : (errno = ERANGE);
	if (errno == 0 && v >= -max - 1 && v <= max)
		return NRM_OK;
	return nrm_yaml_reject(yaml, NRM_ERR_FORMAT, node,
			       "expected a whole number from %" PRId64 " to %" PRId64, -max - 1,
			       max);
}

static enum nrm_err check_uint(struct nrm_yaml *yaml, const struct nrm_yaml_node *node,
			       const cyaml_schema_value_t *schema)
{
	uint64_t max = UINT64_MAX >> (64 - 8 * schema->data_size);

	errno = 0;
	uint64_t v = decimal(node->text, false) ? strtoull(node->text, NULL, 10)
						: (uint64_t)(errno = ERANGE);
	if (errno == 0 && v <= max)
		return NRM_OK;
	return nrm_yaml_reject(yaml, NRM_ERR_FORMAT, node,
			       "expected a whole number from 0 to %" PRIu64, max);
}

static enum nrm_err check_bool(struct nrm_yaml *yaml, const struct nrm_yaml_node *node,
			       const cyaml_schema_value_t *schema)
{
	(void)schema;
	if (strcmp(node->text, "true") == 0 || strcmp(node->text, "false") == 0)
		return NRM_OK;
	return nrm_yaml_reject(yaml, NRM_ERR_FORMAT, node, "expected true or false");
}

static enum nrm_err check_string(struct nrm_yaml *yaml, const struct nrm_yaml_node *node,
				 const cyaml_schema_value_t *schema)
{
	size_t len = strlen(node->text);

	if (len < schema->string.min)
		return len == 0 ? nrm_yaml_reject(yaml, NRM_ERR_FORMAT, node,
						  "expected text, found nothing")
				: nrm_yaml_reject(yaml, NRM_ERR_FORMAT, node,
						  "expected text of at least %u bytes",
						  schema->string.min);
	if (len > schema->string.max)
		return nrm_yaml_reject(yaml, NRM_ERR_FORMAT, node,
				       "expected text of at most %u bytes", schema->string.max);
	return NRM_OK;
}

static const char *enum_word(const struct nrm_yaml_words *words, uint32_t i)
{
	return ((const cyaml_strval_t *)words->of)[i].str;
}

static enum nrm_err check_enum(struct nrm_yaml *yaml, const struct nrm_yaml_node *node,
			       const cyaml_schema_value_t *schema)
{
	struct nrm_yaml_words words = {enum_word, schema->enumeration.strings,
				       schema->enumeration.count};
	char quoted[NRM_YAML_QUOTE_LEN], hint[NRM_YAML_HINT_LEN];

	for (uint32_t i = 0; i < words.count; i++)
		if (strcmp(node->text, words.at(&words, i)) == 0)
			return NRM_OK;
	nrm_yaml_quote(node->text, quoted);
	nrm_yaml_hint(node->text, &words, hint);
	return nrm_yaml_reject(yaml, NRM_ERR_FORMAT, node, "unknown value %s%s", quoted, hint);
}

static enum nrm_err check_flags(struct nrm_yaml *yaml, const struct nrm_yaml_node *node,
				const cyaml_schema_value_t *schema)
{
	enum nrm_err err = NRM_OK;

	for (const struct nrm_yaml_node *c = node->first; c && err == NRM_OK; c = c->next) {
		err = want_kind(yaml, c, NRM_YAML_TEXT);
		if (err == NRM_OK)
			err = check_enum(yaml, c, schema);
	}
	return err;
}

static enum nrm_err check_sequence(struct nrm_yaml *yaml, const struct nrm_yaml_node *node,
				   const cyaml_schema_value_t *schema)
{
	enum nrm_err err = NRM_OK;

	if (node->count < schema->sequence.min)
		return nrm_yaml_reject(yaml, NRM_ERR_FORMAT, node,
				       "expected at least %u in the list, found %u",
				       schema->sequence.min, node->count);
	if (node->count > schema->sequence.max)
		return nrm_yaml_reject(yaml, NRM_ERR_FORMAT, node,
				       "expected at most %u in the list, found %u",
				       schema->sequence.max, node->count);
	for (const struct nrm_yaml_node *c = node->first; c && err == NRM_OK; c = c->next)
		err = nrm_yaml_check(yaml, c, schema->sequence.entry);
	return err;
}

static const char *field_word(const struct nrm_yaml_words *words, uint32_t i)
{
	return ((const cyaml_schema_field_t *)words->of)[i].key;
}

static enum nrm_err unknown_key(struct nrm_yaml *yaml, const struct nrm_yaml_node *node,
				struct nrm_yaml_words keys)
{
	char path[NRM_YAML_PATH_LEN], quoted[NRM_YAML_QUOTE_LEN], hint[NRM_YAML_HINT_LEN];

	nrm_yaml_path(node->parent, path);
	nrm_yaml_quote(node->key, quoted);
	nrm_yaml_hint(node->key, &keys, hint);
	return nrm_yaml_report(yaml, NRM_ERR_FORMAT, node->key_at, path, "unknown key %s%s", quoted,
			       hint);
}

/* What is there first, in the order of the file, since a misspelt key explains a missing one. */
static enum nrm_err check_mapping(struct nrm_yaml *yaml, const struct nrm_yaml_node *node,
				  const cyaml_schema_value_t *schema)
{
	const cyaml_schema_field_t *fields = schema->mapping.fields;
	struct nrm_yaml_words keys = {field_word, fields, 0};
	enum nrm_err err = NRM_OK;

	while (fields[keys.count].key)
		keys.count++;
	for (const struct nrm_yaml_node *c = node->first; c && err == NRM_OK; c = c->next) {
		const cyaml_schema_field_t *field = fields;
		while (field->key && strcmp(field->key, c->key) != 0)
			field++;
		err = field->key ? nrm_yaml_check(yaml, c, &field->value)
				 : unknown_key(yaml, c, keys);
	}
	for (const cyaml_schema_field_t *field = fields; field->key && err == NRM_OK; field++) {
		const struct nrm_yaml_node *c = node->first;
		while (c && strcmp(field->key, c->key) != 0)
			c = c->next;
		if (!c && !(field->value.flags & CYAML_FLAG_OPTIONAL))
			err = nrm_yaml_reject(yaml, NRM_ERR_FORMAT, node, "expected the key \"%s\"",
					      field->key);
	}
	return err;
}

static const struct {
	enum nrm_yaml_kind kind;
	enum nrm_err (*check)(struct nrm_yaml *, const struct nrm_yaml_node *,
			      const cyaml_schema_value_t *);
} types[CYAML__TYPE_COUNT] = {
	[CYAML_INT] = {NRM_YAML_TEXT, check_int},
	[CYAML_UINT] = {NRM_YAML_TEXT, check_uint},
	[CYAML_BOOL] = {NRM_YAML_TEXT, check_bool},
	[CYAML_ENUM] = {NRM_YAML_TEXT, check_enum},
	[CYAML_STRING] = {NRM_YAML_TEXT, check_string},
	[CYAML_FLAGS] = {NRM_YAML_LIST, check_flags},
	[CYAML_SEQUENCE] = {NRM_YAML_LIST, check_sequence},
	[CYAML_SEQUENCE_FIXED] = {NRM_YAML_LIST, check_sequence},
	[CYAML_MAPPING] = {NRM_YAML_MAPPING, check_mapping},
};

/* libcyaml reads an empty value, and some words where the schema says so, as a NULL pointer. */
static bool reads_as_null(const struct nrm_yaml_node *node, const cyaml_schema_value_t *schema)
{
	const unsigned null = CYAML_FLAG_POINTER_NULL & ~CYAML_FLAG_POINTER;
	const unsigned null_word = CYAML_FLAG_POINTER_NULL_STR & ~CYAML_FLAG_POINTER_NULL;

	if (node->kind != NRM_YAML_TEXT)
		return false;
	if (!*node->text)
		return schema->flags & null;
	return (schema->flags & null_word) &&
	       (strcmp(node->text, "null") == 0 || strcmp(node->text, "~") == 0);
}

enum nrm_err nrm_yaml_check(struct nrm_yaml *yaml, const struct nrm_yaml_node *node,
			    const cyaml_schema_value_t *schema)
{
	if (schema->type == CYAML_IGNORE || reads_as_null(node, schema))
		return NRM_OK;
	assert(types[schema->type].check); /* no floats, no bit fields */

	enum nrm_err err = want_kind(yaml, node, types[schema->type].kind);
	return err == NRM_OK ? types[schema->type].check(yaml, node, schema) : err;
}

static const cyaml_config_t config = {.mem_fn = cyaml_mem, .flags = CYAML_CFG_NO_ALIAS};

enum nrm_err nrm_yaml_decode(struct nrm_yaml *yaml, const cyaml_schema_value_t *schema,
			     void **ret_value)
{
	assert(schema->type == CYAML_MAPPING && (schema->flags & CYAML_FLAG_POINTER));
	if (!yaml->root)
		return NRM_ERR_ARGUMENT;

	enum nrm_err err = nrm_yaml_check(yaml, yaml->root, schema);
	if (err != NRM_OK)
		return err;
	cyaml_err_t result = cyaml_load_data(yaml->bytes.data, yaml->bytes.len, &config, schema,
					     (cyaml_data_t **)ret_value, NULL);
	if (result == CYAML_OK)
		return NRM_OK;
	return nrm_yaml_reject(yaml, result == CYAML_ERR_OOM ? NRM_ERR_NOMEM : NRM_ERR_FORMAT,
			       yaml->root, "%s", cyaml_strerror(result));
}

void nrm_yaml_free_decoded(const cyaml_schema_value_t *schema, void *value)
{
	if (value)
		(void)cyaml_free(&config, schema, value, 0);
}
