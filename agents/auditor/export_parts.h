/* An export under way. Internal to agents/auditor. */
#ifndef NRM_AUDITOR_EXPORT_PARTS_H
#define NRM_AUDITOR_EXPORT_PARTS_H

#include "agents/auditor/export.h"
#include "agents/auditor/folder.h"

struct nrm_exporting {
	const struct nrm_export_options *options;
	const struct nrm_case_keys *keys;
	struct nrm_audit_reader reader;
	struct nrm_export_report report;
	struct nrm_faults faults;
	struct nrm_trust trust;
	struct nrm_folder folder;
	struct nrm_buf old_note; /* of what the folder holds already; empty: nothing */
	struct nrm_buf note,
		vouched; /* the checkpoint; the last head that a quorum vouched for, or empty */
	struct nrm_head head; /* of `note` */
	struct nrm_tile_edge edge;
	struct nrm_buf bundle; /* being filled */
};

/* export_views.c: writes the views of all leaves anew. */
enum nrm_err nrm_export_views(struct nrm_exporting *exporting) NRM_MUST_USE;

#endif
