/*
 * A small vocabulary with one passage replaced, and the line that it is refused with.
 */
#ifndef NRM_TESTS_GLOSSARY_MISTAKES_H
#define NRM_TESTS_GLOSSARY_MISTAKES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "tests/unit/small_glossary.h"

static struct nrm_buf good;
static char error[NRM_GLOSSARY_ERROR_LEN];

static inline int setup(void **state)
{
	static const char *const tags[] = {"en", "fr"};

	(void)state;
	nrm_buf_init(&good);
	small_glossary(&good, tags, 2);
	return good.err != NRM_OK;
}

static inline int teardown(void **state)
{
	(void)state;
	nrm_buf_done(&good);
	return 0;
}

/* Refused, with this line and nothing else; no glossary is made. */
static inline void refused(struct nrm_slice bytes, enum nrm_err expected, const char *line)
{
	struct nrm_glossary *untouched = (struct nrm_glossary *)&good, *g = untouched;

	memset(error, 0, sizeof(error));
	assert_int_equal(nrm_glossary_load_bytes("v.yaml", bytes, &g, error), expected);
	assert_ptr_equal(g, untouched);
	assert_string_equal(error, line);
}

/* The good file with one passage replaced, to be freed. */
static inline char *changed(const char *from, const char *to)
{
	const char *start = (const char *)good.data, *at = strstr(start, from);
	char *copy = NULL;

	if (!at)
		fail_msg("not in the file: %s", from);
	assert_true(asprintf(&copy, "%.*s%s%s", (int)(at - start), start, to, at + strlen(from)) >
		    0);
	return copy;
}

/* A change and the line it is refused with, which begins with the place of `at` in what was changed. */
struct mistake {
	const char *from, *to, *at, *says;
	enum nrm_err err; /* NRM_OK: NRM_ERR_FORMAT */
};

static inline void assert_mistakes(const struct mistake *mistake, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct mistake *m = &mistake[i];
		char *document = changed(m->from, m->to), *line = NULL;
		const char *at = strstr(document, m->at), *start = at;
		unsigned row = 1;
		if (!at)
			fail_msg("not in the changed file: %s", m->at);
		while (start > document && start[-1] != '\n')
			start--;
		for (const char *p = document; p < start; p++)
			row += *p == '\n';
		assert_true(asprintf(&line, "v.yaml:%u:%u: %s", row, (unsigned)(at - start) + 1,
				     m->says) > 0);
		refused(nrm_slice_str(document), m->err == NRM_OK ? NRM_ERR_FORMAT : m->err, line);
		free(document);
		free(line);
	}
}
#define ASSERT_MISTAKES(list) assert_mistakes(list, sizeof(list) / sizeof((list)[0]))

#endif
