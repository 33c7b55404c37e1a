/*
 * Drives a harness without libFuzzer: every file of the folders named goes through it once. The last line counts them;
 * what does not hold ends the program, after the name of the file.
 */
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <string.h>

#include "proto/base/buf.h"

static void replay(const char *folder, const char *name)
{
	struct nrm_buf bytes;
	uint8_t chunk[4096];
	char path[4096];
	size_t n;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *file = fopen(path, "rb");
	if (!file) {
		perror(path);
		exit(1);
	}
	fprintf(stderr, "%s\n", path);
	nrm_buf_init(&bytes);
	while ((n = fread(chunk, 1, sizeof(chunk), file)) > 0)
		nrm_buf_put(&bytes, chunk, n);
	fclose(file);
	LLVMFuzzerTestOneInput(bytes.data, bytes.len);
	nrm_buf_done(&bytes);
}

int main(int argc, char **argv)
{
	unsigned passed = 0;

	if (LLVMFuzzerInitialize(&argc, &argv) != 0)
		return 1;
	for (int i = 1; i < argc; i++) {
		DIR *folder = opendir(argv[i]);
		if (!folder) {
			perror(argv[i]);
			return 1;
		}
		for (const struct dirent *d; (d = readdir(folder)) != NULL;)
			if (d->d_name[0] != '.') {
				replay(argv[i], d->d_name);
				passed++;
			}
		closedir(folder);
	}
	printf("%u passed, 0 failed\n", passed);
	return passed > 0 ? 0 : 1;
}
