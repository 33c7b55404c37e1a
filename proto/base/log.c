#include "proto/base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "proto/base/time.h"

static const char *log_program = "nrm";
static enum nrm_log_level log_least = NRM_LOG_INFO;

void nrm_log_open(const char *program, enum nrm_log_level least)
{
	log_program = program;
	log_least = least;
}

void nrm_log(enum nrm_log_level level, const char *event, const char *format, ...)
{
	static const char *const levels[] = {"error", "warning", "info", "debug"};
	char line[1024], now[NRM_TIME_TEXT_LEN + 1];
	va_list ap;

	if (level > log_least)
		return;
	nrm_time_format(nrm_time_now_ms(), now);
	int n = snprintf(line, sizeof(line), "time=%s level=%s program=%s event=%s ", now,
			 levels[level], log_program, event);
	va_start(ap, format);
	n += vsnprintf(line + n, sizeof(line) - (size_t)n, format, ap);
	va_end(ap);
	if (n > (int)sizeof(line) - 2)
		n = (int)sizeof(line) - 2;
	while (n > 0 && line[n - 1] == ' ')
		n--;
	line[n++] = '\n';
	/* Nothing can be done about a log that cannot be written. */
	ssize_t ignored = write(STDERR_FILENO, line, (size_t)n);
	(void)ignored;
}
