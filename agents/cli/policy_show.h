/*
 * The forms in which `nrm policy show` writes who may get what. A cell of a grid is one of four
 * things; each form has a letter or a word for it, colour only underlines it.
 */
#ifndef NRM_CLI_POLICY_SHOW_H
#define NRM_CLI_POLICY_SHOW_H

#include <stdio.h>

#include "broker/policy/policy_source.h"
#include "broker/policy/reach.h"
#include "proto/glossary/glossary.h"

enum nrm_cell { NRM_CELL_NOT_NEEDED, NRM_CELL_NEEDED, NRM_CELL_SECRET, NRM_CELL_NEEDED_BUT_SECRET };

/* What is shown. */
struct nrm_show {
	const struct nrm_policy_source *source;
	nrm_mask services;
	const struct nrm_glossary *glossary;
	size_t language;
	uint64_t now;
	bool colour; /* on a terminal */
};

static inline enum nrm_cell nrm_cell(struct nrm_reach reach, uint32_t field)
{
	return (nrm_has(reach.needed, field) ? NRM_CELL_NEEDED : 0) |
	       (nrm_has(reach.secret, field) ? NRM_CELL_SECRET : 0);
}

/* A compact grid a service: roles and fields that get anything, at most 100 columns wide. */
void nrm_show_table(const struct nrm_show *show, FILE *out);
/* service,role,field,state: a line for every cell. */
void nrm_show_csv(const struct nrm_show *show, FILE *out);
/*
 * One page that needs nothing else: a grid a service with all roles and fields; prints a service a
 * page.
 */
void nrm_show_page(const struct nrm_show *show, FILE *out);

#endif
