#include "agents/auditor/trust.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/crypto/sign.h"
#include "proto/trail/note.h"
#include "proto/wire/directory_wire.h"

void nrm_trust_done(struct nrm_trust *trust)
{
	free(trust->witness);
	*trust = (struct nrm_trust){.n_logs = 0};
}

static enum nrm_err add_witness(struct nrm_trust *trust, const struct nrm_note_key *key)
{
	for (size_t i = 0; i < trust->n_witnesses; i++)
		if (memcmp(trust->witness[i].public_key, key->public_key, NRM_KEY_LEN) == 0)
			return NRM_OK; /* one key vouches once */
	struct nrm_note_key *grown =
		realloc(trust->witness, (trust->n_witnesses + 1) * sizeof(*grown));

	if (!grown)
		return NRM_ERR_NOMEM;
	trust->witness = grown;
	trust->witness[trust->n_witnesses++] = *key;
	return NRM_OK;
}

static enum nrm_err add_witness_of(struct nrm_trust *trust, const struct nrm_participant_entry *p)
{
	char name[NRM_MAX_KEY_NAME + 1];
	struct nrm_note_key key;
	enum nrm_err err = NRM_OK;

	if (p->status != NRM_STATUS_ACTIVE || p->id.len > NRM_MAX_ID)
		return NRM_OK;
	snprintf(name, sizeof(name), "nrm/%.*s", (int)p->id.len, (const char *)p->id.data);
	for (size_t i = 0; err == NRM_OK && i < p->n_keys; i++) {
		if (p->key[i].kind != NRM_KEY_KIND_WITNESS || p->key[i].key.len != NRM_KEY_LEN)
			continue;
		err = nrm_note_key_make(name, NRM_NOTE_WITNESS, p->key[i].key.data, &key);
		if (err == NRM_OK)
			err = add_witness(trust, &key);
	}
	return err;
}

static enum nrm_err take_directory(struct nrm_trust *trust, const struct nrm_directory_body *body)
{
	const struct nrm_slices *keys = &body->trail.verifier_key;
	enum nrm_err err = keys->n == 0			     ? NRM_ERR_FORMAT
			   : keys->n > NRM_MAX_VERIFIER_KEYS ? NRM_ERR_LIMIT
							     : NRM_OK;

	for (size_t i = 0; err == NRM_OK && i < keys->n; i++)
		err = nrm_note_key_parse(keys->item[i], &trust->log[trust->n_logs++]);
	for (size_t i = 0; err == NRM_OK && i < body->n_participants; i++)
		err = add_witness_of(trust, &body->participant[i]);
	trust->directory_version = body->version;
	trust->quorum = body->witness_quorum;
	return err;
}

static enum nrm_err read_directory(struct nrm_trust *trust, struct nrm_slice signed_directory,
				   const uint8_t *authority)
{
	struct nrm_verifying_key *key = NULL;
	struct nrm_directory_body body;
	struct nrm_document document;
	struct nrm_arena arena;
	enum nrm_err err;

	nrm_arena_init(&arena, NRM_MAX_DIRECTORY_ARENA);
	if ((err = nrm_document_decode(signed_directory, &arena, &document)) ||
	    (err = nrm_directory_decode(document.document, &arena, &body)) ||
	    (authority && (err = nrm_verifying_key_new(authority, &key))) ||
	    (err = take_directory(trust, &body)))
		goto out;
	trust->authorised = key && nrm_document_verify(key, NRM_DOMAIN_DIRECTORY, document.document,
						       document.signature) == NRM_OK;
out:
	nrm_verifying_key_free(key);
	nrm_arena_done(&arena);
	return err;
}

static bool any_of_type(const struct nrm_note_key *key, size_t n, uint8_t type)
{
	for (size_t i = 0; i < n; i++)
		if (key[i].type == type)
			return true;
	return false;
}

enum nrm_err nrm_trust_make(struct nrm_trust *trust, struct nrm_slice signed_directory,
			    const uint8_t *authority, const struct nrm_note_key *given,
			    size_t n_given)
{
	struct nrm_trust made = {.n_logs = 0};
	enum nrm_err err = NRM_OK;

	if (signed_directory.len > 0)
		err = read_directory(&made, signed_directory, authority);
	if (any_of_type(given, n_given, NRM_NOTE_LOG))
		made.n_logs = 0;
	if (any_of_type(given, n_given, NRM_NOTE_WITNESS))
		made.n_witnesses = 0;
	for (size_t i = 0; err == NRM_OK && i < n_given; i++) {
		if (given[i].type == NRM_NOTE_WITNESS)
			err = add_witness(&made, &given[i]);
		else if (made.n_logs == NRM_MAX_VERIFIER_KEYS)
			err = NRM_ERR_LIMIT;
		else
			made.log[made.n_logs++] = given[i];
	}
	if (err == NRM_OK && made.n_logs == 0)
		err = NRM_ERR_NOT_FOUND;
	if (err != NRM_OK) {
		nrm_trust_done(&made);
		return err;
	}
	made.keys_given = any_of_type(given, n_given, NRM_NOTE_LOG);
	*trust = made;
	return NRM_OK;
}

static void wrong_signer(const struct nrm_trust *trust, struct nrm_slice note,
			 struct nrm_faults *faults)
{
	const uint8_t *end = note.len > 0 ? memchr(note.data, '\n', note.len) : NULL;
	const struct nrm_slice origin =
		nrm_slice(note.data, end ? (size_t)(end - note.data) : note.len);

	for (size_t i = 0; i < trust->n_logs; i++) {
		if (nrm_slice_equal(origin, nrm_slice_str(trust->log[i].name))) {
			nrm_fault(faults, NRM_NO_LEAF,
				  trust->keys_given
					  ? "the checkpoint is not signed by the key given"
					  : "the checkpoint is not signed by a key that the "
					    "directory names");
			return;
		}
	}
	nrm_fault_text(faults, NRM_NO_LEAF, "the checkpoint is of another trail",
		       nrm_slice_str(trust->log[0].name), origin);
}

static const struct nrm_note_key *signer_of(const struct nrm_trust *trust, struct nrm_slice note,
					    struct nrm_checkpoint *ret_checkpoint)
{
	uint64_t cosigned;

	for (size_t i = 0; i < trust->n_logs; i++)
		if (nrm_note_open(note, &trust->log[i], NULL, 0, ret_checkpoint, &cosigned) ==
		    NRM_OK)
			return &trust->log[i];
	return NULL;
}

bool nrm_trust_vouches(const struct nrm_trust *trust, size_t i, struct nrm_slice note)
{
	struct nrm_checkpoint checkpoint;
	uint64_t cosigned = 0;

	for (size_t log = 0; log < trust->n_logs; log++)
		if (nrm_note_open(note, &trust->log[log], &trust->witness[i], 1, &checkpoint,
				  &cosigned) == NRM_OK)
			return cosigned != 0;
	return false;
}

uint64_t nrm_trust_since(const struct nrm_trust *trust, size_t i, struct nrm_slice note)
{
	const struct nrm_note_key *witness = &trust->witness[i];
	struct nrm_cosignature line;
	uint64_t latest = 0;

	while (nrm_cosignature_next(&note, &line) == NRM_OK)
		if (nrm_slice_equal(line.name, nrm_slice_str(witness->name)) &&
		    memcmp(line.id, witness->id, sizeof(line.id)) == 0 && line.time > latest)
			latest = line.time;
	return latest;
}

/* Those whose cosignature is good, 64 at a time; one that is bad is a fault. */
static uint32_t count_witnesses(const struct nrm_trust *trust, struct nrm_slice note,
				const struct nrm_note_key *log, struct nrm_faults *faults)
{
	struct nrm_checkpoint checkpoint;
	uint32_t vouching = 0;
	uint64_t cosigned;

	for (size_t i = 0, n; i < trust->n_witnesses; i += n) {
		n = trust->n_witnesses - i < 64 ? trust->n_witnesses - i : 64;
		if (nrm_note_open(note, log, &trust->witness[i], n, &checkpoint, &cosigned) ==
		    NRM_OK) {
			vouching += (uint32_t)__builtin_popcountll(cosigned);
			continue;
		}
		for (size_t k = i; k < i + n; k++) {
			if (nrm_note_open(note, log, &trust->witness[k], 1, &checkpoint,
					  &cosigned) != NRM_OK)
				nrm_fault_text(faults, NRM_NO_LEAF,
					       "a cosignature of the checkpoint does not verify",
					       nrm_slice_str(trust->witness[k].name),
					       nrm_slice_str("a signature by another key, or over "
							     "another head"));
			else
				vouching += cosigned != 0;
		}
	}
	return vouching;
}

void nrm_trust_open(const struct nrm_trust *trust, struct nrm_slice note, uint32_t quorum,
		    struct nrm_faults *faults, struct nrm_head *ret_head)
{
	struct nrm_head head = {.signer = ""};
	const struct nrm_note_key *log = signer_of(trust, note, &head.checkpoint);

	if (!log) {
		wrong_signer(trust, note, faults);
	} else {
		snprintf(head.signer, sizeof(head.signer), "%s", log->name);
		head.vouching = count_witnesses(trust, note, log, faults);
		if (head.vouching < quorum)
			nrm_fault_number(faults, NRM_NO_LEAF,
					 "too few witnesses vouch for the checkpoint", quorum,
					 head.vouching);
	}
	*ret_head = head;
}
