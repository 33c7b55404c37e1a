/*
 * The first pass: libyaml's events into a tree. What configuration has no use for is refused here,
 * so that libcyaml, which reads the same bytes again, never meets it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "proto/base/limits.h"
#include "proto/yaml/node.h"

struct pass {
	struct nrm_yaml *yaml;
	struct nrm_yaml_node
		*open;	 /* the list or mapping whose children come now; NULL around the root */
	const char *key; /* of the entry whose value comes next */
	struct nrm_yaml_mark key_at;
	uint32_t depth;
	uint32_t documents;
};

static struct nrm_yaml_mark mark_of(yaml_mark_t mark)
{
	return (struct nrm_yaml_mark){(uint32_t)mark.line + 1, (uint32_t)mark.column + 1};
}

static enum nrm_err refuse(struct pass *pass, enum nrm_err err, yaml_mark_t mark, const char *text)
{
	char path[NRM_YAML_PATH_LEN] = "";

	if (pass->open)
		nrm_yaml_path(pass->open, path);
	return nrm_yaml_report(pass->yaml, err, mark_of(mark), path, "%s", text);
}

static enum nrm_err too_large(struct pass *pass, yaml_mark_t mark)
{
	return refuse(pass, NRM_ERR_LIMIT, mark, "the document takes too much memory");
}

static enum nrm_err too_deep(struct pass *pass, yaml_mark_t mark)
{
	char text[64];

	snprintf(text, sizeof(text), "nested too deeply: expected at most %u levels",
		 NRM_MAX_YAML_DEPTH);
	return refuse(pass, NRM_ERR_LIMIT, mark, text);
}

/* Hangs a new node where the pass stands. */
static enum nrm_err add(struct pass *pass, enum nrm_yaml_kind kind, yaml_mark_t mark,
			struct nrm_yaml_node **ret_node)
{
	struct nrm_yaml_node *node = nrm_arena_alloc(&pass->yaml->arena, sizeof(*node));
	struct nrm_yaml_node *parent = pass->open;

	if (!node)
		return too_large(pass, mark);
	*node = (struct nrm_yaml_node){.parent = parent,
				       .key = pass->key,
				       .key_at = pass->key_at,
				       .value_at = mark_of(mark),
				       .kind = kind};
	pass->key = NULL;
	if (!parent) {
		pass->yaml->root = node;
	} else {
		node->index = parent->count++;
		*(parent->last ? &parent->last->next : &parent->first) = node;
		parent->last = node;
	}
	*ret_node = node;
	return NRM_OK;
}

static bool key_comes(const struct pass *pass)
{
	return pass->open && pass->open->kind == NRM_YAML_MAPPING && !pass->key;
}

static enum nrm_err on_scalar(struct pass *pass, const yaml_event_t *event)
{
	const yaml_char_t *value = event->data.scalar.value;
	size_t len = event->data.scalar.length;

	if (event->data.scalar.anchor)
		return refuse(pass, NRM_ERR_FORMAT, event->start_mark, "expected no anchor (&)");
	if (event->data.scalar.tag)
		return refuse(pass, NRM_ERR_FORMAT, event->start_mark, "expected no tag (!)");
	if (memchr(value, 0, len))
		return refuse(pass, NRM_ERR_FORMAT, event->start_mark, "expected no NUL character");
	const char *text = nrm_arena_copy(&pass->yaml->arena, value, len);
	if (!text)
		return too_large(pass, event->start_mark);

	if (key_comes(pass)) {
		pass->key = text;
		pass->key_at = mark_of(event->start_mark);
		return NRM_OK;
	}
	struct nrm_yaml_node *node;
	enum nrm_err err = add(pass, NRM_YAML_TEXT, event->start_mark, &node);
	if (err == NRM_OK)
		node->text = text;
	return err;
}

static enum nrm_err start(struct pass *pass, const yaml_event_t *event, enum nrm_yaml_kind kind,
			  const yaml_char_t *anchor, const yaml_char_t *tag)
{
	struct nrm_yaml_node *node;

	if (anchor)
		return refuse(pass, NRM_ERR_FORMAT, event->start_mark, "expected no anchor (&)");
	if (tag)
		return refuse(pass, NRM_ERR_FORMAT, event->start_mark, "expected no tag (!)");
	if (key_comes(pass))
		return refuse(pass, NRM_ERR_FORMAT, event->start_mark,
			      "expected a plain word as a key");
	if (pass->depth == NRM_MAX_YAML_DEPTH)
		return too_deep(pass, event->start_mark);
	enum nrm_err err = add(pass, kind, event->start_mark, &node);
	if (err != NRM_OK)
		return err;
	pass->open = node;
	pass->depth++;
	return NRM_OK;
}

static enum nrm_err on_list(struct pass *pass, const yaml_event_t *event)
{
	return start(pass, event, NRM_YAML_LIST, event->data.sequence_start.anchor,
		     event->data.sequence_start.tag);
}

static enum nrm_err on_mapping(struct pass *pass, const yaml_event_t *event)
{
	return start(pass, event, NRM_YAML_MAPPING, event->data.mapping_start.anchor,
		     event->data.mapping_start.tag);
}

static enum nrm_err on_list_end(struct pass *pass, const yaml_event_t *event)
{
	(void)event;
	pass->open = pass->open->parent;
	pass->depth--;
	return NRM_OK;
}

static int by_key(const void *a, const void *b)
{
	const struct nrm_yaml_node *x = *(const struct nrm_yaml_node *const *)a;
	const struct nrm_yaml_node *y = *(const struct nrm_yaml_node *const *)b;
	int order = strcmp(x->key, y->key);

	return order ? order : (x->index > y->index) - (x->index < y->index);
}

/*
 * Finds the first entry whose key was there before. Sorted, since a mapping may have very many
 * entries.
 */
static enum nrm_err on_mapping_end(struct pass *pass, const yaml_event_t *event)
{
	const struct nrm_yaml_node *mapping = pass->open, *twin = NULL, *original = NULL;
	const struct nrm_yaml_node **sorted = malloc((mapping->count + 1) * sizeof(*sorted));
	size_t n = 0;

	if (!sorted)
		return nrm_yaml_out_of_memory(pass->yaml);
	for (const struct nrm_yaml_node *c = mapping->first; c; c = c->next)
		sorted[n++] = c;
	qsort(sorted, n, sizeof(*sorted), by_key);
	for (size_t i = 1; i < n; i++)
		if (strcmp(sorted[i]->key, sorted[i - 1]->key) == 0 &&
		    (!twin || sorted[i]->index < twin->index)) {
			twin = sorted[i];
			original = sorted[i - 1];
		}
	free(sorted);
	if (!twin)
		return on_list_end(pass, event);

	char path[NRM_YAML_PATH_LEN];
	nrm_yaml_path(twin, path);
	return nrm_yaml_report(pass->yaml, NRM_ERR_DUPLICATE, twin->key_at, path,
			       "the key occurs twice, first in line %u", original->key_at.line);
}

static enum nrm_err on_alias(struct pass *pass, const yaml_event_t *event)
{
	return refuse(pass, NRM_ERR_FORMAT, event->start_mark, "expected no alias (*)");
}

static enum nrm_err on_document(struct pass *pass, const yaml_event_t *event)
{
	if (pass->documents++ > 0)
		return refuse(pass, NRM_ERR_FORMAT, event->start_mark,
			      "expected one document only");
	return NRM_OK;
}

static enum nrm_err (*const handlers[])(struct pass *, const yaml_event_t *) = {
	[YAML_DOCUMENT_START_EVENT] = on_document, [YAML_ALIAS_EVENT] = on_alias,
	[YAML_SCALAR_EVENT] = on_scalar,	   [YAML_SEQUENCE_START_EVENT] = on_list,
	[YAML_SEQUENCE_END_EVENT] = on_list_end,   [YAML_MAPPING_START_EVENT] = on_mapping,
	[YAML_MAPPING_END_EVENT] = on_mapping_end,
};

/* The line and column of a byte, for what libyaml's reader refuses before it counts lines. */
static struct nrm_yaml_mark mark_of_offset(struct nrm_slice bytes, size_t offset)
{
	struct nrm_yaml_mark mark = {1, 1};

	for (size_t i = 0; i < offset && i < bytes.len; i++) {
		bool newline = bytes.data[i] == '\n';
		mark.line += newline;
		mark.column = newline ? 1 : mark.column + 1;
	}
	return mark;
}

/* Whether the line that a parser stopped at begins with a tab, which YAML has no use for and an editor does not show. */
static bool tab_indents(struct nrm_slice bytes, size_t line)
{
	size_t i = 0;

	while (line > 0 && i < bytes.len)
		line -= bytes.data[i++] == '\n';
	while (i < bytes.len && bytes.data[i] == ' ')
		i++;
	return i < bytes.len && bytes.data[i] == '\t';
}

static enum nrm_err syntax(struct pass *pass, const yaml_parser_t *parser)
{
	const char *context = parser->context ? parser->context : "";

	if (parser->error == YAML_MEMORY_ERROR)
		return nrm_yaml_out_of_memory(pass->yaml);
	if (parser->error == YAML_READER_ERROR)
		return nrm_yaml_report(
			pass->yaml, NRM_ERR_FORMAT,
			mark_of_offset(nrm_buf_slice(&pass->yaml->bytes), parser->problem_offset),
			"", "%s", parser->problem);
	if (tab_indents(nrm_buf_slice(&pass->yaml->bytes), parser->problem_mark.line))
		return nrm_yaml_report(pass->yaml, NRM_ERR_FORMAT, mark_of(parser->problem_mark),
				       "", "expected spaces where the line begins, found a tab");
	return nrm_yaml_report(pass->yaml, NRM_ERR_FORMAT, mark_of(parser->problem_mark), "",
			       "%s%s%s", parser->problem, *context ? " " : "", context);
}

enum nrm_err nrm_yaml_read_events(struct nrm_yaml *yaml)
{
	struct pass pass = {.yaml = yaml};
	enum nrm_err err = NRM_OK;
	yaml_parser_t parser;
	bool more = true;

	if (!yaml_parser_initialize(&parser))
		return nrm_yaml_out_of_memory(yaml);
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(
		&parser, yaml->bytes.len ? yaml->bytes.data : (const uint8_t *)"", yaml->bytes.len);
	while (more && err == NRM_OK) {
		yaml_event_t event;
		if (!yaml_parser_parse(&parser, &event)) {
			err = syntax(&pass, &parser);
			break;
		}
		more = event.type != YAML_STREAM_END_EVENT;
		if (event.type < sizeof(handlers) / sizeof(handlers[0]) && handlers[event.type])
			err = handlers[event.type](&pass, &event);
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	if (err == NRM_OK && !yaml->root)
		err = nrm_yaml_report(yaml, NRM_ERR_FORMAT, (struct nrm_yaml_mark){1, 1}, "",
				      "expected a document");
	if (err != NRM_OK)
		yaml->root = NULL;
	return err;
}
