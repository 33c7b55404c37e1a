/*
 * How far long work has come, for who waits: called every few thousand leaves; whoever shows it decides how often.
 */
#ifndef NRM_AUDITOR_PROGRESS_H
#define NRM_AUDITOR_PROGRESS_H

#include <stddef.h>
#include <stdint.h>

struct nrm_audit_progress {
	/* `what` NULL: nothing is to be shown for now */
	void (*tell)(void *context, const char *what, uint64_t done, uint64_t of);
	void *context;
};

/* Every so many steps. */
#define NRM_PROGRESS_STEP 4096u

/* `progress` may be NULL. `what` is a few words; `done` counts up to `of`. */
static inline void nrm_progress_tell(const struct nrm_audit_progress *progress, const char *what,
				     uint64_t done, uint64_t of)
{
	if (progress && done % NRM_PROGRESS_STEP == 0)
		progress->tell(progress->context, what, done, of);
}

/* Takes what is shown away, before something else is written. */
static inline void nrm_progress_clear(const struct nrm_audit_progress *progress)
{
	if (progress)
		progress->tell(progress->context, NULL, 0, 0);
}

#endif
