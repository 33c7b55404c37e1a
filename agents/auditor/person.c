#include "agents/auditor/person.h"

#include <stdlib.h>
#include <string.h>

#include "proto/base/limits.h"
#include "proto/base/time.h"
#include "proto/wire/directory_wire.h"
#include "proto/wire/frame.h"

static const enum nrm_reason reasons[3] = {NRM_REASON_SECRET, NRM_REASON_NOT_NEEDED,
					   NRM_REASON_NOT_CONSENTED};

/* A leaf of the case, as the walk meets it: the last one first. */
struct met {
	uint64_t index;
	struct nrm_leaf leaf;
	struct nrm_view view;
	struct nrm_buf bytes; /* of leaf and view, in one */
	size_t leaf_len;
};

struct reading {
	struct nrm_person_record *record;
	struct met *met;
	size_t n, room;
	bool fault;
};

static enum nrm_err meet(void *context, const struct nrm_case_leaf *leaf)
{
	struct reading *r = context;

	if (leaf->fault) {
		r->fault = true;
		return NRM_OK;
	}
	if (r->n == r->room) {
		size_t room = r->room ? 2 * r->room : 64;
		struct met *grown = realloc(r->met, room * sizeof(*grown));
		if (!grown)
			return NRM_ERR_NOMEM;
		r->met = grown;
		r->room = room;
	}
	struct met *met = &r->met[r->n++];
	*met = (struct met){.index = leaf->index, .leaf_len = leaf->leaf.len};
	nrm_buf_put(&met->bytes, leaf->leaf.data, leaf->leaf.len);
	nrm_buf_put(&met->bytes, leaf->record.view.data, leaf->record.view.len);
	return met->bytes.err;
}

static enum nrm_err decode(struct met *met, struct nrm_arena *arena)
{
	const struct nrm_slice bytes = nrm_buf_slice(&met->bytes);
	enum nrm_err err = nrm_leaf_decode(nrm_slice(bytes.data, met->leaf_len), arena, &met->leaf);

	if (err == NRM_OK)
		err = nrm_view_decode(
			nrm_slice(bytes.data + met->leaf_len, bytes.len - met->leaf_len), arena,
			&met->view);
	return err == NRM_OK || err == NRM_ERR_NOMEM || err == NRM_ERR_LIMIT ? err
									     : NRM_ERR_CORRUPT;
}

static void take_withheld(struct nrm_person_message *m, const struct nrm_view *view)
{
	for (size_t i = 0; i < 3; i++)
		for (size_t k = 0; k < 3; k++)
			if (view->withheld[i].reason == reasons[k])
				m->withheld[k] |= view->withheld[i].fields;
}

static void decided(struct nrm_person_message *m, const struct met *met)
{
	m->latest = met->index;
	m->outcome = met->view.outcome;
	m->reason = met->view.reason;
	m->forwarded = met->view.outcome == NRM_OUTCOME_FORWARD ? met->view.forwarded : 0;
	take_withheld(m, &met->view);
}

static void begin_message(struct nrm_person_message *m, const struct met *met)
{
	*m = (struct nrm_person_message){
		.leaf = met->index,
		.time_ms = met->view.time_ms,
		.type = met->view.type,
		.sender = met->leaf.sender,
		.recipient = met->leaf.recipient,
		.service = met->leaf.service,
		.basis = met->view.basis,
		.emergency = met->view.emergency,
		.consent_id = met->view.consent_id,
	};
	decided(m, met);
}

/* What a later leaf says of a message before it. */
static void continue_message(struct nrm_person_record *record, const struct met *met)
{
	struct nrm_person_message *m = record->message + record->n;

	while (m > record->message && m[-1].latest + 1 != met->view.earlier)
		m--;
	if (m == record->message)
		return; /* of nothing that is here */
	m--;
	if (met->leaf.kind == NRM_EVENT_ACKNOWLEDGEMENT) {
		struct nrm_arena arena;
		struct nrm_ack_body ack;

		nrm_arena_init(&arena, NRM_MAX_FRAME_ARENA);
		if (nrm_ack_decode(met->view.ack, &arena, &ack) == NRM_OK)
			m->ack = ack.status;
		nrm_arena_done(&arena);
		m->acknowledged_ms = met->view.time_ms;
	} else {
		decided(m, met);
	}
}

static void add_recipient(struct nrm_person_record *record, const struct nrm_person_message *m)
{
	size_t i = 0;

	if (!m->forwarded || !nrm_person_shares(m) || (m->ack && m->ack != NRM_ACK_OK))
		return;
	while (i < record->n_recipients && !nrm_slice_equal(record->recipient[i].id, m->recipient))
		i++;
	if (i == record->n_recipients)
		record->recipient[record->n_recipients++] =
			(struct nrm_person_recipient){.id = m->recipient};
	if (m->ack == NRM_ACK_OK)
		record->recipient[i].received |= m->forwarded;
	else
		record->recipient[i].passed_on |= m->forwarded;
}

/* Messages in order out of leaves, the last one first. */
static enum nrm_err compose(struct reading *r)
{
	struct nrm_person_record *record = r->record;
	enum nrm_err err = NRM_OK;

	record->message = nrm_arena_alloc(&record->arena, (r->n + 1) * sizeof(*record->message));
	record->recipient =
		nrm_arena_alloc(&record->arena, (r->n + 1) * sizeof(*record->recipient));
	if (!record->message || !record->recipient)
		return NRM_ERR_LIMIT;
	for (size_t i = r->n; i-- > 0;) {
		if ((err = decode(&r->met[i], &record->arena)) != NRM_OK)
			return err;
		if (r->met[i].leaf.kind <= NRM_EVENT_NOTICE)
			begin_message(&record->message[record->n++], &r->met[i]);
		else
			continue_message(record, &r->met[i]);
	}
	for (size_t i = 0; i < record->n; i++) {
		add_recipient(record, &record->message[i]);
	}
	return NRM_OK;
}

/* Names of participants; without a directory their ids have to do. */
static enum nrm_err read_names(struct nrm_audit_reader *reader, struct nrm_person_record *record)
{
	struct nrm_directory_body body;
	struct nrm_document document;
	struct nrm_slice bytes;
	struct nrm_txn *txn;
	enum nrm_err err = nrm_audit_snapshot(reader, &txn);

	if (err != NRM_OK)
		return err;
	if (nrm_audit_newest(txn, 'd', &bytes) != NRM_OK ||
	    nrm_document_decode(bytes, &record->arena, &document) != NRM_OK ||
	    nrm_directory_decode(document.document, &record->arena, &body) != NRM_OK)
		return NRM_OK;
	record->name =
		nrm_arena_alloc(&record->arena, (body.n_participants + 1) * sizeof(*record->name));
	if (!record->name)
		return NRM_ERR_LIMIT;
	for (size_t i = 0; i < body.n_participants; i++)
		record->name[record->n_names++] =
			(struct nrm_person_name){body.participant[i].id, body.participant[i].name};
	return NRM_OK;
}

enum nrm_err nrm_person_read(struct nrm_store *store, const struct nrm_case_keys *keys,
			     const uint8_t case_id[static 16],
			     const struct nrm_audit_progress *progress,
			     struct nrm_person_record *ret_record)
{
	struct nrm_person_record record = {.n = 0};
	struct reading r = {.record = &record};
	struct nrm_audit_reader reader;
	uint32_t slot;
	enum nrm_err err;

	nrm_arena_init(&record.arena, NRM_MAX_RECORD_ARENA);
	nrm_audit_reader_init(&reader, store);
	memcpy(record.case_id, case_id, sizeof(record.case_id));
	err = nrm_case_slot(&reader, keys, case_id, progress, &slot);
	if (err == NRM_OK)
		err = nrm_case_walk(&reader, keys, slot, UINT64_MAX, meet, &r);
	if (err == NRM_OK)
		err = r.fault ? NRM_ERR_CORRUPT : compose(&r);
	if (err == NRM_OK)
		err = read_names(&reader, &record);
	nrm_audit_reader_done(&reader);
	for (size_t i = 0; i < r.n; i++)
		nrm_buf_wipe(&r.met[i].bytes);
	free(r.met);
	if (err == NRM_OK)
		*ret_record = record;
	else
		nrm_arena_done(&record.arena);
	return err;
}

void nrm_person_done(struct nrm_person_record *record)
{
	nrm_arena_done(&record->arena);
}

struct nrm_slice nrm_person_name(const struct nrm_person_record *record, struct nrm_slice id)
{
	for (size_t i = 0; i < record->n_names; i++)
		if (nrm_slice_equal(record->name[i].id, id) && record->name[i].name.len)
			return record->name[i].name;
	return id;
}

const struct nrm_person_message *nrm_person_consent(const struct nrm_person_record *record,
						    struct nrm_slice id)
{
	for (size_t i = 0; i < record->n; i++) {
		const struct nrm_person_message *m = &record->message[i];
		if (m->type == NRM_MESSAGE_TYPE_CONSENT_GRANT &&
		    m->outcome == NRM_OUTCOME_FORWARD && m->consent_id.n == 1 &&
		    nrm_slice_equal(m->consent_id.item[0], id))
			return m;
	}
	return NULL;
}

bool nrm_person_shares(const struct nrm_person_message *message)
{
	return message->type != NRM_MESSAGE_TYPE_CONSENT_GRANT &&
	       message->type != NRM_MESSAGE_TYPE_WITHDRAWAL &&
	       message->type != NRM_MESSAGE_TYPE_CASE_CARD;
}

void nrm_person_time(uint64_t ms, char out[static NRM_PERSON_TIME])
{
	char text[NRM_TIME_TEXT_LEN + 1];

	nrm_time_format(ms, text);
	memcpy(out, text, NRM_PERSON_TIME - 1);
	out[10] = ' ';
	out[NRM_PERSON_TIME - 1] = '\0';
}
