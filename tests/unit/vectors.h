/*
 * Reading tests/vectors/protocol.json (tests/vectors/README.md says what is in it). A vector that is
 * missing or of another shape fails the test. What these functions return lives until the program
 * ends. For the main thread only.
 *
 *	const json_t *v;
 *	size_t i;
 *	json_array_foreach(vectors("merkle.inclusion"), i, v)
 *		use(vector_number(v, "size"), vector_bytes(v, "root"));
 */
#ifndef NRM_TESTS_VECTORS_H
#define NRM_TESTS_VECTORS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "proto/base/arena.h"
#include "proto/base/hex.h"
#include "proto/base/slice.h"

/* The member of `v` called `key`. */
static inline json_t *vector_get(const json_t *v, const char *key)
{
	json_t *member = json_object_get(v, key);

	if (!member)
		fail_msg("vector has no \"%s\"", key);
	return member;
}

/* A group by its path, names parted by dots: "notes.refused". */
static inline json_t *vectors(const char *path)
{
	static json_t *root; /* kept reachable, so that no leak is reported */
	json_error_t err;
	char name[64];

	if (!root)
		root = json_load_file(NRM_TESTS "/vectors/protocol.json", 0, &err);
	if (!root)
		fail_msg("protocol.json:%d: %s", err.line, err.text);
	json_t *v = root;
	while (*path) {
		size_t len = strcspn(path, ".");
		assert_true(len < sizeof(name));
		memcpy(name, path, len);
		name[len] = '\0';
		v = vector_get(v, name);
		path += len + (path[len] == '.');
	}
	return v;
}

/* Bytes of a hexadecimal string; never a NULL pointer. */
static inline struct nrm_slice unhex(const char *hex)
{
	static struct nrm_arena arena = {.ceiling = 64u * 1024 * 1024};
	size_t len = strlen(hex) / 2;
	uint8_t *bytes = nrm_arena_alloc(&arena, len ? len : 1);

	assert_non_null(bytes);
	assert_int_equal(nrm_unhex(hex, bytes, len), NRM_OK);
	return nrm_slice(bytes, len);
}

static inline const char *vector_text(const json_t *v, const char *key)
{
	const char *text = json_string_value(vector_get(v, key));

	assert_non_null(text);
	return text;
}

static inline struct nrm_slice vector_bytes(const json_t *v, const char *key)
{
	return unhex(vector_text(v, key));
}

/* The same where exactly `len` bytes are due: keys, digests, signatures. */
static inline const uint8_t *vector_fixed(const json_t *v, const char *key, size_t len)
{
	struct nrm_slice bytes = vector_bytes(v, key);

	assert_int_equal(bytes.len, len);
	return bytes.data;
}

static inline uint64_t vector_number(const json_t *v, const char *key)
{
	json_t *number = vector_get(v, key);

	assert_true(json_is_integer(number) && json_integer_value(number) >= 0);
	return (uint64_t)json_integer_value(number);
}

/* Element `i` of a list of hexadecimal strings. */
static inline struct nrm_slice vector_item(const json_t *list, size_t i)
{
	const char *hex = json_string_value(json_array_get(list, i));

	assert_non_null(hex);
	return unhex(hex);
}

/* Asserts that two byte strings are equal, their lengths too. */
static inline void assert_bytes(struct nrm_slice got, struct nrm_slice want)
{
	assert_int_equal(got.len, want.len);
	if (got.len)
		assert_memory_equal(got.data, want.data, want.len);
}

#endif
