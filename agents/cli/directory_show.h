/*
 * A signed directory as a table or as JSON, for `nrm directory show`.
 */
#ifndef NRM_CLI_DIRECTORY_SHOW_H
#define NRM_CLI_DIRECTORY_SHOW_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Prints what the directory in `path` says, verified under the authority's key (32 bytes). NULL:
 * its contents are checked but not its signature, and that is said. Returns the exit status: 1 when
 * it does not verify.
 */
int nrm_cli_directory_show(const char *path, const uint8_t *authority, bool json);

#endif
