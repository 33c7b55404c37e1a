/*
 * Verifying a trail: everything it claims is computed anew from the leaves and compared (protocol.md, "Trail"). It is read
 * from a broker's store, live or copied, or from an export.
 *
 *  - each leaf is there, canonical, no earlier by its minute than the one before, and not of the future, and the directory
 *    and policy that it names are at hand;
 *  - of a store: the hash of each leaf and of each subtree that it completes is what the row states (RFC 9162 section 2.1.1);
 *    of an export: each tile holds the hashes of the leaves (C2SP tlog-tiles);
 *  - the checkpoint is signed by a key of the newest directory, or one that was given, and its root is that of the leaves;
 *  - as many witnesses vouch for it, or for an earlier head whose root is that of the leaves too, as were asked for, and no
 *    cosignature of one that is known is bad;
 *  - it follows from a checkpoint that was remembered: then only the leaves since are read;
 *  - each record that can be read matches its leaf: the case tag, and the digests of all three views; of an export's views,
 *    oversight's digest;
 *  - with the case keys: the chain of a case names every leaf that bears the case's tag (where the leaves of forgotten
 *    cases are not too many to try them all: report->complete), and the index of cases leads to the case;
 *  - where signatures are asked for (a store with case keys): see below.
 */
#ifndef NRM_AUDITOR_VERIFY_H
#define NRM_AUDITOR_VERIFY_H

#include "agents/auditor/reader.h"
#include "agents/auditor/trust.h"

struct nrm_audit_options {
	const uint8_t *authority; /* NULL: the directory is taken from the trail on trust */
	const struct nrm_note_key
		*given; /* keys in place of the directory's, as nrm_trust_make() */
	size_t n_given;
	uint32_t quorum;       /* witnesses that must vouch */
	bool directory_quorum; /* as many as the directory wants, in place of `quorum` */
	const char *
		folder; /* of a store: the broker's data folder, where timestamps lie; NULL: none are looked for */
	const char *
		tsa_ca; /* certificates (PEM) that vouch for timestamping authorities; NULL: timestamps are counted only */
	struct nrm_slice since; /* a remembered checkpoint note; empty: the whole trail */
	uint64_t now_ms;	/* 0: leaves may be of any time */
	bool signatures;	/* check the actors' signatures too */
	const struct nrm_audit_progress *progress;
	struct nrm_buf *
		vouchers; /* NULL, or receives a line for each witness that vouches: its name, since when */
	struct nrm_buf *note; /* NULL, or receives the checkpoint's note once the trail verifies */
};

/*
 * What came of the actors' signatures. The records hold a statement's digest and the signature over it, not the statement: so
 * it is shown that the sender, with the key that the directory of the time names, signed a statement of this digest; what
 * that statement said is shown by whoever kept it. An Ack is held whole: that the recipient signed it, that it is about the
 * statement and the leaf that it acknowledges, and with which status, is all shown.
 */
struct nrm_audit_signatures {
	uint64_t statements; /* signed by the leaf's sender: verified */
	uint64_t acks;	     /* signed by the leaf's recipient: verified */
	uint64_t broker;     /* the broker's own, which nobody else signs */
	uint64_t
		unknown; /* no directory of that time is at hand, or the authority has not signed it */
};

struct nrm_audit_report {
	struct nrm_audit_fault fault;
	uint64_t leaves;
	uint64_t since; /* leaves that the remembered checkpoint vouches for; not read again */
	struct nrm_hash root; /* of all leaves; unset when they do not verify */
	struct nrm_head head;
	struct nrm_head
		vouched; /* that head, or an earlier one of this trail for which more witnesses vouch */
	uint32_t quorum; /* witnesses that had to vouch */
	uint64_t stamps; /* timestamps of heads */
	uint64_t stamped_size,
		stamped_ms; /* the largest head of them that was checked, and when it was there */
	bool keys_given;
	uint64_t directory_version; /* of the newest directory; 0: there is none */
	bool authorised;	    /* it verified under the authority's key given */
	uint64_t clear;		    /* records of no case, each checked */
	uint64_t opened;	    /* records of cases, each opened and checked */
	uint64_t closed;	    /* records that no key at hand opens: of forgotten cases */
	uint64_t cases;		    /* cases that were read */
	bool complete;		    /* no closed leaf bears the tag of a case that was read */
	struct nrm_audit_signatures signatures;
	bool views; /* of an export: it has oversight's views, counted in clear, opened and closed */
	uint64_t
		documents; /* directories and policies at hand: those that leaves name are among them */
};

/*
 * Verifies the trail in `store` as it stands when called. `keys` NULL: records of cases are not opened (`opened`, `closed`,
 * `cases` stay 0). NRM_OK when the check could be made, whatever came of it (report->fault); otherwise why it could not:
 * NRM_ERR_NOT_FOUND when there is no key to check with or no checkpoint, NRM_ERR_FORMAT when they cannot be read,
 * NRM_ERR_IO, NRM_ERR_CORRUPT, NRM_ERR_NOMEM.
 */
enum nrm_err nrm_audit_verify(struct nrm_store *store, const struct nrm_case_keys *keys,
			      const struct nrm_audit_options *options,
			      struct nrm_audit_report *ret_report) NRM_MUST_USE;

/* The same for an export in folder `path`; `signatures` is not looked at. Memory does not grow with the trail. */
enum nrm_err nrm_audit_verify_export(const char *path, const struct nrm_audit_options *options,
				     struct nrm_audit_report *ret_report) NRM_MUST_USE;

#endif
