/* Books on disk in which an NGO has cases forgotten. */
#ifndef NRM_TESTS_FORGET_BOOKS_H
#define NRM_TESTS_FORGET_BOOKS_H

#include "tests/unit/forget_world.h"

static char folder[] = "/tmp/nrm-forget-XXXXXX";
static struct world w;

static inline int begin(void **state)
{
	(void)state;
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	world_init(&w, folder);
	world_connect(&w, NGO, 1000);
	world_connect(&w, POLICE, 1000);
	return 0;
}

static inline int end(void **state)
{
	char command[128];

	(void)state;
	world_done(&w);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

static inline bool has_key(uint32_t slot)
{
	uint8_t key[NRM_KEY_LEN];

	return nrm_case_keys_get(w.books->keys, slot, key) == NRM_OK;
}

static inline void restart(void)
{
	world_close(&w);
	world_open(&w);
	world_connect(&w, NGO, 1000);
}

/* What the NGO is told of a case, as one byte string. */
static inline bool is_known(int to, char letter)
{
	struct nrm_to_broker ask = {.kind = NRM_ASK};

	ask.is.ask.kind = NRM_ASK_CASE;
	ask.is.ask.case_id = world_case(&w, letter);
	world_send(&w, to, &ask);
	return world_expect(&w, to, NRM_ANSWER_CASE).is.case_file.known;
}

#endif
