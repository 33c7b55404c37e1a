/*
 * A person's own record: who received which of her fields, when, under which consent, and what was withheld and why. For
 * her to read and keep, in a language of the vocabulary. Names of fields, never a value.
 */
#ifndef NRM_AUDITOR_PERSON_H
#define NRM_AUDITOR_PERSON_H

#include <stdio.h>

#include "agents/auditor/reader.h"
#include "proto/glossary/glossary.h"

/* One message of the case, as it ended: a decision that was made anew, a return and an acknowledgement are parts of it. */
struct nrm_person_message {
	uint64_t leaf;	 /* of the first decision on it */
	uint64_t latest; /* of the last one */
	uint64_t time_ms;
	enum nrm_message_type type;
	struct nrm_slice sender, recipient; /* participant ids */
	enum nrm_service service;
	enum nrm_outcome outcome;
	enum nrm_reason reason; /* the true one */
	enum nrm_basis basis;
	enum nrm_emergency emergency;
	nrm_mask forwarded;
	nrm_mask withheld[3]; /* as SECRET, NOT_NEEDED, NOT_CONSENTED */
	struct nrm_slices consent_id;
	enum nrm_ack ack; /* NRM_ACK_ABSENT: none yet */
	uint64_t acknowledged_ms;
};

/* An agency that something was passed on to. */
struct nrm_person_recipient {
	struct nrm_slice id;
	nrm_mask received;  /* fields that it confirmed to have */
	nrm_mask passed_on; /* fields on their way, not confirmed */
};

struct nrm_person_name {
	struct nrm_slice id, name;
};

struct nrm_person_record {
	struct nrm_arena arena; /* holds all that follows */
	uint8_t case_id[16];
	struct nrm_person_message *message; /* in order */
	size_t n;
	struct nrm_person_recipient
		*recipient; /* in the order in which they first received something */
	size_t n_recipients;
	struct nrm_person_name *name; /* display names in the newest directory */
	size_t n_names;
};

/*
 * Reads the case with this id. NRM_ERR_NOT_FOUND when there is none, or it was forgotten; NRM_ERR_CORRUPT when a leaf or record of
 * it cannot be read; NRM_ERR_LIMIT, NRM_ERR_IO, NRM_ERR_NOMEM. Free with nrm_person_done().
 */
enum nrm_err nrm_person_read(struct nrm_store *store, const struct nrm_case_keys *keys,
			     const uint8_t case_id[static 16],
			     const struct nrm_audit_progress *progress,
			     struct nrm_person_record *ret_record) NRM_MUST_USE;
void nrm_person_done(struct nrm_person_record *record);

/* The display name of a participant, or its id when the directory has none. */
struct nrm_slice nrm_person_name(const struct nrm_person_record *record, struct nrm_slice id);
/*
 * The statement by which a consent was recorded first, NULL when the record has none: such as of a trail whose broker did not say
 * which consent a grant is about.
 */
const struct nrm_person_message *nrm_person_consent(const struct nrm_person_record *record,
						    struct nrm_slice id);
/* Whether the message told anybody something of the person, or was meant to: statements to the broker itself do not. */
bool nrm_person_shares(const struct nrm_person_message *message);

/* How it is told. */
struct nrm_person_telling {
	const struct nrm_glossary *glossary; /* NULL: codes */
	size_t language;
	uint64_t now_ms;
};

/* person_text.c, person_html.c. Only writing can fail, which ferror(out) tells. */
void nrm_person_text(const struct nrm_person_record *record,
		     const struct nrm_person_telling *telling, FILE *out);
void nrm_person_html(const struct nrm_person_record *record,
		     const struct nrm_person_telling *telling, FILE *out);

/* "2026-05-01 10:00", with its terminator. */
#define NRM_PERSON_TIME 17
void nrm_person_time(uint64_t ms, char out[static NRM_PERSON_TIME]);

#endif
