#include "proto/wire/directory_wire.h"

#include "proto/base/limits.h"
#include "proto/directory.pb-c.h"
#include "proto/frame.pb-c.h"
#include "proto/wire/message.h"

static enum nrm_err read_participant(const Nrm__Participant *m, struct nrm_arena *arena,
				     struct nrm_participant_entry *p)
{
	struct nrm_offer_entry *offer = nrm_arena_alloc(arena, m->n_offer * sizeof(*offer));
	struct nrm_key_entry *key = nrm_arena_alloc(arena, m->n_key * sizeof(*key));
	enum nrm_err err = offer && key ? NRM_OK : NRM_ERR_NOMEM;

	for (size_t i = 0; i < m->n_offer && err == NRM_OK; i++) {
		offer[i].service = (enum nrm_service)m->offer[i]->service;
		err = nrm_read_strings(m->offer[i]->region, m->offer[i]->n_region, arena,
				       &offer[i].region);
	}
	for (size_t i = 0; i < m->n_key && err == NRM_OK; i++)
		key[i] = (struct nrm_key_entry){
			.kind = (enum nrm_key_kind)m->key[i]->kind,
			.key = nrm_read_bytes(m->key[i]->key),
			.possession = nrm_read_bytes(m->key[i]->possession),
			.own_possession = nrm_read_bytes(m->key[i]->own_possession),
		};
	*p = (struct nrm_participant_entry){
		.id = nrm_slice_str(m->id),
		.name = nrm_slice_str(m->name),
		.kind = (enum nrm_org_kind)m->kind,
		.role = {(const uint32_t *)m->role, m->n_role},
		.offer = offer,
		.n_offers = m->n_offer,
		.country = nrm_slice_str(m->country),
		.key = key,
		.n_keys = m->n_key,
		.detention = m->detention,
		.status = (enum nrm_status)m->status,
		.valid_from_ms = m->valid_from_ms,
		.valid_until_ms = m->valid_until_ms,
		.max_version = m->max_version,
	};
	return err;
}

static enum nrm_err read_directory(const Nrm__Directory *m, struct nrm_arena *arena,
				   struct nrm_directory_body *b)
{
	if (m->format != NRM_DIRECTORY_FORMAT)
		return NRM_ERR_VERSION;
	if (!m->broker || !m->trail)
		return NRM_ERR_FORMAT;
	struct nrm_participant_entry *participant =
		nrm_arena_alloc(arena, m->n_participant * sizeof(*participant));
	if (!participant)
		return NRM_ERR_NOMEM;
	*b = (struct nrm_directory_body){
		.version = m->version,
		.country = nrm_slice_str(m->country),
		.valid_from_ms = m->valid_from_ms,
		.valid_until_ms = m->valid_until_ms,
		.broker = {nrm_slice_str(m->broker->id), nrm_read_bytes(m->broker->transport_key),
			   nrm_slice_str(m->broker->endpoint)},
		.trail = {.origin = nrm_slice_str(m->trail->origin),
			  .old_head = nrm_read_bytes(m->trail->old_head)},
		.witness_quorum = m->witness_quorum,
		.successor_authority = nrm_read_bytes(m->successor_authority),
		.participant = participant,
		.n_participants = m->n_participant,
	};
	enum nrm_err err = nrm_read_strings(m->trail->verifier_key, m->trail->n_verifier_key, arena,
					    &b->trail.verifier_key);
	for (size_t i = 0; i < m->n_participant && err == NRM_OK; i++)
		err = read_participant(m->participant[i], arena, &participant[i]);
	return err;
}

enum nrm_err nrm_directory_decode(struct nrm_slice bytes, struct nrm_arena *arena,
				  struct nrm_directory_body *ret_body)
{
	struct nrm_directory_body body;
	ProtobufCMessage *message;

	if (bytes.len > NRM_MAX_DIRECTORY)
		return NRM_ERR_LIMIT;
	enum nrm_err err = nrm_message_read(&nrm__directory__descriptor, bytes, arena, &message);
	if (err == NRM_OK)
		err = read_directory((const Nrm__Directory *)message, arena, &body);
	if (err == NRM_OK)
		*ret_body = body;
	return err;
}

static enum nrm_err write_participant(const struct nrm_participant_entry *p,
				      struct nrm_arena *arena, Nrm__Participant *m)
{
	Nrm__Offer **offer = nrm_message_list(&nrm__offer__descriptor, p->n_offers, arena);
	Nrm__PublicKey **key = nrm_message_list(&nrm__public_key__descriptor, p->n_keys, arena);
	enum nrm_err err = offer && key ? NRM_OK : NRM_ERR_NOMEM;

	for (size_t i = 0; i < p->n_offers && err == NRM_OK; i++) {
		offer[i]->service = (Nrm__Service)p->offer[i].service;
		err = nrm_write_strings(p->offer[i].region, arena, &offer[i]->n_region,
					&offer[i]->region);
	}
	for (size_t i = 0; i < p->n_keys && err == NRM_OK; i++) {
		key[i]->kind = (Nrm__KeyKind)p->key[i].kind;
		key[i]->key = nrm_write_bytes(p->key[i].key);
		key[i]->possession = nrm_write_bytes(p->key[i].possession);
		key[i]->own_possession = nrm_write_bytes(p->key[i].own_possession);
	}
	if (err == NRM_OK)
		err = nrm_write_string(p->id, arena, &m->id);
	if (err == NRM_OK)
		err = nrm_write_string(p->name, arena, &m->name);
	if (err == NRM_OK)
		err = nrm_write_string(p->country, arena, &m->country);
	m->kind = (Nrm__OrganisationKind)p->kind;
	m->n_role = p->role.n;
	m->role = (Nrm__Role *)p->role.code;
	m->n_offer = p->n_offers;
	m->offer = offer;
	m->n_key = p->n_keys;
	m->key = key;
	m->detention = p->detention;
	m->status = (Nrm__Status)p->status;
	m->valid_from_ms = p->valid_from_ms;
	m->valid_until_ms = p->valid_until_ms;
	m->max_version = p->max_version;
	return err;
}

static enum nrm_err write_directory(const struct nrm_directory_body *b, struct nrm_arena *arena,
				    Nrm__Directory *m)
{
	Nrm__BrokerEntry *broker = nrm_message_new(&nrm__broker_entry__descriptor, arena);
	Nrm__TrailEntry *trail = nrm_message_new(&nrm__trail_entry__descriptor, arena);
	Nrm__Participant **participant =
		nrm_message_list(&nrm__participant__descriptor, b->n_participants, arena);
	enum nrm_err err = broker && trail && participant ? NRM_OK : NRM_ERR_NOMEM;

	if (err == NRM_OK)
		err = nrm_write_string(b->country, arena, &m->country);
	if (err == NRM_OK)
		err = nrm_write_string(b->broker.id, arena, &broker->id);
	if (err == NRM_OK)
		err = nrm_write_string(b->broker.endpoint, arena, &broker->endpoint);
	if (err == NRM_OK)
		err = nrm_write_string(b->trail.origin, arena, &trail->origin);
	if (err == NRM_OK)
		err = nrm_write_strings(b->trail.verifier_key, arena, &trail->n_verifier_key,
					&trail->verifier_key);
	for (size_t i = 0; i < b->n_participants && err == NRM_OK; i++)
		err = write_participant(&b->participant[i], arena, participant[i]);
	if (err != NRM_OK)
		return err;
	broker->transport_key = nrm_write_bytes(b->broker.transport_key);
	trail->old_head = nrm_write_bytes(b->trail.old_head);
	m->format = NRM_DIRECTORY_FORMAT;
	m->version = b->version;
	m->valid_from_ms = b->valid_from_ms;
	m->valid_until_ms = b->valid_until_ms;
	m->broker = broker;
	m->trail = trail;
	m->witness_quorum = b->witness_quorum;
	m->successor_authority = nrm_write_bytes(b->successor_authority);
	m->n_participant = b->n_participants;
	m->participant = participant;
	return NRM_OK;
}

enum nrm_err nrm_directory_encode(const struct nrm_directory_body *body, struct nrm_buf *out)
{
	Nrm__Directory message = NRM__DIRECTORY__INIT;
	struct nrm_arena arena;

	nrm_arena_init(&arena, NRM_MAX_DIRECTORY_ARENA);
	enum nrm_err err = write_directory(body, &arena, &message);
	if (err == NRM_OK)
		err = nrm_message_pack(&message.base, NRM_MAX_DIRECTORY, out);
	nrm_arena_done(&arena);
	return err;
}

enum nrm_err nrm_document_encode(const struct nrm_document *document, struct nrm_buf *out)
{
	Nrm__SignedDocument message = NRM__SIGNED_DOCUMENT__INIT;

	message.document = nrm_write_bytes(document->document);
	message.signature = nrm_write_bytes(document->signature);
	return nrm_message_pack(&message.base, NRM_MAX_FRAME, out);
}

enum nrm_err nrm_document_decode(struct nrm_slice bytes, struct nrm_arena *arena,
				 struct nrm_document *ret_document)
{
	ProtobufCMessage *message;

	if (bytes.len > NRM_MAX_FRAME)
		return NRM_ERR_LIMIT;
	enum nrm_err err =
		nrm_message_read(&nrm__signed_document__descriptor, bytes, arena, &message);
	if (err != NRM_OK)
		return err;
	const Nrm__SignedDocument *m = (const Nrm__SignedDocument *)message;
	*ret_document =
		(struct nrm_document){nrm_read_bytes(m->document), nrm_read_bytes(m->signature)};
	return NRM_OK;
}
