#include "proto/base/time.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Days from 1970-01-01 to a date of the proleptic Gregorian calendar. */
static int64_t days_from_civil(int64_t y, unsigned m, unsigned d)
{
	y -= m <= 2;
	const int64_t era = y / 400;
	const unsigned yoe = (unsigned)(y - era * 400);
	const unsigned doy = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
	const unsigned doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

	return era * 146097 + (int64_t)doe - 719468;
}

static bool number(const char *s, size_t n, unsigned *out)
{
	unsigned v = 0;

	for (size_t i = 0; i < n; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		v = v * 10 + (unsigned)(s[i] - '0');
	}
	*out = v;
	return true;
}

static unsigned days_in(unsigned y, unsigned m)
{
	static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;

	return days[m - 1] + (m == 2 && leap ? 1u : 0u);
}

enum nrm_err nrm_time_parse(const char *text, uint64_t *ret_ms)
{
	unsigned y, mo, d, h, mi, s, ms = 0;
	size_t len = strlen(text);

	if (len != 20 && len != 24)
		return NRM_ERR_FORMAT;
	if (text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' ||
	    text[16] != ':' || text[len - 1] != 'Z')
		return NRM_ERR_FORMAT;
	if (!number(text, 4, &y) || !number(text + 5, 2, &mo) || !number(text + 8, 2, &d) ||
	    !number(text + 11, 2, &h) || !number(text + 14, 2, &mi) || !number(text + 17, 2, &s))
		return NRM_ERR_FORMAT;
	if (len == 24 && (text[19] != '.' || !number(text + 20, 3, &ms)))
		return NRM_ERR_FORMAT;
	if (y < 1970 || mo < 1 || mo > 12 || d < 1 || d > days_in(y, mo) || h > 23 || mi > 59 ||
	    s > 59)
		return NRM_ERR_FORMAT;
	int64_t seconds = days_from_civil(y, mo, d) * 86400 + h * 3600 + mi * 60 + s;
	*ret_ms = (uint64_t)seconds * 1000 + ms;
	return NRM_OK;
}

void nrm_time_format(uint64_t ms, char out[static NRM_TIME_TEXT_LEN + 1])
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm;

	if (!gmtime_r(&seconds, &tm) || tm.tm_year + 1900 > 9999 ||
	    strftime(out, NRM_TIME_TEXT_LEN + 1, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		snprintf(out, NRM_TIME_TEXT_LEN + 1, "(no time)");
}

static uint64_t clock_ms(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

uint64_t nrm_time_now_ms(void)
{
	return clock_ms(CLOCK_REALTIME);
}

uint64_t nrm_time_monotonic_ms(void)
{
	return clock_ms(CLOCK_MONOTONIC);
}
