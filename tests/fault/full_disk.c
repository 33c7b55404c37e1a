/*
 * The broker's data folder is on a file system of a few MiB, which fills: new work is refused with STORAGE_FULL,
 * acknowledgements are still taken, a broker that is killed then starts again, and when there is room the service resumes.
 * Nothing that had a receipt is lost, and the trail verifies. Needs the right to mount a tmpfs; without it nothing is tested, and
 * said so.
 */
#include <errno.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "proto/base/time.h"
#include "tests/live/ledger.h"
#include "tests/live/must.h"
#include "tests/live/traffic.h"

#define SMALL	    "size=24m,mode=0700"
#define LARGE	    "size=128m,mode=0700"
#define MOST_FRAMES 1000u
#define ROUND_MS    60000u
#define BACK_MS	    30000u
#define TURN_MS	    20

struct scene {
	const char *dir;
	struct process broker;
	struct country country;
	struct traffic traffic;
	int passed, failed;
};

static char books[PATH_MAX]; /* to be unmounted however we end */

static void expect(struct scene *s, bool good, const char *what)
{
	printf("%s%s\n", what, good ? "" : ": FAILED");
	s->passed += good;
	s->failed += !good;
}

/* One more frame; whether all of it was taken. */
static bool more(struct traffic *t)
{
	const size_t goal = t->answered + TRAFFIC_BATCH, refused = t->refused;

	if (t->n >= MOST_FRAMES * TRAFFIC_BATCH)
		die("the file system does not fill");
	traffic_refer(t, 0, 0);
	if (!traffic_until(t, &t->answered, goal, ROUND_MS))
		die("of %u referrals %zu had an answer", TRAFFIC_BATCH,
		    t->answered + TRAFFIC_BATCH - goal);
	return t->refused == refused;
}

static bool refused_for_room_only(const struct traffic *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->fate[i].receipts == 0 && t->fate[i].refused != NRM_REFUSAL_STORAGE_FULL)
			return false;
	return true;
}

/* Whether the trail verifies and has a decision and an acknowledgement of every referral that had a receipt. */
static bool trail_has_all(struct scene *s)
{
	struct ledger ledger;
	size_t settled = 0;

	ledger_init(&ledger);
	const char *fault = ledger_read_trail(&ledger, s->dir);
	for (size_t i = 0; i < ledger.cap; i++)
		settled += ledger.entry[i].used && ledger.entry[i].decided == 1 &&
			   ledger.entry[i].acknowledged == 1;
	ledger_done(&ledger);
	return !fault && settled == s->traffic.decided;
}

/* Senders that were away when an acknowledgement came do not hear of it unasked, so the trail is what counts. */
static bool settles(struct scene *s)
{
	const uint64_t until = nrm_time_monotonic_ms() + ROUND_MS;

	while (!trail_has_all(s)) {
		if (nrm_time_monotonic_ms() > until)
			return false;
		peers_turn(s->traffic.peers, TURN_MS);
	}
	return true;
}

/* The shelter takes nothing until the disk is full, and all that had a receipt afterwards. */
static void fill_and_drain(struct scene *s)
{
	struct traffic *t = &s->traffic;

	t->deaf[0] = true;
	while (more(t))
		;
	printf("%zu referrals had a receipt when there was no more room\n", t->decided);
	expect(s, refused_for_room_only(t), "new work is refused with STORAGE_FULL");

	process_end(&s->broker, SIGKILL);
	expect(s, peers_wait(t->peers, 0, BACK_MS), "the broker is killed");
	broker_start(&s->broker, s->dir, NULL);
	t->deaf[0] = false;
	expect(s, peers_wait(t->peers, 2, BACK_MS), "it starts again on the full disk");
	expect(s, settles(s), "all that had a receipt is acknowledged, and in the trail");
}

static bool resumes(struct scene *s)
{
	const uint64_t until = nrm_time_monotonic_ms() + BACK_MS;
	bool taken;

	while (!(taken = more(&s->traffic)) && nrm_time_monotonic_ms() < until)
		;
	return taken && settles(s);
}

static void unmount(void)
{
	umount2(books, MNT_DETACH);
}

static bool mount_books(const char *dir)
{
	snprintf(books, sizeof(books), "%s/books", dir);
	if (mkdir(books, 0700) != 0)
		die("%s: %s", books, strerror(errno));
	if (mount("tmpfs", books, "tmpfs", MS_NOSUID | MS_NODEV, SMALL) != 0)
		return false;
	atexit(unmount);
	return true;
}

int main(int argc, char **argv)
{
	char endpoint[COUNTRY_ENDPOINT];
	const struct country_options options = {
		.police = 1, .shelters = 1, .endpoint = endpoint, .more = "reserve_mib: 4\n"};
	static struct scene s;

	if (argc != 2)
		die("usage: full_disk FOLDER, which must not exist");
	must(nrm_crypto_init(), "crypto");
	s.dir = argv[1];
	country_endpoint(endpoint);
	country_make(s.dir, &options);
	if (!mount_books(s.dir)) {
		printf("skipped: no small file system can be mounted here: %s\n0 passed, 0 "
		       "failed\n",
		       strerror(errno));
		return 0;
	}
	country_load(&s.country, s.dir);
	broker_start(&s.broker, s.dir, NULL);
	traffic_open(&s.traffic, &s.country, 1, 1, MOST_FRAMES * TRAFFIC_BATCH);
	fill_and_drain(&s);
	expect(&s, mount("tmpfs", books, "tmpfs", MS_REMOUNT | MS_NOSUID | MS_NODEV, LARGE) == 0,
	       "there is room");
	expect(&s, resumes(&s), "the service resumes");
	traffic_close(&s.traffic);
	process_end(&s.broker, SIGTERM);
	country_done(&s.country);
	printf("%d passed, %d failed\n", s.passed, s.failed);
	return s.failed > 0;
}
