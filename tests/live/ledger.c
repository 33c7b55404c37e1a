#include "tests/live/ledger.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "agents/auditor/verify.h"
#include "proto/base/hex.h"
#include "proto/directory/identity.h"
#include "tests/live/must.h"

#define PAGE	  1000
#define TELL_MOST 5 /* referrals that went wrong, a reading */

void ledger_init(struct ledger *l)
{
	*l = (struct ledger){.cap = 1024};
	l->entry = calloc(l->cap, sizeof(*l->entry));
	pthread_mutex_init(&l->lock, NULL);
}

void ledger_done(struct ledger *l)
{
	pthread_mutex_destroy(&l->lock);
	free(l->entry);
}

/* The place of an id, found or free; the end of a UUIDv7 is random. */
static struct ledger_entry *place(const struct ledger *l, const uint8_t *id)
{
	uint64_t at;

	memcpy(&at, id + 8, sizeof(at));
	for (at %= l->cap;
	     l->entry[at].used && memcmp(l->entry[at].message_id, id, NRM_MESSAGE_ID_LEN) != 0;)
		at = (at + 1) % l->cap;
	return &l->entry[at];
}

static void grow(struct ledger *l)
{
	struct ledger old = *l;

	l->cap *= 2;
	l->entry = calloc(l->cap, sizeof(*l->entry));
	for (size_t i = 0; i < old.cap; i++)
		if (old.entry[i].used)
			*place(l, old.entry[i].message_id) = old.entry[i];
	free(old.entry);
}

static struct ledger_entry *find(struct ledger *l, const uint8_t *id)
{
	if (2 * l->n >= l->cap)
		grow(l);
	struct ledger_entry *e = place(l, id);

	if (!e->used) {
		e->used = true;
		memcpy(e->message_id, id, NRM_MESSAGE_ID_LEN);
		l->n++;
	}
	return e;
}

static struct ledger_entry *find_hex(struct ledger *l, const json_t *message)
{
	uint8_t id[NRM_MESSAGE_ID_LEN];

	must(nrm_unhex(json_string_value(json_object_get(message, "message_id")), id, sizeof(id)),
	     "a message id");
	return find(l, id);
}

void ledger_accepted(struct ledger *l, const json_t *answer)
{
	pthread_mutex_lock(&l->lock);
	find_hex(l, answer)->accepted = true;
	l->n_accepted++;
	pthread_mutex_unlock(&l->lock);
}

size_t ledger_count(struct ledger *l)
{
	pthread_mutex_lock(&l->lock);
	size_t n = l->n_accepted;
	pthread_mutex_unlock(&l->lock);
	return n;
}

static void read_inbox(struct ledger *l, const struct agent *agent)
{
	json_t *after = json_null(), *message;
	int connection = -1;
	size_t i;

	do {
		json_t *request = json_pack("{ss si}", "op", "inbox", "limit", PAGE);
		if (json_is_string(after))
			json_object_set(request, "after", after);
		json_decref(after);
		json_t *answer = agent_must(&connection, agent, request);
		json_array_foreach(json_object_get(answer, "messages"), i, message)
			find_hex(l, message)
				->received++;
		after = json_incref(json_object_get(answer, "after"));
		json_decref(answer);
	} while (json_is_string(after));
	close(connection);
}

void ledger_read_inboxes(struct ledger *l, const struct agent *agent, size_t n)
{
	for (size_t i = 0; i < l->cap; i++)
		l->entry[i].received = 0;
	for (size_t i = 0; i < n; i++)
		read_inbox(l, &agent[i]);
}

/* --- the trail --- */

struct trail {
	struct nrm_store *store;
	struct nrm_case_keys *keys;
	uint8_t authority[NRM_KEY_LEN];
};

static void trail_open(struct trail *t, const char *country)
{
	const struct nrm_store_options options = {
		.tables = nrm_broker_tables, .n_tables = NRM_BROKER_TABLES, .read_only = true};
	char path[PATH_MAX], error[NRM_YAML_ERROR_LEN];

	snprintf(path, sizeof(path), "%s/authority/authority.pub", country);
	must(nrm_authority_public(path, t->authority, error), error);
	snprintf(path, sizeof(path), "%s/books/" NRM_BROKER_STORE, country);
	must(nrm_store_open(path, &options, &t->store), path);
	snprintf(path, sizeof(path), "%s/books/" NRM_BROKER_CASE_KEYS, country);
	must(nrm_case_keys_open(path, true, &t->keys), path);
}

static void trail_close(struct trail *t)
{
	nrm_case_keys_close(t->keys);
	nrm_store_close(t->store);
}

static enum nrm_err count_leaf(void *context, const struct nrm_case_leaf *leaf)
{
	struct nrm_arena arena;
	struct nrm_view view;

	if (leaf->fault)
		return NRM_ERR_CORRUPT;
	nrm_arena_init(&arena, NRM_MAX_FRAME_ARENA);
	enum nrm_err err = nrm_view_decode(leaf->record.view, &arena, &view);
	if (err == NRM_OK && view.type == NRM_MESSAGE_TYPE_REFERRAL) {
		struct ledger_entry *e = find(context, view.message_id.data);
		if (view.ack.len > 0)
			e->acknowledged++;
		else
			e->decided++;
	}
	nrm_arena_done(&arena);
	return err;
}

static const char *verify(const struct trail *t, uint64_t *ret_leaves)
{
	struct nrm_audit_report report;
	const struct nrm_audit_options options = {.authority = t->authority};
	enum nrm_err err = nrm_audit_verify(t->store, t->keys, &options, &report);

	if (err != NRM_OK)
		return nrm_err_text(err);
	*ret_leaves = report.leaves;
	return report.fault.what;
}

/* Whether the leaves of the last time are still the first ones; remembers those of now. */
static const char *compare(struct ledger *l, struct nrm_txn *txn, uint64_t leaves)
{
	struct nrm_hash root = l->root;

	if (leaves < l->leaves)
		return "the trail is shorter than it was";
	if (l->leaves > 0)
		must(nrm_root_at(l->leaves, nrm_trail_node, txn, &root), "an earlier root");
	if (memcmp(&root, &l->root, sizeof(root)) != 0)
		return "earlier leaves of the trail have changed";
	l->leaves = leaves;
	must(nrm_root_at(leaves, nrm_trail_node, txn, &l->root), "the root");
	return NULL;
}

const char *ledger_read_trail(struct ledger *l, const char *country)
{
	struct nrm_audit_reader reader;
	struct nrm_txn *txn;
	struct trail trail;
	uint64_t leaves;

	for (size_t i = 0; i < l->cap; i++)
		l->entry[i].decided = l->entry[i].acknowledged = 0;
	trail_open(&trail, country);
	nrm_audit_reader_init(&reader, trail.store);
	const char *fault = verify(&trail, &leaves);
	if (!fault) {
		must(nrm_audit_snapshot(&reader, &txn), "a snapshot");
		fault = compare(l, txn, leaves);
	}
	if (!fault && nrm_cases_walk(&reader, trail.keys, leaves, NULL, count_leaf, l) != NRM_OK)
		fault = "a case cannot be read";
	nrm_audit_reader_done(&reader);
	trail_close(&trail);
	return fault;
}

static bool in_order(const struct ledger_entry *e)
{
	return !e->used || (e->received == 1 && e->decided == 1 && e->acknowledged == 1);
}

bool ledger_holds(const struct ledger *l)
{
	size_t i = 0;

	while (i < l->cap && in_order(&l->entry[i]))
		i++;
	return i == l->cap;
}

void ledger_print(const struct ledger *l)
{
	char id[2 * NRM_MESSAGE_ID_LEN + 1];
	size_t n = 0;

	for (size_t i = 0; i < l->cap; i++) {
		const struct ledger_entry *e = &l->entry[i];
		if (in_order(e) || ++n > TELL_MOST)
			continue;
		nrm_hex(e->message_id, sizeof(e->message_id), id);
		printf("%s: %s, received %u times, decided %u, acknowledged %u\n", id,
		       e->accepted ? "accepted" : "its agent did not answer", e->received,
		       e->decided, e->acknowledged);
	}
	if (n > TELL_MOST)
		printf("and %zu more\n", n - TELL_MOST);
}
