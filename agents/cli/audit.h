/* The subcommands of nrm audit. Each returns its exit status as cli.h says; 1: it does not verify, 2: it could not be checked. */
#ifndef NRM_CLI_AUDIT_H
#define NRM_CLI_AUDIT_H

int nrm_audit_cmd_verify(int argc, char **argv);     /* audit_verify.c */
int nrm_audit_cmd_show(int argc, char **argv);	     /* audit_show.c */
int nrm_audit_cmd_follow(int argc, char **argv);     /* audit_show.c */
int nrm_audit_cmd_case(int argc, char **argv);	     /* audit_case.c */
int nrm_audit_cmd_indicators(int argc, char **argv); /* audit_indicators.c */
int nrm_audit_cmd_export(int argc, char **argv);     /* audit_export.c */
int nrm_audit_cmd_prove(int argc, char **argv);	     /* audit_prove.c */
int nrm_audit_cmd_check(int argc, char **argv);	     /* audit_check.c */
int nrm_audit_cmd_stamp(int argc, char **argv);	     /* audit_stamp.c */
int nrm_audit_cmd_fork(int argc, char **argv);	     /* audit_fork.c */
int nrm_audit_cmd_serve(int argc, char **argv);	     /* audit_serve.c */
int nrm_audit_cmd_password(int argc, char **argv);   /* audit_password.c */

#endif
