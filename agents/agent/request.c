#include "agents/agent/request.h"

#include <stdio.h>
#include <string.h>

#include "proto/base/hex.h"
#include "proto/base/time.h"

void nrm_request_fail(struct nrm_request *r, const char *format, ...)
{
	va_list ap;

	if (nrm_request_failed(r))
		return;
	va_start(ap, format);
	vsnprintf(r->problem, sizeof(r->problem), format, ap);
	va_end(ap);
}

bool nrm_request_failed(const struct nrm_request *r)
{
	return r->problem[0] != '\0';
}

void nrm_request_only(struct nrm_request *r, const char *const *keys)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)r->object, key, value)
	{
		const char *const *known = keys;

		while (*known && strcmp(*known, key) != 0)
			known++;
		if (!*known)
			nrm_request_fail(r, "%.40s: not a part of this request", key);
	}
}

/* The member, when it is there and of a type; JSON null counts as absent. */
static const json_t *member(struct nrm_request *r, const char *key, bool required, json_type type,
			    const char *expected)
{
	const json_t *value = json_object_get(r->object, key);

	if (nrm_request_failed(r))
		return NULL;
	if (!value || json_is_null(value)) {
		if (required)
			nrm_request_fail(r, "%s: missing, expected %s", key, expected);
		return NULL;
	}
	if (json_typeof(value) != type) {
		nrm_request_fail(r, "%s: expected %s", key, expected);
		return NULL;
	}
	return value;
}

const char *nrm_request_text(struct nrm_request *r, const char *key, bool required)
{
	return json_string_value(member(r, key, required, JSON_STRING, "a text"));
}

bool nrm_request_bool(struct nrm_request *r, const char *key)
{
	const json_t *value = json_object_get(r->object, key);

	if (value && !json_is_boolean(value) && !json_is_null(value))
		nrm_request_fail(r, "%s: expected true or false", key);
	return json_is_true(value);
}

uint64_t nrm_request_number(struct nrm_request *r, const char *key, uint64_t most)
{
	const json_t *value = member(r, key, false, JSON_INTEGER, "a whole number");
	json_int_t number = json_integer_value(value);

	if (number < 0 || (uint64_t)number > most) {
		nrm_request_fail(r, "%s: expected a number from 0 to %ju", key, (uintmax_t)most);
		return 0;
	}
	return (uint64_t)number;
}

uint64_t nrm_request_time(struct nrm_request *r, const char *key)
{
	const char *text = nrm_request_text(r, key, false);
	uint64_t ms = 0;

	if (text && nrm_time_parse(text, &ms) != NRM_OK)
		nrm_request_fail(r, "%s: expected a time like 2026-05-01T10:00:00Z", key);
	return ms;
}

uint32_t nrm_request_code(struct nrm_request *r, const char *key, enum nrm_vocabulary kind,
			  bool required)
{
	const char *text = nrm_request_text(r, key, required);
	uint32_t code = text ? nrm_code_number(kind, text, strlen(text)) : 0;

	if (text && !code)
		nrm_request_fail(r, "%s: no such %s", key, nrm_vocabulary_name(kind));
	return code;
}

struct nrm_slice nrm_request_id(struct nrm_request *r, const char *key, bool required)
{
	const char *text = nrm_request_text(r, key, required);
	uint8_t *id = text ? nrm_arena_alloc(r->arena, 16) : NULL;

	if (!text)
		return nrm_slice(NULL, 0);
	if (!id || nrm_unhex(text, id, 16) != NRM_OK) {
		nrm_request_fail(r, "%s: expected an id of 32 hexadecimal digits", key);
		return nrm_slice(NULL, 0);
	}
	return nrm_slice(id, 16);
}

struct nrm_slice nrm_request_participant(struct nrm_request *r, const char *key, bool required)
{
	struct nrm_slice id = nrm_slice_str(nrm_request_text(r, key, required));

	if (id.len && !nrm_participant_id_ok(id))
		nrm_request_fail(r, "%s: expected a participant's id like TH.shelter-1", key);
	return id;
}

void nrm_request_list(struct nrm_request *r, const char *key,
		      void (*take)(struct nrm_request *r, const char *key, const char *item,
				   void *with),
		      void *with)
{
	const json_t *list = member(r, key, false, JSON_ARRAY, "a list");
	json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
	{
		if (!json_is_string(item))
			nrm_request_fail(r, "%s[%zu]: expected a text", key, i);
		else if (!nrm_request_failed(r))
			take(r, key, json_string_value(item), with);
	}
}

struct nrm_codes nrm_request_codes(struct nrm_request *r, nrm_mask mask)
{
	uint32_t *code = nrm_arena_alloc(r->arena, 64 * sizeof(*code));
	struct nrm_codes codes = {code, 0};

	if (!code) {
		nrm_request_fail(r, "too large");
		return codes;
	}
	for (uint32_t c = 1; c < 64; c++)
		if (mask & nrm_bit(c))
			code[codes.n++] = c;
	return codes;
}

struct nrm_slice *nrm_request_slices(struct nrm_request *r, size_t n)
{
	struct nrm_slice *slices = nrm_arena_alloc(r->arena, n * sizeof(*slices));

	if (!slices)
		nrm_request_fail(r, "too large");
	return slices;
}
