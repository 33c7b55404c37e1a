/* The reading half of `nrm case`. */
#ifndef NRM_CLI_CASE_SHOW_H
#define NRM_CLI_CASE_SHOW_H

/* nrm case show CASE: what the broker holds on a case; exit status as in cli.h. */
int nrm_case_show(int argc, char **argv);

#endif
