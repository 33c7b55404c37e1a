/* An export of the small trail, and the means to spoil its files, for tests. */
#ifndef NRM_TESTS_EXPORT_WORLD_H
#define NRM_TESTS_EXPORT_WORLD_H

#include "tests/unit/small_trail.h"

#include <ftw.h>
#include <sys/stat.h>

#include "agents/auditor/export.h"
#include "agents/auditor/verify.h"
#include "proto/base/file.h"

#define TILE_OF_17    "tile/0/000.p/17"
#define ENTRIES_OF_17 "tile/entries/000.p/17"

struct exported {
	struct trail *trail;
	char folder[64], path[160];
};

static inline const char *place(struct exported *e, const char *name)
{
	snprintf(e->path, sizeof(e->path), "%s/%s", e->folder, name);
	return e->path;
}

static inline struct nrm_export_report export_to(struct exported *e, bool views)
{
	const struct nrm_export_options options = {.views = views};
	struct nrm_export_report report;

	assert_int_equal(
		nrm_audit_export(e->trail->store, e->trail->keys, e->folder, &options, &report),
		NRM_OK);
	return report;
}

static inline struct nrm_audit_report verify_folder(struct exported *e)
{
	const struct nrm_audit_options options = {.authority = e->trail->authority,
						  .now_ms = (MINUTE + LEAVES) * 60000};
	struct nrm_audit_report report;

	assert_int_equal(nrm_audit_verify_export(e->folder, &options, &report), NRM_OK);
	return report;
}

static inline void expect_folder_fault(struct exported *e, const char *file, uint64_t leaf,
				       const char *what)
{
	struct nrm_audit_report report = verify_folder(e);

	assert_non_null(report.fault.what);
	assert_string_equal(report.fault.what, what);
	assert_string_equal(report.fault.file, file);
	assert_int_equal(report.fault.leaf, leaf);
}

static inline struct nrm_buf read_all(struct exported *e, const char *name)
{
	FILE *file = fopen(place(e, name), "r");
	struct nrm_buf bytes = {0};
	char some[4096];
	size_t n;

	assert_non_null(file);
	while ((n = fread(some, 1, sizeof(some), file)) > 0)
		nrm_buf_put(&bytes, some, n);
	fclose(file);
	return bytes;
}

static inline void write_file(struct exported *e, const char *name, const void *bytes, size_t len)
{
	FILE *file = fopen(place(e, name), "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static inline bool is_there(struct exported *e, const char *name)
{
	return access(place(e, name), F_OK) == 0;
}

static inline int set_up_export(void **state)
{
	struct exported *e = calloc(1, sizeof(*e));

	in_memory((void **)&e->trail);
	/* in memory where there is such a place: some tests write a file ten thousand times */
	snprintf(e->folder, sizeof(e->folder), "%s/nrm-export-XXXXXX",
		 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	assert_non_null(mkdtemp(e->folder));
	*state = e;
	return 0;
}

static inline int unlink_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static inline int tear_down_export(void **state)
{
	struct exported *e = *state;

	assert_int_equal(nftw(e->folder, unlink_one, 16, FTW_DEPTH | FTW_PHYS), 0);
	done((void **)&e->trail);
	free(e);
	return 0;
}

#define EXPORT_TEST(test) cmocka_unit_test_setup_teardown(test, set_up_export, tear_down_export)

#endif
