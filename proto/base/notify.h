/*
 * Telling the service manager how a program stands (sd_notify(3)), for programs only.
 */
#ifndef NRM_BASE_NOTIFY_H
#define NRM_BASE_NOTIFY_H

/*
 * Sends `state` ("READY=1", "STOPPING=1") to the socket that NOTIFY_SOCKET names: a path, or an
 * abstract name after '@'. Without one, or when it cannot be reached, nothing happens: the program
 * was not started by a service manager, and goes on all the same.
 */
void nrm_notify(const char *state);

#endif
