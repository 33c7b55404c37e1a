/*
 * The shipped policy as text, and opened with passages of it replaced: for tests of what a change
 * does.
 */
#ifndef NRM_TESTS_SHIPPED_POLICY_H
#define NRM_TESTS_SHIPPED_POLICY_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/policy/policy_source.h"
#include "proto/crypto/crypto.h"

static char shipped[64 * 1024];

/* For a group's setup. */
static int read_shipped(void **state)
{
	FILE *f = fopen(NRM_SOURCE "/config/policy.yaml", "r");

	(void)state;
	if (!f || nrm_crypto_init() != NRM_OK)
		return 1;
	shipped[fread(shipped, 1, sizeof(shipped) - 1, f)] = '\0';
	fclose(f);
	return 0;
}

/* For its teardown. */
static int forget_shipped(void **state)
{
	(void)state;
	nrm_crypto_thread_done();
	return 0;
}

/* The text with one passage replaced; free() it. */
static char *replaced(const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);
	char *copy = NULL;

	if (!at)
		fail_msg("not in the policy: %s", from);
	assert_true(asprintf(&copy, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from)) > 0);
	return copy;
}

static struct nrm_policy_source *opened(const char *name, const char *text)
{
	struct nrm_policy_source *source = NULL;
	char error[NRM_POLICY_ERROR_LEN];

	if (nrm_policy_source_open_bytes(name, nrm_slice_str(text), &source, error) != NRM_OK)
		fail_msg("%s", error);
	return source;
}

/* The shipped one with a passage replaced; with the same one twice, as it is. */
static struct nrm_policy_source *with(const char *from, const char *to)
{
	char *text = replaced(shipped, from, to);
	struct nrm_policy_source *source = opened("new.yaml", text);

	free(text);
	return source;
}

/* The line of a passage of the shipped one, from 1. */
static inline uint32_t line_of(const char *passage)
{
	const char *at = strstr(shipped, passage);
	uint32_t line = 1;

	if (!at)
		fail_msg("not in the policy: %s", passage);
	for (const char *c = shipped; c < at; c++)
		line += *c == '\n';
	return line;
}

#endif
