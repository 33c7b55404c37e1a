/*
 * Inside proto/yaml: the tree of a document, and how an error line is put together.
 */
#ifndef NRM_YAML_NODE_H
#define NRM_YAML_NODE_H

#include <stdbool.h>

#include "proto/yaml/yaml.h"

struct nrm_yaml_mark {
	uint32_t line, column; /* from 1 */
};

enum nrm_yaml_kind { NRM_YAML_TEXT, NRM_YAML_LIST, NRM_YAML_MAPPING };

struct nrm_yaml_node {
	struct nrm_yaml_node *parent, *first, *last, *next;
	const char
		*key; /* of an entry of a mapping; NULL for an item of a list, and for the root */
	const char *text; /* of a scalar */
	struct nrm_yaml_mark key_at, value_at;
	uint32_t index; /* place among its siblings */
	uint32_t count; /* children */
	enum nrm_yaml_kind kind;
};

/* libyaml's events of yaml->bytes into yaml->root, or an error line. */
enum nrm_err nrm_yaml_read_events(struct nrm_yaml *yaml) NRM_MUST_USE;

/* Holds a node to a schema. */
enum nrm_err nrm_yaml_check(struct nrm_yaml *yaml, const struct nrm_yaml_node *node,
			    const cyaml_schema_value_t *schema) NRM_MUST_USE;

/* Where a node is said to stand (nrm_yaml_position()). */
struct nrm_yaml_mark nrm_yaml_mark(const struct nrm_yaml_node *node);

/* Writes a node's path for people: cut off when it is too long, printable ASCII only. */
void nrm_yaml_path(const struct nrm_yaml_node *node, char out[static NRM_YAML_PATH_LEN]);

/* Writes the error line and returns `err`. A zero mark leaves line and column out. */
enum nrm_err nrm_yaml_report(struct nrm_yaml *yaml, enum nrm_err err, struct nrm_yaml_mark mark,
			     const char *path, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
/* The same at a node. */
enum nrm_err nrm_yaml_reject(struct nrm_yaml *yaml, enum nrm_err err,
			     const struct nrm_yaml_node *node, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

enum nrm_err nrm_yaml_out_of_memory(struct nrm_yaml *yaml);

/* A list of spellings, wherever it comes from. */
struct nrm_yaml_words {
	const char *(*at)(const struct nrm_yaml_words *words, uint32_t i);
	const void *of;
	uint32_t count;
};
#define NRM_YAML_QUOTE_LEN 48
#define NRM_YAML_HINT_LEN  320
/* Puts a foreign word in quotes, shortened, with anything but printable ASCII replaced. */
void nrm_yaml_quote(const char *word, char out[static NRM_YAML_QUOTE_LEN]);
/* Writes `, did you mean "x"?`, or else `: expected a, b or c`, or where that is too long where to find them. */
void nrm_yaml_hint(const char *word, const struct nrm_yaml_words *words,
		   char out[static NRM_YAML_HINT_LEN]);

#endif
