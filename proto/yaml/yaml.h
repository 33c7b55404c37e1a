/*
 * YAML for everything people write: policy, directory, configuration, referral files. Schema first
 * and strict, and every error is one line that says where and what was expected:
 *
 *     people.yaml:12:13: participants[3].roles[0]: unknown role "polcie", did you mean "police"?
 *
 * A document is read in two passes. Ours refuses what has no place in configuration (a second
 * document, anchors, aliases, tags, NUL, a key twice, keys that are no scalars, depth and size
 * over limits.h) and keeps a tree of key paths with their lines and columns; the tree is held
 * against the libcyaml schema, more strictly than libcyaml does it (it takes any unknown word for
 * `true`, and `12x` for 12). Then libcyaml fills the caller's struct.
 *
 * A path names a place: `participants[3].roles[0]`; "" is the whole document.
 */
#ifndef NRM_YAML_YAML_H
#define NRM_YAML_YAML_H

#include <cyaml/cyaml.h>
#include <stdint.h>

#include "proto/base/arena.h"
#include "proto/base/buf.h"
#include "proto/base/err.h"
#include "proto/vocabulary.h"

#define NRM_YAML_PATH_LEN  256
#define NRM_YAML_ERROR_LEN 768

struct nrm_yaml_node;

/* A document on the caller's storage; its members are its own business. One thread at a time. */
struct nrm_yaml {
	struct nrm_arena arena; /* the tree and the name */
	struct nrm_buf bytes;
	struct nrm_yaml_node *root;
	const char *name;
	char at[NRM_YAML_PATH_LEN];
	char error[NRM_YAML_ERROR_LEN];
};

/* An empty document. Zeroed storage will not do: it has no ceiling. */
void nrm_yaml_init(struct nrm_yaml *yaml);
/*
 * Frees all of it; what was decoded stays, it is the caller's. Call it whether loading worked or
 * not.
 */
void nrm_yaml_done(struct nrm_yaml *yaml);

/*
 * Reads a file, or a copy of bytes that errors are to call `name`, and holds it to the first pass.
 * Once a document. NRM_ERR_NOT_FOUND, NRM_ERR_IO; NRM_ERR_LIMIT over NRM_MAX_YAML or
 * NRM_MAX_YAML_DEPTH; NRM_ERR_DUPLICATE for a key that occurs twice; NRM_ERR_FORMAT for the rest.
 * nrm_yaml_error() has the line.
 */
enum nrm_err nrm_yaml_load_file(struct nrm_yaml *yaml, const char *path) NRM_MUST_USE;
enum nrm_err nrm_yaml_load_bytes(struct nrm_yaml *yaml, const char *name,
				 struct nrm_slice bytes) NRM_MUST_USE;

/*
 * Makes the struct that `schema` describes (a CYAML_MAPPING with CYAML_FLAG_POINTER) of a loaded
 * document; free it with nrm_yaml_free_decoded(). Strings, Booleans, integers, enums, flags,
 * mappings, sequences, fixed sequences and ignored values may occur in a schema; floats and bit
 * fields may not. Booleans are `true` or `false`, integers decimal, enums and flags their strings
 * only. NRM_ERR_FORMAT when the document is not of that shape; NRM_ERR_NOMEM.
 */
enum nrm_err nrm_yaml_decode(struct nrm_yaml *yaml, const cyaml_schema_value_t *schema,
			     void **ret_value) NRM_MUST_USE;
/* Frees what nrm_yaml_decode() made with the same schema. NULL is allowed. */
void nrm_yaml_free_decoded(const cyaml_schema_value_t *schema, void *value);

/*
 * Formats a path, for the calls below: nrm_yaml_at(yaml, "participants[%u].roles[%u]", i, j).
 * Lives in the document until the next call.
 */
const char *nrm_yaml_at(struct nrm_yaml *yaml, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Where a path stands, from 1: a scalar where its text begins, a list or mapping where its key
 * does. A path that is not there has the position of its nearest ancestor that is, and
 * NRM_ERR_NOT_FOUND is returned with it.
 */
enum nrm_err nrm_yaml_position(const struct nrm_yaml *yaml, const char *path, uint32_t *ret_line,
			       uint32_t *ret_column);

/*
 * Sets the error line: "FILE:LINE:COLUMN: path: " and the text. For what only the reader of the
 * document can know; say what was expected, and never quote what may be a person's data. Always
 * NRM_ERR_FORMAT, to be returned in one go.
 */
enum nrm_err nrm_yaml_fail(struct nrm_yaml *yaml, const char *path, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * The line of the last failure, without a newline; "" when nothing failed. Lives as long as the
 * document.
 */
const char *nrm_yaml_error(const struct nrm_yaml *yaml);

/*
 * A code of the vocabulary by its spelling, else NRM_ERR_UNKNOWN_CODE with the nearest spelling,
 * or with all of them, or where there are too many with the file that lists them, in the error line. NULL text (a key left out) is an
 * error too.
 */
enum nrm_err nrm_yaml_code(struct nrm_yaml *yaml, const char *path, enum nrm_vocabulary kind,
			   const char *text, uint32_t *ret_code) NRM_MUST_USE;

/*
 * One of `n` words that are no codes: its index, else NRM_ERR_UNKNOWN_CODE likewise. `what` they are ("language")
 * is for the error line.
 */
enum nrm_err nrm_yaml_word(struct nrm_yaml *yaml, const char *path, const char *what,
			   const char *const *words, uint32_t n, const char *text,
			   uint32_t *ret_index) NRM_MUST_USE;

/*
 * A point in time as nrm_time_parse() reads it, in Unix milliseconds; NRM_ERR_FORMAT. NULL text is
 * an error too.
 */
enum nrm_err nrm_yaml_time(struct nrm_yaml *yaml, const char *path, const char *text,
			   uint64_t *ret_ms) NRM_MUST_USE;

#endif
