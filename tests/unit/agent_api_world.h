/*
 * Two agencies whose api is asked as a program would ask it, in JSON.
 */
#ifndef NRM_TESTS_AGENT_API_WORLD_H
#define NRM_TESTS_AGENT_API_WORLD_H

#include "agents/agent/api.h"
#include "tests/unit/agent_world.h"

static struct nrm_api api[2];

static inline int setup(void **state)
{
	(void)state;
	if (nrm_crypto_init() != NRM_OK)
		return -1;
	world_init();
	for (size_t i = 0; i < 2; i++) {
		world_greet(&world.side[i], (struct nrm_slice){0});
		api[i] = (struct nrm_api){.store = world.side[i].store,
					  .identity = &world.side[i].identity,
					  .exchange = world.side[i].x,
					  .connected = true};
	}
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	world_done();
	return 0;
}

/* Asks with a JSON text; quotes are written as ' for legibility. */
static inline json_t *ask(struct nrm_api *a, const char *text, struct nrm_api_wait *wait)
{
	struct nrm_api_wait unused;
	char json[4096];
	json_error_t error;

	assert_true(strlen(text) < sizeof(json));
	strcpy(json, text);
	for (char *c = json; *c; c++)
		if (*c == '\'')
			*c = '"';
	json_t *request = json_loads(json, 0, &error);
	if (!request)
		fail_msg("%s: %s", error.text, json);
	json_t *answer = nrm_api_answer(a, request, WORLD_NOW, wait ? wait : &unused);
	json_decref(request);
	assert_non_null(answer);
	return answer;
}

static inline const char *text(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));

	return value ? value : "";
}

static inline void assert_ok(const json_t *answer)
{
	if (!json_is_true(json_object_get(answer, "ok")))
		fail_msg("%s", text(answer, "error"));
}

#endif
