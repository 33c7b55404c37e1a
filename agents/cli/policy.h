/*
 * The subcommands of `nrm policy`, one source file each, and what they share.
 */
#ifndef NRM_CLI_POLICY_H
#define NRM_CLI_POLICY_H

#define NRM_LOCAL_POLICY     "config/policy.yaml"
#define NRM_INSTALLED_POLICY "/etc/nrm/policy.yaml"

/*
 * The policy to use when none was named: $NRM_POLICY, config/policy.yaml in the working directory,
 * or the installed one.
 */
const char *nrm_policy_default(void);

int nrm_policy_cmd_check(int argc, char **argv);   /* policy_check.c */
int nrm_policy_cmd_explain(int argc, char **argv); /* policy_explain.c */
int nrm_policy_cmd_diff(int argc, char **argv);	   /* policy_diff.c */
int nrm_policy_cmd_show(int argc, char **argv);	   /* policy_show.c */
int nrm_policy_cmd_test(int argc, char **argv);	   /* policy_test.c */
int nrm_policy_cmd_sign(int argc, char **argv);	   /* policy_sign.c */
int nrm_policy_cmd_reload(int argc, char **argv);  /* policy_reload.c */

#endif
