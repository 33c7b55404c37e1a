#include "proto/directory/directory.h"

#include <stdio.h>
#include <stdlib.h>

#include "proto/base/arena.h"
#include "proto/crypto/keyfile.h"
#include "proto/crypto/sign.h"
#include "proto/directory/check.h"
#include "proto/wire/directory_wire.h"

#define ERROR_LEN 256

struct nrm_directory {
	struct nrm_arena arena; /* the signed bytes and what was decoded of them */
	struct nrm_document document;
	struct nrm_directory_body body;
	uint8_t digest[NRM_HASH_LEN];
	struct nrm_note_key log;
	struct nrm_participant *participant;	     /* ascending by id */
	const struct nrm_participant **by_transport; /* ascending by transport key */
};

/*
 * Says what is wrong. A directory is checked under the authority's signature, but an id is only
 * shown when it is one.
 */
static void explain(char *error, const struct nrm_directory_body *body,
		    const struct nrm_directory_fault *fault)
{
	if (fault->participant == NRM_FAULT_OF_THE_WHOLE) {
		snprintf(error, ERROR_LEN, "directory: %s: %s", fault->key, fault->text);
		return;
	}
	struct nrm_slice id = body->participant[fault->participant].id;
	if (nrm_participant_id_ok(id))
		snprintf(error, ERROR_LEN, "directory: participant %.*s: %s: %s", (int)id.len,
			 (const char *)id.data, fault->key, fault->text);
	else
		snprintf(error, ERROR_LEN, "directory: participant number %zu: %s: %s",
			 fault->participant + 1, fault->key, fault->text);
}

static int compare_transport(const void *a, const void *b)
{
	const struct nrm_participant *const *x = a, *const *y = b;

	return memcmp((*x)->transport, (*y)->transport, NRM_KEY_LEN);
}

static enum nrm_err fill(const struct nrm_participant_entry *entry, struct nrm_participant *p)
{
	p->id = entry->id;
	p->name = entry->name;
	p->kind = entry->kind;
	for (size_t i = 0; i < entry->role.n; i++)
		p->roles |= nrm_bit(entry->role.code[i]);
	for (size_t i = 0; i < entry->n_offers; i++)
		p->offers |= nrm_bit(entry->offer[i].service);
	p->country = nrm_country_code(entry->country);
	p->detention = entry->detention;
	p->status = entry->status;
	p->valid_from_ms = entry->valid_from_ms;
	p->valid_until_ms = entry->valid_until_ms;
	p->max_version = entry->max_version;
	for (size_t i = 0; i < entry->n_keys; i++) {
		uint8_t *const place[] = {
			[NRM_KEY_KIND_SIGNING] = p->signing,
			[NRM_KEY_KIND_SEALING] = p->sealing[p->n_sealing ? 1 : 0],
			[NRM_KEY_KIND_TRANSPORT] = p->transport,
			[NRM_KEY_KIND_WITNESS] = p->witness,
		};
		memcpy(place[entry->key[i].kind], entry->key[i].key.data, NRM_KEY_LEN);
		p->n_sealing += entry->key[i].kind == NRM_KEY_KIND_SEALING;
	}
	struct nrm_verifying_key *verifying;
	enum nrm_err err = nrm_verifying_key_new(p->signing, &verifying);
	if (err == NRM_OK)
		p->verifying = verifying;
	return err;
}

/* Makes the tables of a directory that was checked. */
static enum nrm_err build(struct nrm_directory *d)
{
	size_t n = d->body.n_participants;
	enum nrm_err err = nrm_note_key_parse(d->body.trail.verifier_key.item[0], &d->log);

	d->participant = calloc(n, sizeof(*d->participant));
	d->by_transport = calloc(n, sizeof(*d->by_transport));
	if (!d->participant || !d->by_transport)
		return NRM_ERR_NOMEM;
	for (size_t i = 0; err == NRM_OK && i < n; i++) {
		err = fill(&d->body.participant[i], &d->participant[i]);
		d->by_transport[i] = &d->participant[i];
	}
	if (err == NRM_OK)
		qsort(d->by_transport, n, sizeof(*d->by_transport), compare_transport);
	return err;
}

static enum nrm_err verify(const struct nrm_document *document, const uint8_t *authority)
{
	struct nrm_verifying_key *key;
	enum nrm_err err = nrm_verifying_key_new(authority, &key);

	if (err != NRM_OK)
		return err;
	err = nrm_document_verify(key, NRM_DOMAIN_DIRECTORY, document->document,
				  document->signature);
	nrm_verifying_key_free(key);
	return err;
}

enum nrm_err nrm_directory_open(const struct nrm_document *signed_document,
				const uint8_t authority[static NRM_KEY_LEN],
				struct nrm_directory **ret_directory, char *ret_error)
{
	struct nrm_slice bytes = signed_document->document, signature = signed_document->signature;
	struct nrm_directory_fault fault = {.key = NULL};
	char error[ERROR_LEN];

	/* Nothing is decoded that the authority did not sign. */
	enum nrm_err err = bytes.len <= NRM_MAX_DIRECTORY ? verify(signed_document, authority)
							  : NRM_ERR_LIMIT;
	struct nrm_directory *d = err == NRM_OK ? calloc(1, sizeof(*d)) : NULL;
	if (err == NRM_OK && !d)
		err = NRM_ERR_NOMEM;
	if (err != NRM_OK)
		goto out;
	nrm_arena_init(&d->arena, NRM_MAX_DIRECTORY_ARENA);
	d->document.document =
		nrm_slice(nrm_arena_copy(&d->arena, bytes.data, bytes.len), bytes.len);
	d->document.signature =
		nrm_slice(nrm_arena_copy(&d->arena, signature.data, signature.len), signature.len);
	if (!d->document.document.data || !d->document.signature.data)
		err = NRM_ERR_NOMEM;
	if (err == NRM_OK)
		err = nrm_directory_decode(d->document.document, &d->arena, &d->body);
	if (err == NRM_OK)
		err = nrm_directory_check(&d->body, authority, &fault);
	if (err == NRM_OK)
		err = build(d);
	if (err != NRM_OK)
		goto out;
	nrm_document_digest(NRM_DOMAIN_DIRECTORY, bytes, d->digest);
	*ret_directory = d;
	d = NULL;
out:
	if (fault.key)
		explain(error, &d->body, &fault);
	else
		snprintf(error, sizeof(error), "directory: %s", nrm_err_text(err));
	if (err != NRM_OK && ret_error)
		memcpy(ret_error, error, sizeof(error));
	nrm_directory_free(d);
	return err;
}

enum nrm_err nrm_directory_read(const char *path, const uint8_t authority[static NRM_KEY_LEN],
				struct nrm_directory **ret_directory, char *ret_error)
{
	struct nrm_document document;
	struct nrm_arena arena;
	struct nrm_buf bytes;
	const char *doing = "";

	nrm_arena_init(&arena, NRM_MAX_DIRECTORY_ARENA);
	nrm_buf_init(&bytes);
	enum nrm_err err = nrm_file_read(path, NRM_MAX_DIRECTORY + 1024, false, &bytes);
	if (err == NRM_OK) {
		doing = "expected a signed directory: ";
		err = nrm_document_decode(nrm_buf_slice(&bytes), &arena, &document);
	}
	if (err != NRM_OK && ret_error)
		snprintf(ret_error, ERROR_LEN, "%.128s: %s%s", path, doing, nrm_err_text(err));
	if (err == NRM_OK)
		err = nrm_directory_open(&document, authority, ret_directory, ret_error);
	nrm_buf_done(&bytes);
	nrm_arena_done(&arena);
	return err;
}

void nrm_directory_free(struct nrm_directory *d)
{
	if (!d)
		return;
	for (size_t i = 0; d->participant && i < d->body.n_participants; i++)
		nrm_verifying_key_free((struct nrm_verifying_key *)d->participant[i].verifying);
	free(d->participant);
	free(d->by_transport);
	nrm_arena_done(&d->arena);
	free(d);
}

uint64_t nrm_directory_version(const struct nrm_directory *d)
{
	return d->body.version;
}

uint64_t nrm_directory_valid_until(const struct nrm_directory *d)
{
	return d->body.valid_until_ms;
}

uint16_t nrm_directory_country(const struct nrm_directory *d)
{
	return nrm_country_code(d->body.country);
}

const uint8_t *nrm_directory_digest(const struct nrm_directory *d)
{
	return d->digest;
}

struct nrm_document nrm_directory_document(const struct nrm_directory *d)
{
	return d->document;
}

struct nrm_slice nrm_directory_broker_id(const struct nrm_directory *d)
{
	return d->body.broker.id;
}

const uint8_t *nrm_directory_broker_key(const struct nrm_directory *d)
{
	return d->body.broker.transport_key.data;
}

struct nrm_slice nrm_directory_broker_endpoint(const struct nrm_directory *d)
{
	return d->body.broker.endpoint;
}

const struct nrm_note_key *nrm_directory_log_key(const struct nrm_directory *d)
{
	return &d->log;
}

uint32_t nrm_directory_witness_quorum(const struct nrm_directory *d)
{
	return d->body.witness_quorum;
}

size_t nrm_directory_count(const struct nrm_directory *d)
{
	return d->body.n_participants;
}

const struct nrm_participant *nrm_directory_at(const struct nrm_directory *d, size_t i)
{
	return &d->participant[i];
}

static int compare_id(const void *id, const void *participant)
{
	return nrm_slice_compare(*(const struct nrm_slice *)id,
				 ((const struct nrm_participant *)participant)->id);
}

const struct nrm_participant *nrm_directory_find(const struct nrm_directory *d, struct nrm_slice id)
{
	return bsearch(&id, d->participant, d->body.n_participants, sizeof(*d->participant),
		       compare_id);
}

static int compare_key(const void *key, const void *participant)
{
	return memcmp(key, (*(const struct nrm_participant *const *)participant)->transport,
		      NRM_KEY_LEN);
}

const struct nrm_participant *
nrm_directory_find_transport(const struct nrm_directory *d,
			     const uint8_t transport[static NRM_KEY_LEN])
{
	const struct nrm_participant *const *found = bsearch(transport, d->by_transport,
							     d->body.n_participants,
							     sizeof(*d->by_transport), compare_key);

	return found ? *found : NULL;
}

bool nrm_participant_active(const struct nrm_participant *p, uint64_t now_ms)
{
	return p->status == NRM_STATUS_ACTIVE && now_ms >= p->valid_from_ms &&
	       now_ms < p->valid_until_ms;
}

enum nrm_err nrm_participant_witness(const struct nrm_participant *p, struct nrm_note_key *ret_key)
{
	char name[sizeof("nrm/") + NRM_MAX_ID];

	snprintf(name, sizeof(name), "nrm/%.*s", (int)p->id.len, (const char *)p->id.data);
	return nrm_note_key_make(name, NRM_NOTE_WITNESS, p->witness, ret_key);
}
