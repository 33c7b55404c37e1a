/*
 * Alarms of agencies (proto/trail/alarm.h), checked offline: what two signed heads show by themselves, and what they show
 * beside a trail.
 */
#ifndef NRM_AUDITOR_FORK_H
#define NRM_AUDITOR_FORK_H

#include "agents/auditor/trust.h"
#include "proto/directory/directory.h"
#include "proto/store/store.h"
#include "proto/trail/alarm.h"

/* Of one of the two heads, beside the trail at hand. */
enum nrm_fork_place {
	NRM_FORK_UNKNOWN, /* no trail is at hand */
	NRM_FORK_HAS,	  /* the trail has this head */
	NRM_FORK_OTHER,	  /* the trail has another root at this size */
	NRM_FORK_BEYOND	  /* the trail is shorter */
};

struct nrm_fork_report {
	struct nrm_audit_fault
		fault; /* why the file is not to be believed; then nothing below is set */
	char reporter[NRM_MAX_ID + 1];
	uint64_t time_ms;
	enum nrm_alarm_kind kind;
	struct nrm_head kept, shown;
	enum nrm_fork_place kept_at, shown_at;
	bool forked; /* the trail's key signed two trees: shown, whoever says so */
};

/*
 * Checks an alarm file: that its reporter, an agency of the directory, signed it, and that both heads bear the signature of a
 * key of the trail. Two roots for one size show a fork by themselves; heads of different sizes only beside a trail: in `store`
 * (NULL: none) or the export in folder `path` (NULL: none). NRM_OK whatever came of it (report->fault, report->forked); errors
 * of reading, NRM_ERR_FORMAT when the file is no alarm.
 */
enum nrm_err nrm_audit_check_fork(struct nrm_slice file, const struct nrm_directory *directory,
				  const struct nrm_trust *trust, struct nrm_store *store,
				  const char *path,
				  struct nrm_fork_report *ret_report) NRM_MUST_USE;

#endif
