/*
 * Suppression of small counts (M5): pure. Counts of 1 to 4 are not shown, nor are further ones from which they could be computed
 * with the totals. Several tables over the same details are protected together, for their totals are the same numbers.
 */
#ifndef NRM_AUDITOR_SUPPRESS_H
#define NRM_AUDITOR_SUPPRESS_H

#include <stddef.h>
#include <stdint.h>

#include "proto/base/err.h"

#define NRM_SUPPRESS_BELOW	 5u
#define NRM_SUPPRESS_MAX_DETAILS 319u

enum nrm_shown {
	NRM_SHOWN,	  /* the count; zero is always shown, so that "none" can be proved */
	NRM_SHOWN_SMALL,  /* only that it is 1 to 4 */
	NRM_SHOWN_NOTHING /* only that it is not zero */
};

struct nrm_figure {
	uint64_t count; /* never to be printed unless shown == NRM_SHOWN */
	enum nrm_shown shown;
};

/* n_details + 1 lines of n_columns + 1 figures; the last of a line is its total, the last line the totals of the columns. */
struct nrm_suppress_table {
	uint32_t n_columns;
	struct nrm_figure *figure;
};

/*
 * Decides what is shown of `n` tables (1-8) over the same `n_details` details, whose counts are given without totals: fills
 * the totals in, too. Afterwards, for each figure that is not shown, there is another set of tables with the same figures
 * shown, in which it differs. NRM_ERR_ARGUMENT unless lines have the same total in every table; NRM_ERR_NOMEM.
 */
enum nrm_err nrm_suppress(struct nrm_suppress_table *table, size_t n,
			  uint32_t n_details) NRM_MUST_USE;

#endif
