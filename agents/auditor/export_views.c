/*
 * Oversight's views, one file for each bundle of leaves: for each leaf u32(length), then salt and view; nothing, length 0,
 * where no key at hand opens the record.
 */
#include <stdlib.h>
#include <sys/stat.h>

#include "agents/auditor/export_parts.h"

struct views {
	struct nrm_exporting *exporting;
	uint32_t *slot; /* of the case of each leaf, + 1; 0: not known */
	struct nrm_buf plain, file;
};

static enum nrm_err note_slot(void *context, const struct nrm_case_leaf *leaf)
{
	struct views *v = context;

	if (!leaf->fault)
		v->slot[leaf->index] = leaf->slot + 1;
	return NRM_OK;
}

static enum nrm_err put_view(struct views *v, uint64_t index)
{
	struct nrm_exporting *e = v->exporting;
	struct nrm_trail_row row;
	struct nrm_record record;
	enum nrm_err err = nrm_audit_row(&e->reader, index, &row);

	if (err != NRM_OK)
		return err;
	if ((row.record_kind != NRM_RECORD_CLEAR && v->slot[index] == 0) ||
	    !nrm_record_open(e->keys, v->slot[index] - 1, index, &row, &v->plain, &record)) {
		nrm_buf_put_u32(&v->file, 0);
		e->report.closed++;
		return NRM_OK;
	}
	nrm_buf_put_u32(&v->file, (uint32_t)(NRM_SALT_LEN + record.view.len));
	nrm_buf_put(&v->file, record.salt[NRM_VIEWER_OVERSIGHT], NRM_SALT_LEN);
	nrm_buf_put(&v->file, record.view.data, record.view.len);
	e->report.views++;
	return NRM_OK;
}

static enum nrm_err put_file(struct views *v, uint64_t number)
{
	char path[NRM_TILE_PATH];

	nrm_view_path(number, path);
	enum nrm_err err = v->file.err;
	if (err == NRM_OK)
		err = nrm_folder_write(&v->exporting->folder, path, 0600, nrm_buf_slice(&v->file));
	nrm_buf_clear(&v->file);
	return err;
}

enum nrm_err nrm_export_views(struct nrm_exporting *e)
{
	const uint64_t size = e->report.leaves;
	struct views v = {.exporting = e, .slot = calloc(size + 1, sizeof(*v.slot))};
	enum nrm_err err = v.slot ? NRM_OK : NRM_ERR_NOMEM;

	mkdirat(e->folder.fd, NRM_EXPORT_VIEWS, 0700);
	if (err == NRM_OK)
		err = nrm_cases_walk(&e->reader, e->keys, size, e->options->progress, note_slot,
				     &v);
	for (uint64_t index = 0; err == NRM_OK && index < size; index++) {
		nrm_progress_tell(e->options->progress, "views", index, size);
		err = put_view(&v, index);
		if (err == NRM_OK &&
		    (index % NRM_TILE_WIDTH == NRM_TILE_WIDTH - 1 || index + 1 == size))
			err = put_file(&v, index / NRM_TILE_WIDTH);
	}
	nrm_buf_wipe(&v.plain);
	nrm_buf_wipe(&v.file);
	free(v.slot);
	return err;
}
