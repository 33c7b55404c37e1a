#include "agents/auditor/fault.h"

#include <inttypes.h>
#include <stdio.h>

#include "proto/base/hex.h"

struct nrm_audit_fault *nrm_fault(struct nrm_faults *faults, uint64_t leaf, const char *what)
{
	struct nrm_audit_fault *first = &faults->first;

	if (first->what && first->leaf <= leaf)
		return &faults->later;
	*first = (struct nrm_audit_fault){.what = what, .leaf = leaf, .leaves = 1};
	if (faults->file)
		snprintf(first->file, sizeof(first->file), "%s", faults->file);
	return first;
}

void nrm_fault_hash(struct nrm_faults *faults, uint64_t leaf, uint64_t leaves, const char *what,
		    const struct nrm_hash *expected, struct nrm_slice found)
{
	struct nrm_audit_fault *f = nrm_fault(faults, leaf, what);

	f->leaves = leaves;
	nrm_hex(expected->bytes, NRM_HASH_LEN, f->expected);
	if (found.len == NRM_HASH_LEN)
		nrm_hex(found.data, found.len, f->found);
	else
		snprintf(f->found, sizeof(f->found), "%zu bytes", found.len);
}

void nrm_fault_number(struct nrm_faults *faults, uint64_t leaf, const char *what, uint64_t expected,
		      uint64_t found)
{
	struct nrm_audit_fault *f = nrm_fault(faults, leaf, what);

	snprintf(f->expected, sizeof(f->expected), "%" PRIu64, expected);
	snprintf(f->found, sizeof(f->found), "%" PRIu64, found);
}

static void put_text(char out[static NRM_FAULT_VALUE], struct nrm_slice text)
{
	size_t n = text.len < NRM_FAULT_VALUE ? text.len : NRM_FAULT_VALUE - 1;

	for (size_t i = 0; i < n; i++)
		out[i] = text.data[i] >= ' ' && text.data[i] < 127 ? (char)text.data[i] : '?';
	out[n] = '\0';
}

void nrm_fault_text(struct nrm_faults *faults, uint64_t leaf, const char *what,
		    struct nrm_slice expected, struct nrm_slice found)
{
	struct nrm_audit_fault *f = nrm_fault(faults, leaf, what);

	put_text(f->expected, expected);
	put_text(f->found, found);
}
