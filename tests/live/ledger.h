/*
 * What a test knows of every referral it sent: whether its agent said that it has it, in how many inboxes it lies, and what
 * the trail holds of it.
 */
#ifndef NRM_TESTS_LIVE_LEDGER_H
#define NRM_TESTS_LIVE_LEDGER_H

#include <pthread.h>

#include "proto/base/id.h"
#include "proto/merkle/merkle.h"
#include "tests/live/agent.h"

struct ledger_entry {
	uint8_t message_id[NRM_MESSAGE_ID_LEN];
	bool used, accepted;
	uint32_t received;		/* rows of inboxes */
	uint32_t decided, acknowledged; /* leaves of the trail */
};

struct ledger {
	pthread_mutex_t lock;
	struct ledger_entry *entry; /* open addressing */
	size_t n, cap, n_accepted;
	uint64_t leaves; /* of the trail when it was last read */
	struct nrm_hash root;
};

void ledger_init(struct ledger *ledger);
void ledger_done(struct ledger *ledger);
/* Notes that an agent answered a referral with ok. From any thread. */
void ledger_accepted(struct ledger *ledger, const json_t *answer);
size_t ledger_count(struct ledger *ledger); /* accepted so far */

/* Counts anew what lies in the inboxes of some agents. */
void ledger_read_inboxes(struct ledger *ledger, const struct agent *agent, size_t n);
/*
 * Counts anew what the trail in a country's books holds, through an auditor's eyes: it must verify under the
 * authority's key, with the case keys, and its first leaves must be those of the last time. Returns NULL, or what does not
 * hold.
 */
const char *ledger_read_trail(struct ledger *ledger, const char *country);
/* Whether every referral is in one inbox, decided once and acknowledged once. */
bool ledger_holds(const struct ledger *ledger);
/* Prints some of those that are not. */
void ledger_print(const struct ledger *ledger);

#endif
