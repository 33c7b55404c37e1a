/* What a measuring or fault program does when something it needs fails: it says so and ends. */
#ifndef NRM_TESTS_LIVE_MUST_H
#define NRM_TESTS_LIVE_MUST_H

#include <stdio.h>
#include <stdlib.h>

#include "proto/base/err.h"

#define die(...) (fprintf(stderr, __VA_ARGS__), fputc('\n', stderr), exit(2))

static inline void must(enum nrm_err err, const char *what)
{
	if (err != NRM_OK)
		die("%s: %s", what, nrm_err_text(err));
}

#endif
