/*
 * The shipped policy with one passage replaced, and where a passage stands.
 */
#ifndef NRM_TESTS_CHANGED_POLICY_H
#define NRM_TESTS_CHANGED_POLICY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/policy/policy_file.h"
#include "proto/crypto/crypto.h"

#define SHIPPED_POLICY NRM_SOURCE "/config/policy.yaml"

static char shipped[64 * 1024];
static char error[NRM_POLICY_ERROR_LEN];

static inline int read_shipped(void **state)
{
	FILE *f = fopen(SHIPPED_POLICY, "r");

	(void)state;
	if (!f || nrm_crypto_init() != NRM_OK)
		return 1;
	shipped[fread(shipped, 1, sizeof(shipped) - 1, f)] = '\0';
	fclose(f);
	return 0;
}

static inline int done(void **state)
{
	(void)state;
	nrm_crypto_thread_done();
	return 0;
}

/* The shipped file with one passage replaced, to be freed. */
static inline char *changed(const char *from, const char *to)
{
	const char *at = strstr(shipped, from);
	char *copy = NULL;

	if (!at)
		fail_msg("not in the shipped policy: %s", from);
	assert_true(asprintf(&copy, "%.*s%s%s", (int)(at - shipped), shipped, to,
			     at + strlen(from)) > 0);
	return copy;
}

/* "p.yaml:LINE:COLUMN: " of a passage. */
static inline void position(const char *document, const char *passage, char out[static 64])
{
	const char *at = strstr(document, passage), *start = at;
	unsigned line = 1;

	if (!at)
		fail_msg("not in the document: %s", passage);
	while (start > document && start[-1] != '\n')
		start--;
	for (const char *p = document; p < start; p++)
		line += *p == '\n';
	snprintf(out, 64, "p.yaml:%u:%u: ", line, (unsigned)(at - start) + 1);
}

#endif
