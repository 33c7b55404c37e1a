#include "proto/directory/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/base/limits.h"
#include "proto/crypto/sign.h"
#include "proto/directory/name.h"
#include "proto/trail/note.h"

struct check {
	const struct nrm_directory_body *body;
	const uint8_t *authority;
	struct nrm_directory_fault *fault;
	size_t participant;
};

__attribute__((format(printf, 4, 5))) static enum nrm_err
fault(struct check *c, enum nrm_err err, const char *key, const char *format, ...)
{
	va_list ap;

	c->fault->participant = c->participant;
	c->fault->key = key;
	va_start(ap, format);
	vsnprintf(c->fault->text, sizeof(c->fault->text), format, ap);
	va_end(ap);
	return err;
}

bool nrm_x25519_key_ok(struct nrm_slice key)
{
	static const uint8_t scalar[NRM_KEY_LEN] = {8};
	uint8_t shared[NRM_KEY_LEN];

	return key.len == NRM_KEY_LEN && nrm_x25519(scalar, key.data, shared) == NRM_OK;
}

static enum nrm_err check_broker(struct check *c)
{
	const struct nrm_directory_body *b = c->body;
	char id[] = "??.nrm";

	memcpy(id, b->country.data, 2);
	if (!nrm_slice_equal(b->broker.id, nrm_slice_str(id)))
		return fault(c, NRM_ERR_ID, "broker.id", "expected the reserved id %s", id);
	if (!nrm_x25519_key_ok(b->broker.transport_key))
		return fault(c, NRM_ERR_KEY, "broker.transport_key",
			     "expected a usable key of 32 bytes");
	if (!nrm_endpoint_ok(b->broker.endpoint))
		return fault(c, NRM_ERR_FORMAT, "broker.endpoint", "expected tcp://HOST:PORT");
	return NRM_OK;
}

/* The first verifier key is the trail's current one; others are of trails before it. */
static enum nrm_err check_trail(struct check *c)
{
	const struct nrm_slices keys = c->body->trail.verifier_key;
	struct nrm_note_key key;

	if (keys.n < 1 || keys.n > NRM_MAX_VERIFIER_KEYS)
		return fault(c, NRM_ERR_LIMIT, "trail.verifier_key",
			     "expected 1 to %u verifier keys", NRM_MAX_VERIFIER_KEYS);
	for (size_t i = 0; i < keys.n; i++) {
		if (nrm_note_key_parse(keys.item[i], &key) != NRM_OK || key.type != 0x01)
			return fault(c, NRM_ERR_KEY, "trail.verifier_key",
				     "expected a verifier key, NAME+ID+BASE64, of a log");
		if (i == 0 && !nrm_slice_equal(nrm_slice_str(key.name), c->body->trail.origin))
			return fault(c, NRM_ERR_KEY, "trail.origin",
				     "expected the name of the trail's verifier key");
	}
	if (c->body->trail.old_head.len > NRM_MAX_NOTE)
		return fault(c, NRM_ERR_LIMIT, "trail.old_head",
			     "expected a signed note of at most %u bytes", NRM_MAX_NOTE);
	return NRM_OK;
}

static bool ed25519_key_ok(struct nrm_slice bytes)
{
	struct nrm_verifying_key *key = NULL;
	bool ok = bytes.len == NRM_KEY_LEN && nrm_verifying_key_new(bytes.data, &key) == NRM_OK;

	nrm_verifying_key_free(key);
	return ok;
}

static enum nrm_err check_head(struct check *c)
{
	const struct nrm_directory_body *b = c->body;
	enum nrm_err err;

	if (b->version < 1)
		return fault(c, NRM_ERR_FORMAT, "version", "expected 1 or more");
	if (!nrm_country_ok(b->country))
		return fault(c, NRM_ERR_ID, "country", "expected two capital letters (ISO 3166-1)");
	if (b->valid_until_ms <= b->valid_from_ms)
		return fault(c, NRM_ERR_TIME, "valid_until", "expected a time after valid_from");
	if ((err = check_broker(c)) != NRM_OK || (err = check_trail(c)) != NRM_OK)
		return err;
	if (b->successor_authority.len > 0 && !ed25519_key_ok(b->successor_authority))
		return fault(c, NRM_ERR_KEY, "successor_authority",
			     "expected an acceptable Ed25519 key");
	if (b->n_participants < 1 || b->n_participants > NRM_MAX_PARTICIPANTS)
		return fault(c, NRM_ERR_LIMIT, "participants", "expected 1 to %u participants",
			     NRM_MAX_PARTICIPANTS);
	if (b->witness_quorum > b->n_participants)
		return fault(c, NRM_ERR_LIMIT, "witness_quorum",
			     "expected at most as many as participants");
	return NRM_OK;
}

/* Ids ascend, so that none is twice. Who bears another country's code counts as abroad. */
static enum nrm_err check_id(struct check *c, const struct nrm_participant_entry *p)
{
	struct nrm_slice of_id = nrm_slice(p->id.data, 2);

	if (!nrm_participant_id_ok(p->id))
		return fault(c, NRM_ERR_ID, "id",
			     "expected COUNTRY.slug, such as TH.police-bangkok");
	if (nrm_slice_equal(p->id, c->body->broker.id))
		return fault(c, NRM_ERR_ID, "id",
			     "expected another id: this one is reserved for the broker");
	if (c->participant > 0) {
		int order = nrm_slice_compare(c->body->participant[c->participant - 1].id, p->id);
		if (order == 0)
			return fault(c, NRM_ERR_DUPLICATE, "id",
				     "expected an id that no other participant has");
		if (order > 0)
			return fault(c, NRM_ERR_CANONICAL, "id", "expected ids in ascending order");
	}
	if (!nrm_country_ok(p->country))
		return fault(c, NRM_ERR_ID, "country", "expected two capital letters (ISO 3166-1)");
	if (!nrm_slice_equal(of_id, c->body->country) && !nrm_slice_equal(of_id, p->country))
		return fault(c, NRM_ERR_ID, "country",
			     "expected that of the id, which is of another country");
	return NRM_OK;
}

static enum nrm_err check_offers(struct check *c, const struct nrm_participant_entry *p)
{
	for (size_t i = 0; i < p->n_offers; i++) {
		const struct nrm_slices region = p->offer[i].region;
		if (p->offer[i].service == NRM_SERVICE_ABSENT)
			return fault(c, NRM_ERR_FORMAT, "services", "expected a service");
		if (i > 0 && p->offer[i].service <= p->offer[i - 1].service)
			return fault(c, NRM_ERR_DUPLICATE, "services",
				     "expected each service once");
		for (size_t j = 0; j < region.n; j++) {
			if (region.item[j].len == 0 || !nrm_region_ok(region.item[j]))
				return fault(c, NRM_ERR_FORMAT, "regional_services",
					     "expected regions of 1 to %u of A-Z, 0-9 and -",
					     NRM_MAX_REGION);
			if (j > 0 && nrm_slice_compare(region.item[j - 1], region.item[j]) >= 0)
				return fault(c, NRM_ERR_DUPLICATE, "regional_services",
					     "expected each region once, in ascending order");
		}
	}
	return NRM_OK;
}

static const struct {
	enum nrm_key_kind kind;
	size_t least, most;
	const char *count, *bad;
} key_rules[] = {
	{NRM_KEY_KIND_SIGNING, 1, 1, "expected one signing key, first",
	 "expected an acceptable signing key"},
	{NRM_KEY_KIND_SEALING, 1, 2, "expected one or two sealing keys after the signing key",
	 "expected an acceptable sealing key"},
	{NRM_KEY_KIND_TRANSPORT, 1, 1, "expected one transport key after the sealing keys",
	 "expected an acceptable transport key"},
	{NRM_KEY_KIND_WITNESS, 1, 1, "expected one witness key, last",
	 "expected an acceptable witness key"},
};

static enum nrm_err check_possession(struct nrm_slice id, const struct nrm_key_entry *k,
				     const struct nrm_verifying_key *signing)
{
	enum nrm_err err =
		nrm_possession_verify(signing, id, (uint8_t)k->kind, k->key.data, k->possession);

	if (err != NRM_OK || k->kind != NRM_KEY_KIND_WITNESS)
		return err == NRM_OK && k->own_possession.len > 0 ? NRM_ERR_SIGNATURE : err;
	struct nrm_verifying_key *own;
	if ((err = nrm_verifying_key_new(k->key.data, &own)) != NRM_OK)
		return err;
	err = nrm_possession_verify(own, id, (uint8_t)k->kind, k->key.data, k->own_possession);
	nrm_verifying_key_free(own);
	return err;
}

enum nrm_err nrm_key_entries_check(struct nrm_slice id, const struct nrm_key_entry *key, size_t n,
				   size_t *ret_index, const char **ret_problem)
{
	struct nrm_verifying_key *signing = NULL;
	const char *problem = NULL;
	enum nrm_err err = NRM_OK;
	size_t i = 0;

	for (size_t r = 0; r < sizeof(key_rules) / sizeof(key_rules[0]); r++) {
		bool edwards = key_rules[r].kind == NRM_KEY_KIND_SIGNING ||
			       key_rules[r].kind == NRM_KEY_KIND_WITNESS;
		size_t first = i;
		for (; i < n && key[i].kind == key_rules[r].kind && i - first < key_rules[r].most;
		     i++) {
			err = NRM_ERR_KEY;
			problem = key_rules[r].bad;
			if (!(edwards ? ed25519_key_ok(key[i].key) : nrm_x25519_key_ok(key[i].key)))
				goto out;
			if (i == 0 &&
			    (err = nrm_verifying_key_new(key[i].key.data, &signing)) != NRM_OK)
				goto out;
			problem = "expected a proof of possession that verifies";
			if ((err = check_possession(id, &key[i], signing)) != NRM_OK)
				goto out;
		}
		err = NRM_ERR_KEY;
		problem = key_rules[r].count;
		if (i - first < key_rules[r].least)
			goto out;
	}
	problem = "expected no further key";
	err = i < n ? NRM_ERR_KEY : NRM_OK;
out:
	nrm_verifying_key_free(signing);
	if (err != NRM_OK) {
		*ret_index = i;
		*ret_problem = problem;
	}
	return err;
}

static enum nrm_err check_participant(struct check *c, const struct nrm_participant_entry *p)
{
	const char *problem;
	enum nrm_err err;
	size_t i;

	if ((err = check_id(c, p)) != NRM_OK)
		return err;
	if (!nrm_display_name_ok(p->name))
		return fault(c, NRM_ERR_FORMAT, "name", "expected 1 to %u bytes of printable UTF-8",
			     NRM_MAX_DISPLAY_NAME);
	if (p->kind == NRM_ORG_KIND_ABSENT)
		return fault(c, NRM_ERR_FORMAT, "kind", "expected a kind of organisation");
	if (p->status == NRM_STATUS_ABSENT)
		return fault(c, NRM_ERR_FORMAT, "status", "expected active or suspended");
	if (p->role.n == 0)
		return fault(c, NRM_ERR_FORMAT, "roles", "expected at least one role");
	for (i = 0; i < p->role.n; i++)
		if (p->role.code[i] <= (i ? p->role.code[i - 1] : NRM_ROLE_ABSENT))
			return fault(c, NRM_ERR_DUPLICATE, "roles", "expected each role once");
	if ((err = check_offers(c, p)) != NRM_OK)
		return err;
	if (p->valid_until_ms <= p->valid_from_ms)
		return fault(c, NRM_ERR_TIME, "valid_until", "expected a time after valid_from");
	if (p->max_version < 1)
		return fault(c, NRM_ERR_VERSION, "max_version", "expected 1 or more");
	err = nrm_key_entries_check(p->id, p->key, p->n_keys, &i, &problem);
	return err == NRM_OK ? NRM_OK : fault(c, err, "keys", "%s", problem);
}

struct owned_key {
	const uint8_t *key;
	size_t participant; /* or NRM_FAULT_OF_THE_WHOLE */
};

static int compare_keys(const void *a, const void *b)
{
	const struct owned_key *x = a, *y = b;
	int order = memcmp(x->key, y->key, NRM_KEY_LEN);

	return order ? order
		     : (x->participant < y->participant) - (x->participant > y->participant);
}

/* No key may serve two participants, nor two purposes. */
static enum nrm_err check_unique(struct check *c)
{
	const struct nrm_directory_body *b = c->body;
	struct nrm_note_key log[NRM_MAX_VERIFIER_KEYS];
	size_t max = 3 + b->trail.verifier_key.n, n = 0;
	enum nrm_err err = NRM_OK;

	for (size_t i = 0; i < b->n_participants; i++)
		max += b->participant[i].n_keys;
	struct owned_key *all = calloc(max, sizeof(*all));
	if (!all)
		return fault(c, NRM_ERR_NOMEM, "participants", "out of memory");
	all[n++] = (struct owned_key){c->authority, NRM_FAULT_OF_THE_WHOLE};
	all[n++] = (struct owned_key){b->broker.transport_key.data, NRM_FAULT_OF_THE_WHOLE};
	if (b->successor_authority.len > 0)
		all[n++] = (struct owned_key){b->successor_authority.data, NRM_FAULT_OF_THE_WHOLE};
	for (size_t i = 0; err == NRM_OK && i < b->trail.verifier_key.n; i++) {
		err = nrm_note_key_parse(b->trail.verifier_key.item[i], &log[i]);
		all[n++] = (struct owned_key){log[i].public_key, NRM_FAULT_OF_THE_WHOLE};
	}
	for (size_t i = 0; i < b->n_participants; i++)
		for (size_t j = 0; j < b->participant[i].n_keys; j++)
			all[n++] = (struct owned_key){b->participant[i].key[j].key.data, i};
	if (err == NRM_OK)
		qsort(all, n, sizeof(*all), compare_keys);
	for (size_t i = 1; err == NRM_OK && i < n; i++)
		if (memcmp(all[i - 1].key, all[i].key, NRM_KEY_LEN) == 0) {
			/*
			 * Of the two owners, the later participant; the whole only where both are.
			 */
			c->participant = all[i - 1].participant != NRM_FAULT_OF_THE_WHOLE
						 ? all[i - 1].participant
						 : all[i].participant;
			err = fault(
				c, NRM_ERR_DUPLICATE,
				c->participant == NRM_FAULT_OF_THE_WHOLE ? "broker.transport_key"
									 : "keys",
				"expected keys that nobody else has and that serve one purpose");
		}
	free(all);
	return err;
}

enum nrm_err nrm_directory_check(const struct nrm_directory_body *body,
				 const uint8_t authority[static NRM_KEY_LEN],
				 struct nrm_directory_fault *ret_fault)
{
	struct check c = {body, authority, ret_fault, NRM_FAULT_OF_THE_WHOLE};
	enum nrm_err err = check_head(&c);

	for (size_t i = 0; err == NRM_OK && i < body->n_participants; i++) {
		c.participant = i;
		err = check_participant(&c, &body->participant[i]);
	}
	c.participant = NRM_FAULT_OF_THE_WHOLE;
	return err == NRM_OK ? check_unique(&c) : err;
}
