/*
 * Logging for programs (never for library code): one logfmt line on standard error an event.
 * No line carries a field's value, a person's name, or a case id in clear.
 */
#ifndef NRM_BASE_LOG_H
#define NRM_BASE_LOG_H

enum nrm_log_level { NRM_LOG_ERROR, NRM_LOG_WARNING, NRM_LOG_INFO, NRM_LOG_DEBUG };

/* Sets the program's name and the least important level that is written. Call once, before threads. */
void nrm_log_open(const char *program, enum nrm_log_level least);

/*
 * Writes `time=… level=… program=… event=<event> <pairs>` in one write. `format` gives logfmt pairs
 * ("participant=%s code=%s"); it may be "" when there are none. Safe from any thread.
 */
void nrm_log(enum nrm_log_level level, const char *event, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
